"""The sums counted anew from the facts, day by day, and compared with what stands there (G21)."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from accounts.models import Account
from accounts.scoping import account_scope
from facts.actions.sums import NO_BUCKET
from facts.models import DaySum, Fact, HourSum

log = structlog.get_logger(__name__)

HOUR = ("kind", "day", "hour", "operator_ref", "group_ref", "name")
DAY = ("day", "kind", "operator_ref", "group_ref", "name", "bucket")
CHECKED = 50  # accounts of one day's check
RECENT_DAYS = 30
Sums = dict[tuple[Any, ...], tuple[int, int]]


def recount(*, account: Account, check: bool = False) -> int:
    """Counts every day of an account anew and puts right what differs; answers how many sums differed.

    With `check` nothing is written. A day is one transaction, in which no other fact is written.
    """
    span = Fact.of(account).aggregate(first=Min("day"), last=Max("day"))
    sums = HourSum.of(account).aggregate(first=Min("day"), last=Max("day"))
    known = [day for day in (*span.values(), *sums.values()) if day is not None]
    if not known:
        return 0
    return sum(_recount_day(account, day, check) for day in _days(min(known), max(known)))


def recount_account(*, account_pk: int) -> int:
    """Sets the days and hours of an account's facts by its clock of today, then counts anew."""
    account = Account.objects.filter(pk=account_pk).first()
    if account is None:
        return 0
    moved = _set_clock(account)
    return recount(account=account) if moved else 0


def check_a_day(*, days_back: int | None = None) -> int:
    """Compares one recent day of up to 50 accounts with a recount; answers how many sums differed and were put right.

    The day is drawn, so that in a month each has been looked at.
    """
    back = days_back if days_back is not None else random.randint(1, RECENT_DAYS)  # noqa: S311  no secret
    accounts = list(Account.objects.filter(erase_at=None).order_by("?")[:CHECKED])
    differed = 0
    for account in accounts:
        day = timezone.now().astimezone(account.zone).date() - timedelta(days=back)
        if _is_off_clock(account, day):
            differed += recount_account(account_pk=account.pk)
        differed += _recount_day(account, day, check=False)
    if differed:
        log.warning("facts.sums_differed", sums=differed)
    return differed


def _days(first: date, last: date) -> Iterable[date]:
    for back in range((last - first).days + 1):
        yield first + timedelta(days=back)


@transaction.atomic
def _recount_day(account: Account, day: date, check: bool) -> int:
    """One day: whoever writes a fact meanwhile waits (SQLite: the transaction itself is that lock)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE facts_fact IN SHARE MODE")
    facts = Fact.of(account).filter(day=day).order_by()
    hours = _fetch(facts, HOUR)
    days = {(*key[:5], NO_BUCKET): sums for key, sums in _fetch(facts, DAY[:5]).items()}
    with_median = facts.exclude(bucket=NO_BUCKET).values("day", "kind", "group_ref", "name", "bucket")
    for row in with_median.annotate(times=Sum("count")):
        days[row["day"], row["kind"], 0, row["group_ref"], row["name"], row["bucket"]] = (row["times"], 0)
    return _replace(HourSum, account, day, HOUR, hours, check) + _replace(DaySum, account, day, DAY, days, check)


def _fetch(rows: Any, keys: tuple[str, ...]) -> Sums:
    found = rows.values_list(*keys).annotate(times=Sum("count"), whole=Sum("total"))
    return {row[: len(keys)]: (row[-2], row[-1]) for row in found}


def _replace(model: Any, account: Account, day: date, keys: tuple[str, ...], wanted: Sums, check: bool) -> int:
    """Compares the sums of a day with `wanted` and writes those that differ; a sum of nothing need not stand there."""
    there = {
        row[:-2]: (row[-2], row[-1]) for row in model.of(account).filter(day=day).values_list(*keys, "count", "total")
    }
    wrong = [key for key in {*there, *wanted} if there.get(key, (0, 0)) != wanted.get(key, (0, 0))]
    if wrong and not check:
        with account_scope(account):
            for key in wrong:
                at = dict(zip(keys, key, strict=True))
                model.objects.filter(**at).delete()
                if key in wanted:
                    count, total = wanted[key]
                    model.objects.create(account=account, **at, count=count, total=total)
    return len(wrong)


def _set_clock(account: Account) -> int:
    """Gives each fact the day and hour of the account's clock; answers how many were moved."""
    zone, moved, last = account.zone, 0, 0
    while True:
        with transaction.atomic():
            rows = list(Fact.of(account).filter(pk__gt=last).order_by("pk").only("at", "day", "hour")[:2000])
            places: dict[tuple[date, int], list[int]] = {}
            for row in rows:
                local = row.at.astimezone(zone)
                if (local.date(), local.hour) != (row.day, row.hour):
                    places.setdefault((local.date(), local.hour), []).append(row.pk)
            for (day, hour), keys in places.items():
                moved += Fact.of(account).filter(pk__in=keys).update(day=day, hour=hour)
        if len(rows) < 2000:
            return moved
        last = rows[-1].pk


def _is_off_clock(account: Account, day: date) -> bool:
    """Whether a fact of that day does not lie in it by the account's clock: the zone was changed."""
    row = Fact.of(account).filter(Q(day=day)).only("at", "hour").order_by("pk").first()
    return row is not None and (row.at.astimezone(account.zone).date(), row.at.astimezone(account.zone).hour) != (
        day,
        row.hour,
    )
