"""The clock's work: solved requests close, silent ones count as solved, agents are warned of due times."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.staff import support_agents
from support import mails
from support.actions.states import Status, note_event, turn
from support.models import RequestEvent, SupportRequest
from support.queries import SOON

BATCH = 200


def close_old(*, now: datetime | None = None) -> int:
    """Closes what has been solved for a week; what waited two weeks for its requester counts as solved.

    Answers how many. Repeated it does nothing.
    """
    now = now or timezone.now()
    silent = now - timedelta(days=SupportRequest.WAITS_DAYS)
    solved = now - timedelta(days=SupportRequest.CLOSES_AFTER_DAYS)
    return _move(Status.SOLVED, Status.CLOSED, solved, now) + _move(Status.WAITING, Status.SOLVED, silent, now)


def _move(old: str, new: str, before: datetime, now: datetime) -> int:
    moved = 0
    while True:
        with transaction.atomic():
            rows = SupportRequest.objects.select_for_update(of=("self",)).filter(status=old, since__lt=before)
            found = list(rows.order_by("since", "pk")[:BATCH])
            for request in found:
                turn(request, new, now=now)
                if new == Status.SOLVED:
                    mails.solved(request.pk)
        moved += len(found)
        if len(found) < BATCH:
            return moved


def warn_due(*, now: datetime | None = None) -> int:
    """Warns an hour before a due time, once, and tells once that it has passed: who looks after the request, else all.

    Answers how many requests.
    """
    now = now or timezone.now()
    everybody = list(support_agents().values_list("pk", flat=True))
    ours = SupportRequest.objects.select_for_update(of=("self",)).filter(needs_us=True)
    late = ours.filter(due_at__lte=now).exclude(alarmed_for=F("due_at"), alarmed_for__isnull=False)
    soon = ours.filter(due_at__gt=now, due_at__lte=now + SOON).filter(
        Q(warned_for__isnull=True) | ~Q(warned_for=F("due_at"))
    )
    with transaction.atomic():
        told = _tell(list(late.order_by("due_at", "pk")[:BATCH]), everybody, now, is_late=True)
        return told + _tell(list(soon.order_by("due_at", "pk")[:BATCH]), everybody, now, is_late=False)


def _tell(found: list[SupportRequest], everybody: list[int], now: datetime, *, is_late: bool) -> int:
    for request in found:
        name = "alarmed_for" if is_late else "warned_for"
        setattr(request, name, request.due_at)
        request.save(update_fields=[name])
        mails.tell_due(request, [request.assignee_id] if request.assignee_id else everybody, is_late=is_late)
        kind = RequestEvent.Kind.LATE if is_late else RequestEvent.Kind.WARNED
        note_event(request, kind, now=now)
    return len(found)
