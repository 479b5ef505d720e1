"""Planned work of operators."""

from celery import shared_task

from operators import actions


@shared_task(ignore_result=True)
def expire_invitations() -> int:
    """Once an hour: marks invitations whose seven days are over; again is harmless."""
    return actions.expire_invitations()


@shared_task(ignore_result=True)
def forget_imports() -> int:
    """Every ten minutes: deletes lists whose hour is over; again is harmless."""
    return actions.forget_imports()
