"""Requests in words, for pages: whose turn it is, since when, what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries import public_name
from support.models import RequestEvent, SupportRequest
from support.queries import SOON

Status = SupportRequest.Status
BADGES = {Status.NEW: "", Status.OPEN: "", Status.WAITING: "badge-accent", Status.SOLVED: "badge-ok", Status.CLOSED: ""}


def say_status(request: SupportRequest) -> str:
    """The status as the requester reads it."""
    return {
        Status.NEW: _("Received"),
        Status.OPEN: _("We are on it"),
        Status.WAITING: _("We replied, your turn"),
        Status.SOLVED: _("Solved"),
        Status.CLOSED: _("Closed"),
    }[Status(request.status)]


def badge_of(request: SupportRequest) -> str:
    """The class of its badge."""
    return BADGES[Status(request.status)]


def say_length(length: timedelta) -> str:
    """ "3 h 20 min", "12 min", "2 days"."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 24 * 60:
        return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    days = minutes // (24 * 60)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@dataclass(frozen=True)
class Step:
    """One line of the progress: `state` is "ok", "now" or ""."""

    label: str
    state: str
    at: datetime | None = None
    note: str = ""


def list_steps(request: SupportRequest, events: list[RequestEvent]) -> list[Step]:
    """Received, picked up, whose turn, and when it closes by itself."""
    steps = [Step(_("Received"), "ok", request.created_at)]
    taken = next((one for one in events if one.kind == RequestEvent.Kind.ASSIGNED and one.value), None)
    if taken is not None and request.assignee is not None:
        label = _("Picked up by %(name)s") % {"name": public_name(request.assignee)}
        steps.append(Step(label, "ok", taken.at))
    if request.needs_us:
        return [*steps, Step(_("We write back"), "now")]
    if request.status == Status.WAITING:
        ends = request.since + timedelta(days=SupportRequest.WAITS_DAYS)
        waits = Step(_("Waiting for you"), "now", request.since)
        return [*steps, waits, Step(_("Closes by itself"), "", ends, _("unless you reply"))]
    steps.append(Step(_("Solved"), "ok" if request.status == Status.CLOSED else "now", request.solved_at))
    if request.status == Status.SOLVED:
        ends = request.since + timedelta(days=SupportRequest.CLOSES_AFTER_DAYS)
        return [*steps, Step(_("Closes by itself"), "", ends, _("unless you reply"))]
    return [*steps, Step(_("Closed"), "ok", request.closed_at)]


def say_event(event: RequestEvent, people: dict[int, str]) -> str:
    """A line of what happened, for agents; `people`: names by key."""
    kind = RequestEvent.Kind(event.kind)
    if kind is RequestEvent.Kind.ASSIGNED:
        name = people.get(int(event.value), _("an agent")) if event.value.isdecimal() else ""
        return _("Assigned to %(name)s") % {"name": name} if name else _("Assigned to nobody")
    if kind is RequestEvent.Kind.STATUS:
        return _("Status: %(value)s") % {"value": Status(event.value).label}
    if kind is RequestEvent.Kind.PRIORITY:
        return _("Priority: %(value)s") % {"value": SupportRequest.Priority(event.value).label}
    if kind is RequestEvent.Kind.TAGGED:
        taken = event.value.startswith("-")
        return (_("Tag taken off: %(tag)s") if taken else _("Tag: %(tag)s")) % {"tag": event.value[1:]}
    if kind is RequestEvent.Kind.MERGED:
        return _("Merged with %(number)s") % {"number": event.value}
    if kind is RequestEvent.Kind.RATED:
        return _("Rated: %(value)s") % {"value": SupportRequest.Rating(event.value).label}
    return str(kind.label)


@dataclass(frozen=True)
class Row:
    """A line of the desk's table."""

    request: SupportRequest
    who: str
    with_name: str
    waits: str
    is_late: bool
    is_soon: bool
    due: str
    tags: list[str]


def row_of(request: SupportRequest, now: datetime | None = None) -> Row:
    """A request as the desk's table shows it."""
    now = now or timezone.now()
    due = request.due_at
    is_late = due is not None and due <= now
    is_soon = due is not None and not is_late and due <= now + SOON
    words = "" if due is None else say_length(abs(due - now))
    return Row(
        request, request.full_name or request.email, public_name(request.assignee) if request.assignee else "",
        say_length(now - request.since), is_late, is_soon,
        (_("%(length)s late") if is_late else _("due in %(length)s")) % {"length": words} if words else "",
        sorted(tag.name for tag in request.tags.all()),
    )  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """The thirty days of a request about personal data."""

    request: SupportRequest
    who: str
    day: int
    left: int


def clock_of(request: SupportRequest, now: datetime | None = None) -> Clock:
    """Day n of 30, counted from the first message."""
    days = ((now or timezone.now()) - request.created_at).days
    return Clock(request, request.full_name or request.email, min(days, 30), max(0, 30 - days))


def hue_key(request: SupportRequest) -> Any:
    """What the avatar's colour is made of."""
    return request.user_id or request.email
