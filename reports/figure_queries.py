"""Reads of the reports page: all its figures in two statements, whatever the period (G9)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from accounts.models import Account
from chat.models import ChatTag, Tag
from facts.buckets import LAST
from facts.models import DaySum, Fact, Goal, HourSum, Kind
from operators.hours import make_hours
from operators.models import Group, OpeningHours, Operator, StatusChange
from operators.queries import HoursBook

MONEY = (Kind.SALE, Kind.REFUND)
NO_BUCKET = -1
CLASSES = range(LAST + 1)  # named one by one, so that the index leads to the days of each


@dataclass(frozen=True)
class Wanted:
    """What a report is about: local days of the account, both ends within, and whom; None: everybody, every chat."""

    first: date
    last: date
    group: int | None = None
    operator: int | None = None
    tag: int | None = None

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def chat_kind(self) -> str:
        """What counts as a chat: begun; for one operator those that they took."""
        return str(Kind.ACCEPTED if self.operator is not None else Kind.STARTED)

    @property
    def before(self) -> date:
        """The first day of the period of the same length before it."""
        return self.first - timedelta(days=self.length)

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range(self.length)]


Pair = tuple[int, int]  # count, total


@dataclass
class Sums:
    """The sums of a period: by day, by hour (chats), by operator, by group; classes of times; and the period before."""

    by_day: dict[tuple[date, str, str], Pair] = field(default_factory=dict)
    before: dict[tuple[str, str], Pair] = field(default_factory=dict)
    by_hour: dict[int, int] = field(default_factory=dict)
    by_operator: dict[tuple[int, str], Pair] = field(default_factory=dict)
    by_group: dict[tuple[int, str], Pair] = field(default_factory=dict)
    buckets: dict[tuple[date, str], dict[int, int]] = field(default_factory=dict)
    buckets_before: dict[str, dict[int, int]] = field(default_factory=dict)


@dataclass
class Names:
    """What stands behind the numbers of an account: names by key."""

    operators: dict[int, str] = field(default_factory=dict)
    groups: dict[int, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    goals: dict[int, str] = field(default_factory=dict)


@dataclass
class Background:
    """What a report needs beside its sums: names, (operator, state, since when), and the opening hours."""

    names: Names = field(default_factory=Names)
    states: list[tuple[int, str, datetime]] = field(default_factory=list)
    hours: HoursBook = field(default_factory=lambda: HoursBook({}))


def read_sums(account: Account, wanted: Wanted) -> Sums:
    """Every figure of the facts, in one statement."""
    days, hours, timed = _sources(account, wanted)
    inside = Q(day__gte=wanted.first, day__lte=wanted.last)
    earlier = Q(day__gte=wanted.before, day__lt=wanted.first)
    parts = [
        _part("day", days.filter(inside), F("day"), Value(0), F("name")),
        _part("before", days.filter(earlier), _no_day(), Value(0), F("name")),
        _part("hour", hours.filter(inside, kind=wanted.chat_kind), _no_day(), F("hour"), _no_name()),
        _part("who", days.filter(inside).exclude(operator_ref=0, group_ref=0), _no_day(), F("operator_ref"), _group()),
        _part("bucket", timed.filter(inside, bucket__in=CLASSES), F("day"), F("bucket"), _no_name()),
        _part("bucket before", timed.filter(earlier, bucket__in=CLASSES), _no_day(), F("bucket"), _no_name()),
    ]
    sums = Sums()
    for part, day, ref, kind, name, count, total in parts[0].union(*parts[1:], all=True):
        match part:
            case "day":
                sums.by_day[day, kind, name] = (count, total)
            case "before":
                sums.before[kind, name] = (count, total)
            case "hour":
                sums.by_hour[ref] = count
            case "who":
                for found, key in ((sums.by_operator, ref), (sums.by_group, int(name))):
                    if key:
                        had = found.get((key, kind), (0, 0))
                        found[key, kind] = (had[0] + count, had[1] + total)
            case "bucket":
                sums.buckets.setdefault((day, kind), {})[ref] = count
            case _:
                sums.buckets_before.setdefault(kind, {})[ref] = count
    return sums


def _sources(account: Account, wanted: Wanted) -> tuple[QuerySet[Any], QuerySet[Any], QuerySet[Any]]:
    """The sums; with a tag the facts of the chats that have it and are still kept."""
    who = Q()
    if wanted.group is not None:
        who &= Q(group_ref=wanted.group)
    if wanted.operator is not None:
        who &= Q(operator_ref=wanted.operator)
    if wanted.tag is not None:
        tagged = ChatTag.of(account).filter(tag_id=wanted.tag).values("chat_id")
        facts = Fact.of(account).filter(who, chat_ref__in=tagged)
        return facts, facts, facts
    days = DaySum.of(account)
    return days.filter(who, bucket=NO_BUCKET), HourSum.of(account).filter(who), days.filter(who)


def _group() -> Any:
    """The group's number where the other branches have a name."""
    return Cast(F("group_ref"), CharField())


def _no_day() -> Any:
    return Cast(Value(None), DateField())


def _no_name() -> Any:
    return Value("")


def _part(part: str, rows: QuerySet[Any], day: Any, ref: Any, name: Any) -> QuerySet[Any]:
    """One branch of the statement: (part, day, ref, kind, name, count, total)."""
    keyed = rows.order_by().annotate(
        part_=Value(part, CharField()), day_=day, ref_=Cast(ref, BigIntegerField()), name_=Cast(name, CharField())
    )
    grouped = keyed.values_list("part_", "day_", "ref_", "kind", "name_")
    return grouped.annotate(times=Coalesce(Sum("count"), 0), whole=Cast(Coalesce(Sum("total"), 0), BigIntegerField()))


def read_background(account: Account, start: datetime, end: datetime) -> Background:
    """Names, states of operators in [start, end) and opening hours, in one statement.

    Of each operator the state in which they entered the period comes first.
    """
    branches = [
        _named("operators", Operator, account, "display_name"),
        _named("groups", Group, account, "name"),
        _named("tags", Tag, account, "name"),
        _named("goals", Goal, account, "name"),
        _states(account, start, end),
        _hours(account, "week"),
        _hours(account, "holidays"),
    ]
    rows: Iterable[tuple[str, int, str, datetime | None]] = branches[0].union(*branches[1:], all=True)
    found, hours = Background(), dict[int, dict[str, Any]]()
    for part, key, text, at in sorted(rows, key=lambda row: row[2].casefold()):
        if part == "state" and at is not None:
            found.states.append((key, text, at))
        elif part in ("week", "holidays"):
            hours.setdefault(key, {})[part] = json.loads(text)
        else:
            getattr(found.names, part)[key] = text
    found.states.sort(key=lambda row: (row[0], row[2]))
    found.hours = HoursBook(
        {key or None: make_hours(account.time_zone, row["week"], row["holidays"]) for key, row in hours.items()}
    )
    return found


def _row(part: str, rows: QuerySet[Any], key: Any, text: Any, at: Any) -> QuerySet[Any]:
    """One branch of the statement: (part, key, text, at)."""
    chosen = rows.order_by().annotate(
        part_=Value(part, CharField()), key_=Cast(key, BigIntegerField()), text_=Cast(text, TextField()), at_=at
    )
    return chosen.values_list("part_", "key_", "text_", "at_")


def _named(part: str, model: Any, account: Account, name: str) -> QuerySet[Any]:
    return _row(part, model.of(account), F("pk"), F(name), Cast(Value(None), DateTimeField()))


def _hours(account: Account, part: str) -> QuerySet[Any]:
    switched_on = OpeningHours.of(account).filter(is_on=True)
    return _row(part, switched_on, Coalesce(F("group_id"), 0), F(part), Cast(Value(None), DateTimeField()))


def _states(account: Account, start: datetime, end: datetime) -> QuerySet[Any]:
    changes = StatusChange.of(account).order_by()
    entered = changes.filter(operator=OuterRef("operator"), at__lt=start).order_by("-at", "-pk").values("pk")[:1]
    seen = changes.filter(Q(at__gte=start, at__lt=end) | Q(pk=Subquery(entered)))
    return _row("state", seen, F("operator_id"), F("status"), F("at"))
