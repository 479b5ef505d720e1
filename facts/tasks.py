"""Planned work of facts: the sums are compared with a recount, and counted anew where the clock was changed."""

from celery import shared_task

from facts import actions


@shared_task(name="facts.tasks.check_a_day", ignore_result=True)
def check_a_day() -> int:
    """Once a day: compares a recent day of some accounts with a recount and puts right what differs."""
    return actions.check_a_day()


@shared_task(name="facts.tasks.recount_account", ignore_result=True)
def recount_account(account_id: int) -> int:
    """An account changed its time zone: the days and hours of its facts and their sums are made anew."""
    return actions.recount_account(account_pk=account_id)
