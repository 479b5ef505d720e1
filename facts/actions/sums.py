"""Facts and their sums, written together: what happened, and how often it happened in that hour and on that day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum

from accounts.models import Account
from core.bulk import add_rows, db_time, insert_rows
from facts.buckets import bucket_of
from facts.models import DaySum, Fact, HourSum, Kind

FACT_COLUMNS = (
    ("account_id", "bigint"),
    ("at", "timestamptz"),
    ("day", "date"),
    ("hour", "smallint"),
    ("kind", "text"),
    ("name", "text"),
    ("bucket", "smallint"),
    ("chat_ref", "bigint"),
    ("operator_ref", "bigint"),
    ("group_ref", "bigint"),
    ("count", "integer"),
    ("total", "bigint"),
)
HOUR_KEYS = (
    ("account_id", "bigint"),
    ("kind", "text"),
    ("day", "date"),
    ("hour", "smallint"),
    ("operator_ref", "bigint"),
    ("group_ref", "bigint"),
    ("name", "text"),
)
DAY_KEYS = (
    ("account_id", "bigint"),
    ("day", "date"),
    ("kind", "text"),
    ("operator_ref", "bigint"),
    ("group_ref", "bigint"),
    ("name", "text"),
    ("bucket", "smallint"),
)
SUMS = (("count", "integer"), ("total", "bigint"))
MEDIANS = {Kind.ACCEPTED, Kind.FIRST_REPLY}  # times whose median is shown
NO_BUCKET = -1


@dataclass(frozen=True, slots=True)
class NewFact:
    """One thing that happened; `total` as Kind says, zeros for nobody, no group, no chat."""

    kind: str
    at: datetime
    chat_ref: int = 0
    operator_ref: int = 0
    group_ref: int = 0
    name: str = ""
    count: int = 1
    total: int = 0


def record(*, account: Account, facts: Sequence[NewFact]) -> None:
    """Writes facts of one account and adds them to its sums, in the caller's transaction: three statements (G21)."""
    zone = account.zone
    record_many(facts=[(account.pk, zone, fact) for fact in facts])


@transaction.atomic(savepoint=False)
def record_many(*, facts: Iterable[tuple[int, ZoneInfo, NewFact]]) -> None:
    """The same for any number of accounts, each with its key and time zone. Nothing to write: no statement."""
    rows, hours, days = [], dict[tuple[Any, ...], list[int]](), dict[tuple[Any, ...], list[int]]()
    for account_pk, zone, fact in facts:
        local = fact.at.astimezone(zone)
        kind, day, hour = str(fact.kind), local.date().isoformat(), local.hour
        bucket = bucket_of(abs(fact.total)) if fact.kind in MEDIANS and fact.count else NO_BUCKET
        who = (fact.operator_ref, fact.group_ref)
        rows.append(
            (account_pk, db_time(fact.at), day, hour, kind, fact.name, bucket, fact.chat_ref, *who, fact.count,
             fact.total)
        )  # fmt: skip
        _add(hours, (account_pk, kind, day, hour, *who, fact.name), fact.count, fact.total)
        _add(days, (account_pk, day, kind, *who, fact.name, NO_BUCKET), fact.count, fact.total)
        if bucket != NO_BUCKET:
            _add(days, (account_pk, day, kind, 0, fact.group_ref, fact.name, bucket), fact.count, 0)
    if rows:
        insert_rows(Fact._meta.db_table, FACT_COLUMNS, rows)
        add_rows(HourSum._meta.db_table, HOUR_KEYS, SUMS, _sorted(hours))
        add_rows(DaySum._meta.db_table, DAY_KEYS, SUMS, _sorted(days))


def _add(sums: dict[tuple[Any, ...], list[int]], key: tuple[Any, ...], count: int, total: int) -> None:
    known = sums.setdefault(key, [0, 0])
    known[0] += count
    known[1] += total


def _sorted(sums: Mapping[tuple[Any, ...], list[int]]) -> list[tuple[Any, ...]]:
    return [(*key, *sums[key]) for key in sorted(sums)]


@transaction.atomic(savepoint=False)
def take_back(*, account: Account, chat_ref: int, kinds: Sequence[str]) -> int:
    """Takes back what was recorded of a chat in these kinds: afterwards it adds up to nothing. Answers how many.

    For what is undone: a chat that is opened again, a rating that is changed.
    """
    keys = ("kind", "name", "operator_ref", "group_ref", "at")
    rows = Fact.of(account).filter(chat_ref=chat_ref, kind__in=kinds).order_by().values(*keys)
    standing = [row for row in rows.annotate(times=Sum("count"), whole=Sum("total")) if row["times"] or row["whole"]]
    record(
        account=account,
        facts=[
            NewFact(chat_ref=chat_ref, count=-row["times"], total=-row["whole"], **{key: row[key] for key in keys})
            for row in standing
        ],
    )
    return len(standing)


@transaction.atomic(savepoint=False)
def settle(
    *, account: Account, chat_ref: int, at: datetime, operator_ref: int, group_ref: int,
    totals: Mapping[str, tuple[int, int]],
) -> None:  # fmt: skip
    """Records what a chat's counters have gained since they were last settled, for who has the chat now.

    `totals` is kind -> (count, total) as the chat's row holds them, over its whole life.
    """
    known = Fact.of(account).filter(chat_ref=chat_ref, kind__in=list(totals))
    sums = known.order_by().values("kind").annotate(times=Sum("count"), whole=Sum("total"))
    before = {row["kind"]: (row["times"], row["whole"]) for row in sums}
    gained = []
    for kind, (count, total) in totals.items():
        times, whole = before.get(kind, (0, 0))
        if count != times or total != whole:
            gained.append(
                NewFact(
                    kind=kind, at=at, chat_ref=chat_ref, operator_ref=operator_ref, group_ref=group_ref,
                    count=count - times, total=total - whole,
                )
            )  # fmt: skip
    record(account=account, facts=gained)
