"""Reads of the queue: who waits at which place and how long that usually takes, who could take a chat, what is due."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.roles import can
from chat.models import LONGEST_FIRST, Chat, ChatSettings, Message, live_in
from chat.queries import find_position
from chat.queue.routing import Hand, Room, Waiting
from chat.realtime.attendance import GONE_SECONDS, is_here
from operators.hours import Span, find_span, next_opening
from operators.models import Group, Operator
from operators.queries import HoursBook, list_group_places

WAITS = 20  # of the newest accepted chats: their median is the usual wait
WAIT_DAYS = 7
FEWEST_WAITS = 3
WAIT_SECONDS = 60  # the usual wait is worked out at most so often
AT_ONCE = 200  # chats that one pass gives out
ALERT_PAUSE = timedelta(minutes=10)  # between two mails to the owners, while those of the first still wait


# ---- places ---------------------------------------------------------------------------------------------
def waiting_live(account: Account) -> "QuerySet[Chat]":
    """Chats that wait for an operator now, longest first; those that are answered by e-mail are not among them."""
    waiting: QuerySet[Chat] = Chat.of(account).filter(live_in(Chat.State.WAITING), by_mail=False)
    return waiting.order_by(*LONGEST_FIRST)


@dataclass(frozen=True)
class Place:
    """A waiting visitor's place in the queue of the chat's group, from 1."""

    visitor_pk: int
    chat: str
    position: int


def list_places(account: Account) -> list[Place]:
    """Who waits live at which place, in one statement."""
    places, seen = [], defaultdict[int | None, int](int)
    for visitor_pk, chat, group in waiting_live(account).values_list("visitor_id", "public_id", "group_id"):
        seen[group] += 1
        places.append(Place(visitor_pk, str(chat), seen[group]))
    return places


def find_place(chat: Chat) -> tuple[int | None, int | None]:
    """A chat's place in the queue and the usual wait in seconds; nothing of a chat that does not wait live."""
    if chat.state != Chat.State.WAITING or chat.by_mail:
        return None, None
    return find_position(chat), estimate_wait(chat.account)


def estimate_wait(account: Account) -> int | None:
    """The usual wait in seconds: the median of the newest 20 accepted chats of a week; None of fewer than three (S22).

    Worked out at most once a minute.
    """
    key = f"chat.wait:{account.pk}"
    known: int | None = cache.get(key)
    if known is None:
        since = timezone.now() - timedelta(days=WAIT_DAYS)
        newest = Chat.of(account).order_by("-pk").values_list("started_at", "accepted_at", "by_mail")[: 3 * WAITS]
        waits = [
            (accepted - started).total_seconds()
            for started, accepted, by_mail in newest
            if accepted is not None and not by_mail and started > since
        ][:WAITS]
        known = round(median(waits)) if len(waits) >= FEWEST_WAITS else -1
        cache.set(key, known, WAIT_SECONDS)
    return known if known >= 0 else None


def is_full(account: Account, settings: ChatSettings, group: Group | None) -> bool:
    """Whether more wait than the account, or the group, allows; read after the newest chat was put in."""
    limit = group.queue_limit if group is not None else 0
    if not settings.queue_limit and not limit:
        return False
    own = Count("pk", filter=Q(group=group)) if group is not None else Count("pk")
    found = waiting_live(account).order_by().aggregate(all=Count("pk"), own=own)
    over_all = bool(settings.queue_limit) and found["all"] > settings.queue_limit
    return over_all or (bool(limit) and found["own"] > limit)


# ---- who takes them -------------------------------------------------------------------------------------
def may_accept(operator: Operator, membership: Membership | None, chat: Chat) -> bool:
    """Whether an operator may take a chat: without a group anybody, of a group its members, and leaders always."""
    if chat.group_id is None or (membership is not None and can(membership, "chats.supervise")):
        return True
    return operator.groups.filter(pk=chat.group_id).exists()


def list_acceptable(operator: Operator, membership: Membership | None) -> "QuerySet[Chat]":
    """The chats that wait live and that an operator may take, longest first."""
    waiting = waiting_live(operator.account)
    if membership is not None and can(membership, "chats.supervise"):
        return waiting
    return waiting.filter(Q(group=None) | Q(group__in=operator.groups.all()))


def list_hands(account: Account, now: datetime) -> list[Hand]:
    """Operators who accept chats and are here: a console is open, or was within the last minute."""
    places = list_group_places(account)
    rows = Operator.of(account).filter(status=Operator.Status.ACCEPTING, membership__user__is_active=True)
    seen_since = now - timedelta(seconds=GONE_SECONDS)
    return [
        Hand(row.pk, row.open_chats, row.chat_limit, row.given_at, frozenset(places.get(row.pk, ())))
        for row in rows.order_by("pk")
        if is_here(row.pk) or (row.seen_at is not None and row.seen_at > seen_since)
    ]


def list_to_give(account: Account, settings: ChatSettings, chats: Iterable[Chat]) -> list[Waiting]:
    """What routing must know of these chats: who knows the visitor, and who had the chat already."""
    rows = list(chats)
    had = defaultdict[int, set[int]](set)
    events = Message.objects.filter(chat__in=rows, event__in=("joined", "passed_on"), operator__isnull=False)
    for chat_pk, operator_pk in events.values_list("chat_id", "operator_id"):
        had[chat_pk].add(operator_pk)
    known: dict[int, int] = {}
    if settings.prefer_known:
        visitors = [row.visitor_id for row in rows]
        before = Chat.of(account).filter(visitor__in=visitors, state=Chat.State.CLOSED, operator__isnull=False)
        known = dict(before.order_by("pk").values_list("visitor_id", "operator_id"))  # the newest stands last
    return [Waiting(row.pk, row.group_id, known.get(row.visitor_id), frozenset(had[row.pk])) for row in rows]


def find_rooms(account: Account) -> dict[int, Room]:
    """How many more chats each group with a limit may have open."""
    groups = list(Group.of(account).filter(chat_limit__gt=0).values_list("pk", "chat_limit"))
    if not groups:
        return {}
    open_now = Chat.of(account).filter(live_in(Chat.State.OPEN), group__in=[pk for pk, _ in groups])
    counts = dict(open_now.values_list("group").annotate(Count("pk")).order_by())
    return {pk: Room(limit - counts.get(pk, 0)) for pk, limit in groups}


# ---- what is due ----------------------------------------------------------------------------------------
def unanswered(chats: "QuerySet[Chat]") -> "QuerySet[Chat]":
    """Of open chats those whose operator has written nothing since they got it."""
    written = Message.objects.filter(
        chat=OuterRef("pk"), author=Message.Author.OPERATOR, created_at__gte=OuterRef("accepted_at")
    )
    return chats.filter(~Exists(written), state=Chat.State.OPEN)


def list_overdue(account: Account, now: datetime) -> list[int]:
    """Chats that were given out and whose time for the first answer is over."""
    due = Chat.of(account).filter(answer_due_at__lte=now, state=Chat.State.OPEN)
    return list(due.order_by("answer_due_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


class Openings:
    """The opening hours of an account and its groups as they stand at one moment, each worked out once."""

    def __init__(self, book: HoursBook, now: datetime) -> None:
        self.book, self.now = book, now
        self._spans: dict[int | None, Span | None] = {}
        self._nexts: dict[int | None, datetime | None] = {}

    def is_open(self, group: int | None) -> bool:
        """Whether the hours are open now; without hours always."""
        return self.book.of(group) is None or self.span(group) is not None

    def span(self, group: int | None) -> Span | None:
        """The stretch of open time around now."""
        if group not in self._spans:
            hours = self.book.of(group)
            self._spans[group] = find_span(hours, self.now) if hours is not None else None
        return self._spans[group]

    def opens_at(self, group: int | None) -> datetime | None:
        """When the hours open next; None while they are open."""
        if group not in self._nexts:
            hours = self.book.of(group)
            self._nexts[group] = next_opening(hours, self.now) if hours is not None else None
        return self._nexts[group]


def quiet_until(told: Iterable[datetime | None]) -> datetime | None:
    """Until when owners get no further mail: they were told of visitors who still wait; None: nobody was told."""
    last = max((at for at in told if at is not None), default=None)
    return last + ALERT_PAUSE if last is not None else None


def alert_due(chat: Chat, settings: ChatSettings, openings: Openings) -> datetime | None:
    """When the owners hear that nobody took a waiting chat; only time within the opening hours counts, None: never."""
    if not settings.alert_seconds or chat.alerted_at is not None:
        return None
    pause = timedelta(seconds=settings.alert_seconds)
    if openings.is_open(chat.group_id):
        span = openings.span(chat.group_id)
        return (max(chat.queued_at, span.start) if span is not None else chat.queued_at) + pause
    opens = openings.opens_at(chat.group_id)
    return opens + pause if opens is not None else None


def next_due(account: Account, settings: ChatSettings, waiting: Sequence[Chat], openings: Openings) -> datetime | None:
    """The next moment at which the queue of an account has to be looked after; None: only when something happens."""
    quiet = quiet_until(chat.alerted_at for chat in waiting)
    late = [due for chat in waiting if (due := alert_due(chat, settings, openings)) is not None]
    moments: list[datetime | None] = [max(due, quiet) if quiet is not None else due for due in late]
    if settings.routing != ChatSettings.Routing.BY_HAND:
        moments += [openings.opens_at(group) for group in {chat.group_id for chat in waiting}]
    given = Chat.of(account).filter(answer_due_at__isnull=False, state=Chat.State.OPEN)
    moments.append(given.order_by("answer_due_at").values_list("answer_due_at", flat=True).first())
    return min((moment for moment in moments if moment is not None), default=None)


def list_restless() -> list[int]:
    """Accounts in which something may be overdue, in one statement: for the clock's fallback."""
    now = timezone.now()
    every = Chat.objects.with_scopes_disabled().exclude(state=Chat.State.CLOSED)
    late = Q(answer_due_at__lte=now) | Q(state=Chat.State.WAITING, by_mail=False)
    return list(every.filter(late).order_by("account_id").values_list("account_id", flat=True).distinct())
