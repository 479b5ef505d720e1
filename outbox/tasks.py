"""Tasks of the outbox: Celery only wakes the work, the truth is in the rows."""

from celery import shared_task

from outbox import actions


@shared_task(name="outbox.tasks.deliver", ignore_result=True)
def deliver() -> int:
    """Delivers what is due now. Run twice or at once, each row still goes to one worker."""
    done, more = actions.deliver_all()
    if more:
        actions.wake()
    return done


@shared_task(name="outbox.tasks.poll", ignore_result=True)
def poll() -> int:
    """The same work as `deliver`, asked for by the clock."""
    return actions.deliver_all()[0]
