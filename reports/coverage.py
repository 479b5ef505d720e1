"""When somebody was there to answer: states of operators as hours, and hours of a week in which chats were accepted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from operators.hours import DAYS, Hours, minutes_of
from operators.models import Operator
from reports.periods import period_of

ACCEPTING, OFFLINE = str(Operator.Status.ACCEPTING), str(Operator.Status.OFFLINE)
HOUR = timedelta(hours=1)


@dataclass
class Coverage:
    """Seconds of each state per operator, and the hours of the week: opened, and how many of them were covered."""

    seconds: dict[int, dict[str, float]] = field(default_factory=dict)
    opened: dict[tuple[int, int], int] = field(default_factory=dict)  # (weekday, hour) -> hours of the period
    covered: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def hours(self) -> int:
        """How many opening hours the period had."""
        return sum(self.opened.values())

    @property
    def hours_covered(self) -> int:
        """In how many of them somebody accepted chats."""
        return sum(self.covered.values())

    @property
    def span(self) -> range:
        """The hours of the day that are shown."""
        hours = [hour for _, hour in self.opened]
        return range(min(hours), max(hours) + 1) if hours else range(0)

    @property
    def busy_span(self) -> range:
        """From the first to the last hour of the day in which somebody accepted chats; all of them when nobody did."""
        hours = [hour for _, hour in self.covered]
        return range(min(hours), max(hours) + 1) if hours else self.span


def cover(
    states: Iterable[tuple[int, str, datetime]],
    days: Sequence[date],
    zone: ZoneInfo,
    *,
    hours: Hours | None,
    now: datetime,
    only: int | None = None,
) -> Coverage:
    """What states (in order of operator and time) say of these local days, up to now.

    `hours` are the opening hours; None: every hour counts. An hour is covered when somebody accepted chats for half of
    it. `only` an operator: the others do not count.
    """
    start, end = period_of(days[0], zone).start, min(period_of(days[-1], zone).end, now)
    found, stretches = Coverage(), []
    for operator, state, since, until in _stretches(states, start, end):
        if only is not None and operator != only:
            continue
        of_one = found.seconds.setdefault(operator, {})
        of_one[state] = of_one.get(state, 0.0) + (until - since).total_seconds()
        if state == ACCEPTING:
            stretches.append((since, until))
    _fill_week(found, _joined(stretches), days, zone, hours, end)
    return found


def _stretches(
    states: Iterable[tuple[int, str, datetime]], start: datetime, end: datetime
) -> Iterable[tuple[int, str, datetime, datetime]]:
    """Each state with its beginning and end within the period; offline is no stretch."""
    rows = list(states)
    for place, (operator, state, at) in enumerate(rows):
        following = rows[place + 1] if place + 1 < len(rows) and rows[place + 1][0] == operator else None
        since, until = max(at, start), min(following[2] if following else end, end)
        if state != OFFLINE and since < until:
            yield operator, state, since, until


def _joined(stretches: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for since, until in sorted(stretches):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return joined


def _fill_week(
    found: Coverage,
    stretches: list[tuple[datetime, datetime]],
    days: Sequence[date],
    zone: ZoneInfo,
    hours: Hours | None,
    end: datetime,
) -> None:
    place = 0
    for day in days:
        whole = period_of(day, zone)
        at = whole.start
        while at < min(whole.end, end):  # 23 to 25 hours of the clock
            cell = (day.weekday(), at.astimezone(zone).hour)
            if _is_opening_hour(hours, day, cell[1]):
                found.opened[cell] = found.opened.get(cell, 0) + 1
                while place < len(stretches) and stretches[place][1] <= at:
                    place += 1
                if _seconds_within(stretches, place, at, at + HOUR) >= HOUR.total_seconds() / 2:
                    found.covered[cell] = found.covered.get(cell, 0) + 1
            at += HOUR


def _seconds_within(stretches: list[tuple[datetime, datetime]], place: int, start: datetime, end: datetime) -> float:
    seconds = 0.0
    for since, until in stretches[place:]:
        if since >= end:
            break
        seconds += max(0.0, (min(until, end) - max(since, start)).total_seconds())
    return seconds


def _is_opening_hour(hours: Hours | None, day: date, hour: int) -> bool:
    """Whether at least half of an hour of the clock lies within the opening hours."""
    if hours is None:
        return True
    minutes = 0
    for shift in (0, 1):  # a span of the day before may go past midnight
        on = day - timedelta(days=shift)
        if on in hours.holidays:
            continue
        for start, end in _spans(hours.week, on):
            begin, finish = hour * 60 + shift * 1440, hour * 60 + 60 + shift * 1440
            minutes += max(0, min(end, finish) - max(start, begin))
    return minutes >= 30


def _spans(week: Mapping[str, Sequence[Sequence[str]]], day: date) -> Iterable[tuple[int, int]]:
    for start, end in week.get(DAYS[day.weekday()], ()):
        first, last = minutes_of(start), minutes_of(end)
        yield first, last if last > first else last + 1440
