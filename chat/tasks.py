"""Planned work of chat: chats that nobody ended, and those whose operator left. Harmless when repeated."""

from celery import shared_task

from chat.actions import chats, files, mailing, search_index
from chat.actions.queue import wake_restless
from chat.actions.returning import return_left_chats as send_back


@shared_task(name="chat.tasks.close_silent_chats", ignore_result=True)
def close_silent_chats() -> int:
    """Once a day, before retention: closes chats in which nothing was said for a week."""
    return chats.close_silent_chats()


@shared_task(name="chat.tasks.look_after_queues", ignore_result=True)
def look_after_queues() -> int:
    """Every half minute: says to the web processes which queues to look after; they know it by their own clocks too."""
    return wake_restless()


@shared_task(name="chat.tasks.return_left_chats", ignore_result=True)
def return_left_chats() -> int:
    """Every third minute: chats of operators who left go back to the queue; the signal is faster and may be lost."""
    return send_back()


@shared_task(name="chat.tasks.forget_held_files", ignore_result=True)
def forget_held_files() -> int:
    """Every ten minutes: deletes files that were taken and never sent with a message within an hour."""
    return files.forget_held_files()


@shared_task(name="chat.tasks.sweep_files", ignore_result=True)
def sweep_files() -> int:
    """Once an hour: removes files that no row names, left by a process that died."""
    return files.sweep_files()


@shared_task(name="chat.tasks.plan_missed_answers", ignore_result=True)
def plan_missed_answers() -> int:
    """Every tenth minute: answers to visitors who left that no web process could plan, as it ended just then."""
    return mailing.plan_missed_answers()


@shared_task(name="chat.tasks.compact_search_index", ignore_result=True)
def compact_search_index() -> int:
    """Once a night, after retention: the letters of deleted words leave the pages of the search index."""
    return search_index.compact_index()
