"""Whose turn it is, the clock that counts in opening hours, and the events of a request."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core.errors import not_found
from core.redaction import mask_secrets
from support.deadlines import add_open_time, open_time_between
from support.models import DeskHours, RequestEvent, RequestMessage, SupportRequest
from support.queries import find_desk_hours, hours_of

PRIVACY_TIME = timedelta(days=30)  # the law's time for personal data; it does not pause
Status = SupportRequest.Status
TURN = [
    "status", "needs_us", "since", "due_at", "first_due_at", "resolve_due_at", "resolve_left", "answered_at",
    "solved_at", "closed_at", "priority", "warned_for", "alarmed_for",
]  # fmt: skip


def clean(text: str) -> str:
    """What is stored of a text that somebody wrote: without card numbers and keys (P15), and without NUL."""
    return mask_secrets(text.replace("\x00", "").replace("\r\n", "\n").strip())


def lock(pk: int) -> SupportRequest:
    """The request for a change, following a merge. Raises Refused `not_found`."""
    for _step in range(5):
        found = SupportRequest.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if found is None:
            break
        if found.merged_into_id is None:
            return found
        pk = found.merged_into_id
    raise not_found()


def note_event(request: SupportRequest, kind: str, *, by: Any = None, value: str = "", now: datetime) -> None:
    """Adds a line to what happened."""
    RequestEvent.objects.create(
        request=request, kind=kind, user=by if by is None or by.is_authenticated else None, value=value[:80], at=now
    )


def start_clock(request: SupportRequest, now: datetime) -> None:
    """Sets the due times of a new request (not saved)."""
    desk = find_desk_hours()
    hours, (first, resolve) = hours_of(desk), desk.target(request.priority)
    request.first_due_at = add_open_time(hours, now, timedelta(minutes=first))
    request.resolve_due_at = (
        now + PRIVACY_TIME
        if request.kind == SupportRequest.Kind.PRIVACY
        else add_open_time(hours, now, timedelta(minutes=resolve))
    )
    request.due_at = request.first_due_at


def turn(request: SupportRequest, status: str, *, by: Any = None, now: datetime | None = None) -> bool:
    """Brings a locked request into a status and stops or starts its clock; answers whether anything changed."""
    now = now or timezone.now()
    if request.status == status:
        if request.needs_us:
            _next_due(request)
            request.save(update_fields=TURN)
        return False
    was_ours, request.status = request.needs_us, status
    request.needs_us = status in SupportRequest.OURS
    request.since = now
    if was_ours and not request.needs_us:
        _stop_clock(request, now)
    if request.needs_us and not was_ours:
        _go_on(request, now)
    if request.is_over:
        request.solved_at = request.solved_at or now
    else:
        request.solved_at = None
    request.closed_at = now if status == Status.CLOSED else None
    _next_due(request)
    request.save(update_fields=TURN)
    note_event(request, RequestEvent.Kind.STATUS, by=by, value=status, now=now)
    return True


def _stop_clock(request: SupportRequest, now: datetime) -> None:
    if request.resolve_due_at is not None:
        left = open_time_between(hours_of(find_desk_hours()), now, request.resolve_due_at)
        request.resolve_left, request.resolve_due_at = int(left.total_seconds()), None


def _go_on(request: SupportRequest, now: datetime) -> None:
    if request.kind == SupportRequest.Kind.PRIVACY:
        request.resolve_due_at = request.created_at + PRIVACY_TIME
    else:
        left = timedelta(seconds=request.resolve_left or 0)
        request.resolve_due_at = add_open_time(hours_of(find_desk_hours()), now, left)
    request.resolve_left = None


def _next_due(request: SupportRequest) -> None:
    if not request.needs_us:
        request.due_at = None
    elif request.answered_at is None and request.first_due_at is not None:
        request.due_at = request.first_due_at
    else:
        request.due_at = request.resolve_due_at


def set_priority(request: SupportRequest, priority: str, *, by: Any, now: datetime) -> bool:
    """Gives a locked request another priority; its clock gets what the new target has more or less."""
    if request.priority == priority:
        return False
    desk = find_desk_hours()
    hours = hours_of(desk)
    (_old_first, old), (first, new) = desk.target(request.priority), desk.target(priority)
    request.priority = priority
    if request.answered_at is None:
        request.first_due_at = add_open_time(hours, request.created_at, timedelta(minutes=first))
    if request.kind != SupportRequest.Kind.PRIVACY:
        _give_more(request, desk, timedelta(minutes=new - old), now)
    _next_due(request)
    request.save(update_fields=TURN)
    note_event(request, RequestEvent.Kind.PRIORITY, by=by, value=priority, now=now)
    return True


def _give_more(request: SupportRequest, desk: DeskHours, more: timedelta, now: datetime) -> None:
    if request.resolve_due_at is not None:
        hours = hours_of(desk)
        left = open_time_between(hours, now, request.resolve_due_at) + more
        request.resolve_due_at = add_open_time(hours, now, max(left, timedelta()))
    elif request.resolve_left is not None:
        request.resolve_left = max(0, request.resolve_left + int(more.total_seconds()))


def add_message(request: SupportRequest, *, author: str, text: str, **fields: Any) -> RequestMessage:
    """Stores a message of a locked request under its next number."""
    request.last_message += 1
    request.save(update_fields=["last_message"])
    return RequestMessage.objects.create(
        request=request, number=request.last_message, author=author, text=clean(text), **fields
    )
