"""Local days as stretches of UTC: 23, 24 or 25 hours long, without a hole and without an overlap (SAFETY 2.2)."""

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

LATEST = timedelta(hours=24)  # a summary that is this late is not sent any more


@dataclass(frozen=True)
class Period:
    """[start, end) in UTC of one local day."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class DueDay:
    """The day that a time zone's accounts get a summary of now.

    `switched_before`: only who had switched the summary on before that moment gets it; None: whoever has it on. The
    day before yesterday is sent until 07:00 where it was missed, and not to somebody who switched on after midnight.
    """

    day: date
    due_at: datetime
    switched_before: datetime | None


def period_of(day: date, zone: zoneinfo.ZoneInfo) -> Period:
    """From local midnight to the next local midnight.

    Where the clock jumps over midnight the day begins with the jump; where midnight comes twice, with the first.
    """
    return Period(_local(day, time.min, zone), _local(day + timedelta(days=1), time.min, zone))


def due_at(day: date, zone: zoneinfo.ZoneInfo) -> datetime:
    """When the summary of a local day goes out: at settings.SUMMARY_HOUR of the next local day."""
    return _local(day + timedelta(days=1), time(settings.SUMMARY_HOUR), zone)


def find_due_day(now: datetime, zone: zoneinfo.ZoneInfo) -> DueDay | None:
    """The newest local day whose summary is due and not yet too late; None for an hour on a 25-hour day."""
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today - timedelta(days=2)):
        moment = due_at(day, zone)
        if moment <= now:
            if now - moment >= LATEST:
                return None
            midnight = period_of(day + timedelta(days=1), zone).end
            return DueDay(day, moment, midnight if midnight <= now else None)
    return None


def list_due_days(now: datetime, zones: Iterable[str]) -> dict[str, DueDay]:
    """The due day of each time zone that has one, by the zone's name."""
    found = {}
    for name in zones:
        due = find_due_day(now, zone_named(name))
        if due is not None:
            found[name] = due
    return found


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name; UTC where this machine does not know it any more."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def _local(day: date, at: time, zone: zoneinfo.ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
