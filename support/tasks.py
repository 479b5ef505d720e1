"""Planned work of requests; harmless when repeated."""

from celery import shared_task

from support.actions import clock, search_index


@shared_task(name="support.tasks.close_old", ignore_result=True)
def close_old() -> int:
    """Once an hour: solved requests close after a week; what waited two weeks for its requester counts as solved."""
    return clock.close_old()


@shared_task(name="support.tasks.warn_due", ignore_result=True)
def warn_due() -> int:
    """Every fifth minute: agents are warned of due times that are near, and told of those that passed."""
    return clock.warn_due()


@shared_task(name="support.tasks.compact_search_index", ignore_result=True)
def compact_search_index() -> int:
    """Once a night, after retention: the letters of deleted words leave the pages of the search index."""
    return search_index.compact_index()
