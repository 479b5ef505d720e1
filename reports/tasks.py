"""Tasks of reports: Celery only wakes the work; who is due is a query."""

from celery import shared_task

from reports import actions


@shared_task(name="reports.tasks.plan_summaries", ignore_result=True)
def plan_summaries() -> int:
    """Plans the summaries that are due now; run twice or at once, it plans each one once."""
    return actions.plan_summaries()
