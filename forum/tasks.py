"""Tasks of the forum; the beat asks for them, and they are harmless when repeated."""

from celery import shared_task

from forum.actions import search_index


@shared_task(name="forum.tasks.compact_search_index", ignore_result=True)
def compact_search_index() -> int:
    """Once a night, after retention: the letters of deleted words leave the pages of the search index."""
    return search_index.compact_index()
