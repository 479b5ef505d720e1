"""Tasks of privacy: probes, retention, copies, cases, erasures. The beat asks for them; all are harmless when repeated.

The first two walk over every model; in the worker they do so in a process of their own: its memory stays shared.
"""

from celery import shared_task

from core.apart import run_apart
from policies.proving import prove
from privacy.actions import copies
from privacy.actions.cases import watch_clock
from privacy.actions.children import watch_reports
from privacy.actions.complaints import escalate_late
from privacy.actions.erasing import run_due_erasures
from privacy.actions.retention import apply_retention as retain
from privacy.actions.reviewing import remind_reviews


@shared_task(name="privacy.tasks.run_probes")
def run_probes() -> None:
    """Runs every probe and keeps the results (P1)."""
    run_apart(prove)


@shared_task(name="privacy.tasks.apply_retention")
def apply_retention() -> None:
    """Deletes and empties what is over."""
    run_apart(retain)


@shared_task(name="privacy.tasks.forget_copies", ignore_result=True)
def forget_copies() -> int:
    """Once an hour: deletes copies of people's data whose day is over."""
    return copies.forget_copies()


@shared_task(name="privacy.tasks.watch_cases", ignore_result=True)
def watch_cases() -> int:
    """Once an hour: reminders before a case is due, the alarm after it, second looks, complaints, children."""
    return watch_clock() + remind_reviews() + escalate_late() + watch_reports()


@shared_task(name="privacy.tasks.run_erasures")
def run_erasures() -> None:
    """Goes on with every confirmed erasure, those that were killed too."""
    run_due_erasures()
    watch_reports()
