"""Planned work of accounts: the trial's reminders, sign-ups that nobody confirmed, removals that must be finished."""

from celery import shared_task

from accounts import actions


@shared_task(ignore_result=True)
def send_trial_reminders() -> int:
    """Once an hour: queues the mails 7 days and 1 day before a trial ends; again is harmless."""
    return actions.send_trial_reminders()


@shared_task(ignore_result=True)
def remove_unverified_accounts() -> int:
    """Once a day: removes sign-ups whose address was not confirmed within 7 days."""
    return actions.remove_unverified_accounts()


@shared_task(ignore_result=True)
def finish_photo_removals() -> None:
    """Twice a minute: removes files of photos whose removal was cut off by a crash; mostly an empty folder."""
    actions.finish_removals()


@shared_task(ignore_result=True)
def erase_what_is_due() -> None:
    """Once a day: erases who left and what was closed 30 days ago, and files of photos that belong to nobody."""
    actions.erase_what_is_due()
    actions.sweep_photos()


@shared_task(ignore_result=True)
def tell_of_versions() -> None:
    """Every five minutes: the notices of a material version of policy or terms; mostly one question (S104)."""
    actions.tell_of_versions()
