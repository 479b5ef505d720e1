"""Reads of requests: by whom they may be read, the lists of requesters and agents, and what the desk works with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from core.errors import not_found
from core.search import read_query
from core.secret_links import hash_secret
from operators.hours import Hours, make_hours
from support.models import (
    DeskHours,
    RequestEvent,
    RequestFile,
    RequestMessage,
    RequestTag,
    SavedReply,
    SupportRequest,
)
from support.search import has_words

PAGE = 30
COUNTED = 99  # a number on a tab is exact up to this
SOON = timedelta(hours=1)  # of plain time before a due time: agents are warned
CURSOR_SALT = "support.cursor"
Status = SupportRequest.Status


def known_paths(names: list[str]) -> set[str]:
    """Which of these files belong to requests (chat/files/store.py sweeps the others)."""
    return set(RequestFile.objects.filter(path__in=names).values_list("path", flat=True))


# ---- whose request it is ------------------------------------------------------------------------------------
def find_by_secret(secret: str) -> SupportRequest:
    """The request of a guest's secret link. Raises Refused `not_found`, the same for every wrong one."""
    found = SupportRequest.objects.filter(secret_hash=hash_secret(secret)).first()
    if found is None:
        raise not_found()
    return found


def find_request_of(user: Any, opened: Sequence[str], number: int) -> SupportRequest:
    """A request of the member, or one that this browser opened by its secret link (`opened`: public ids).

    Raises Refused `not_found` for another's as for a number that nobody has.
    """
    mine = Q(user_id=user.pk) if user.is_authenticated else Q(pk__in=())
    rows = SupportRequest.objects.filter(mine | Q(public_id__in=opened), number=number)
    found = rows.select_related("assignee", "merged_into").first()
    if found is None:
        raise not_found()
    return found


def find_file_of(user: Any, opened: Sequence[str], public_id: UUID) -> RequestFile:
    """A file of a message that the requester may read. Raises Refused `not_found`."""
    mine = Q(message__request__user_id=user.pk) if user.is_authenticated else Q(pk__in=())
    rows = RequestFile.objects.filter(mine | Q(message__request__public_id__in=opened), public_id=public_id)
    found = rows.exclude(message__author=RequestMessage.Author.NOTE).first()
    if found is None:
        raise not_found()
    return found


def list_requests_of(user: Any, *, before: int | None = None, limit: int = PAGE) -> list[SupportRequest]:
    """A member's requests, newest first, from below the number `before`; one more than `limit` tells of more."""
    rows = SupportRequest.objects.filter(user_id=user.pk)
    if before is not None:
        rows = rows.filter(number__lt=before)
    return list(rows.order_by("-pk")[: limit + 1])


def proved_addresses(user: Any) -> list[str]:
    """The addresses that are this member's for sure, in lower case."""
    rows = EmailAddress.objects.filter(user_id=user.pk, verified=True).values_list("email", flat=True)
    return [email.lower() for email in rows]


def list_lost(email: str, *, limit: int = 20) -> list[SupportRequest]:
    """The newest requests of guests with this address."""
    rows = SupportRequest.objects.filter(email=email.strip().lower(), user=None)
    return list(rows.order_by("-pk")[:limit])


def list_thread(request: SupportRequest, *, notes: bool) -> list[RequestMessage]:
    """The messages in order with their files and authors; `notes`: for agents only."""
    rows = RequestMessage.objects.filter(request=request)
    if not notes:
        rows = rows.exclude(author=RequestMessage.Author.NOTE)
    files = Prefetch("files", RequestFile.objects.order_by("pk"))
    return list(rows.select_related("user").prefetch_related(files).order_by("number"))


def list_events(request: SupportRequest) -> list[RequestEvent]:
    """What happened to it, in order."""
    return list(RequestEvent.objects.filter(request=request).select_related("user").order_by("pk"))


# ---- the desk -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DeskFilter:
    """What of the desk is shown. `view` is one of VIEWS; the others narrow it."""

    view: str = "open"
    text: str = ""
    priority: str = ""
    tag: str = ""
    newest_first: bool = False


VIEWS = ("open", "mine", "unassigned", "due", "waiting", "solved", "closed", "all")


@dataclass(frozen=True)
class DeskPage:
    """One page of the desk; `after` is the cursor of the next one, "" at the end."""

    rows: list[SupportRequest] = field(default_factory=list)
    after: str = ""


def _view(name: str, agent: Any, now: datetime) -> "QuerySet[SupportRequest]":
    rows = SupportRequest.objects.all()
    if name == "mine":
        return rows.filter(assignee_id=agent.pk, needs_us=True)
    if name == "unassigned":
        return rows.filter(assignee=None, needs_us=True)
    if name == "due":
        return rows.filter(needs_us=True, due_at__lt=now + SOON)
    if name in ("waiting", "solved", "closed"):
        return rows.filter(status=name)
    return rows if name == "all" else rows.filter(needs_us=True)


def list_desk(wanted: DeskFilter, agent: Any, *, after: str = "", limit: int = PAGE) -> DeskPage:
    """Requests for the desk: ours longest waiting first, others newest first. Cursors are signed; a wrong one is the
    first page (SAFETY: search and ordering).
    """
    rows = _view(wanted.view, agent, timezone.now())
    if wanted.priority:
        rows = rows.filter(priority=wanted.priority)
    if wanted.tag:
        rows = rows.filter(tags__in=RequestTag.objects.filter(name__iexact=wanted.tag).values("pk"))
    query = read_query(wanted.text)
    if query:
        rows = rows.filter(has_words(query))
    is_down = wanted.newest_first or wanted.view in ("waiting", "solved", "closed", "all")
    name, sign = ("due_at" if wanted.view == "due" else "pk" if wanted.view == "all" else "since"), "-" * is_down
    rows = _from(rows, name, is_down, after).select_related("assignee", "user").prefetch_related("tags")
    found = list(rows.order_by(f"{sign}{name}", f"{sign}pk")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return DeskPage(found[:limit], _cursor(last, name) if last else "")


def _cursor(row: SupportRequest, name: str) -> str:
    value = getattr(row, name)
    return signing.dumps([name, value.isoformat() if isinstance(value, datetime) else value, row.pk], salt=CURSOR_SALT)


def _from(rows: "QuerySet[SupportRequest]", name: str, is_down: bool, after: str) -> "QuerySet[SupportRequest]":
    try:
        of, value, pk = signing.loads(after, salt=CURSOR_SALT) if after else ("", "", 0)
    except signing.BadSignature:
        return rows
    if of != name:
        return rows
    than = "lt" if is_down else "gt"
    if name == "pk":
        return rows.filter(**{f"pk__{than}": pk})
    at = datetime.fromisoformat(value)
    return rows.filter(Q(**{f"{name}__{than}e": at}) & (Q(**{f"{name}__{than}": at}) | Q(**{f"pk__{than}": pk})))


def count_open() -> int:
    """How many requests wait for us, up to COUNTED + 1."""
    return SupportRequest.objects.filter(needs_us=True).order_by()[: COUNTED + 1].count()


def list_privacy(*, limit: int = 5) -> list[SupportRequest]:
    """Open requests about personal data, the oldest first: each has thirty days from its first message."""
    rows = SupportRequest.objects.filter(needs_us=True, kind=SupportRequest.Kind.PRIVACY)
    return list(rows.order_by("since", "pk")[:limit])


def count_desk(agent: Any) -> dict[str, int]:
    """How many stand in the first views, up to COUNTED + 1: more is not counted. One statement."""
    now = timezone.now()
    names = ("open", "mine", "unassigned", "due", "waiting")
    each = [_view(name, agent, now).order_by().values("pk")[: COUNTED + 1].query.sql_with_params() for name in names]
    columns = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) AS part)" for sql, _params in each)  # noqa: S608  Django's own
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _sql, params in each for value in params])
        return dict(zip(names, cursor.fetchone(), strict=True))


def find_request_for_agent(number: int) -> SupportRequest:
    """A request by its number; for views behind `agents_only`. Raises Refused `not_found`."""
    rows = SupportRequest.objects.select_related("assignee", "user", "merged_into").prefetch_related("tags")
    found = rows.filter(number=number).first()
    if found is None:
        raise not_found()
    return found


def list_others_of(request: SupportRequest, *, limit: int = 5) -> list[SupportRequest]:
    """Other requests of the same requester, newest first."""
    whose = Q(user_id=request.user_id) if request.user_id else Q(email=request.email, user=None)
    return list(SupportRequest.objects.filter(whose).exclude(pk=request.pk).order_by("-pk")[:limit])


def find_by_numbers(numbers: Sequence[int]) -> list[SupportRequest]:
    """The requests with these numbers, in the order of their keys."""
    return list(SupportRequest.objects.filter(number__in=numbers).order_by("pk"))


def find_file_for_agent(public_id: UUID) -> RequestFile:
    """A file of any request; for views behind `agents_only`. Raises Refused `not_found`."""
    found = RequestFile.objects.filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def list_tags() -> list[RequestTag]:
    """Every tag by name."""
    return list(RequestTag.objects.order_by("name", "pk")[: RequestTag.MOST])


def list_replies() -> list[SavedReply]:
    """Every saved reply by title."""
    return list(SavedReply.objects.order_by("title", "pk")[: SavedReply.MOST])


def find_saved_reply(pk: int) -> SavedReply:
    """A saved reply. Raises Refused `not_found`."""
    found = SavedReply.objects.filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def find_desk_hours() -> DeskHours:
    """The desk's hours and targets; those of a fresh site when nobody changed them."""
    return DeskHours.objects.order_by("pk").first() or DeskHours()


def hours_of(desk: DeskHours) -> Hours:
    """The same in moments."""
    return make_hours(desk.zone, desk.week, desk.holidays)
