"""Planned work of chat: chats that nobody ended, and those whose operator left. Harmless when repeated."""

from celery import shared_task

from chat.actions import chats
from chat.actions.returning import return_left_chats as send_back


@shared_task(name="chat.tasks.close_silent_chats", ignore_result=True)
def close_silent_chats() -> int:
    """Once a day, before retention: closes chats in which nothing was said for a week."""
    return chats.close_silent_chats()


@shared_task(name="chat.tasks.return_left_chats", ignore_result=True)
def return_left_chats() -> int:
    """Every third minute: chats of operators who left go back to the queue; the signal is faster and may be lost."""
    return send_back()
