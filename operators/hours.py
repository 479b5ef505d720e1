"""Opening hours: when a week of local times and holidays is open, over midnight and both changes of the clock."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SPANS = 6  # a day
MOST_HOLIDAYS = 100
LOOK_AHEAD = 400  # days in which the next opening is looked for
MIDNIGHT = 24 * 60

_SPAN = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:-|–|—|to|until)\s*(\d{1,2})(?:[:.h](\d{2}))?")


@dataclass(frozen=True)
class Hours:
    """A week as stored ({"mon": [["09:00", "17:00"]]}) and the days on which nobody is there, in one time zone.

    A span whose end is not after its beginning ends on the next day; "24:00" is the midnight at a day's end.
    """

    zone: tzinfo
    week: Mapping[str, Sequence[Sequence[str]]]
    holidays: frozenset[date] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Span:
    """One stretch of open time, in UTC; `end` is the first moment that is closed."""

    start: datetime
    end: datetime


def make_hours(zone: str, week: Mapping[str, Any], holidays: Iterable[Mapping[str, str]]) -> Hours:
    """The hours of a stored row: `holidays` are [{"date": "2026-12-25", "name": "Christmas"}]."""
    return Hours(ZoneInfo(zone), week, frozenset(date.fromisoformat(one["date"]) for one in holidays))


def minutes_of(text: str) -> int:
    """Minutes since midnight of "09:30"; 1440 of "24:00"."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def say_minutes(minutes: int) -> str:
    """ "09:30" of 570."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_spans(text: str) -> list[list[str]]:
    """Spans as people write them: "9-12, 13:00 to 17:30"; empty for a closed day.

    Raises ValueError with the part that cannot be read, or with "" when there are too many or two overlap.
    """
    spans = []
    for part in re.split(r"[,;\n]+", text.strip().lower()):
        if not part.strip():
            continue
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise ValueError(part.strip()[:40])
        start, end = (int(match[one]) * 60 + int(match[one + 1] or 0) for one in (1, 3))
        if start >= MIDNIGHT or end > MIDNIGHT or any(int(match[one] or 0) > 59 for one in (2, 4)) or start == end:
            raise ValueError(part.strip()[:40])
        spans.append((start, end))
    spans.sort()
    ends = [end if end > start else end + MIDNIGHT for start, end in spans]
    if len(spans) > MOST_SPANS or any(end > start for end, (start, _) in zip(ends, spans[1:], strict=False)):
        raise ValueError("")
    return [[say_minutes(start), say_minutes(end)] for start, end in spans]


def say_spans(spans: Sequence[Sequence[str]]) -> str:
    """ "09:00-12:00, 13:00-17:00", as the page's field shows a day."""
    return ", ".join(f"{start}-{end}" for start, end in spans)


# ---- moments ------------------------------------------------------------------------------------------
def is_open_at(hours: Hours, at: datetime) -> bool:
    """Whether the hours are open at a moment."""
    return find_span(hours, at) is not None


def find_span(hours: Hours, at: datetime) -> Span | None:
    """The stretch of open time around a moment; spans that touch are one stretch, up to a week to each side."""
    day = at.astimezone(hours.zone).date()
    for span in _joined(_spans(hours, day - timedelta(days=8), 16)):
        if span.start <= at < span.end:
            return span
    return None


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """When it opens next; None while it is open, and where it does not open within 400 days."""
    if is_open_at(hours, at):
        return None
    day = at.astimezone(hours.zone).date()
    for span in _spans(hours, day - timedelta(days=1), LOOK_AHEAD):
        if span.start > at:
            return span.start
    return None


def list_spans(hours: Hours, at: datetime, days: int) -> list[Span]:
    """The stretches of open time from a moment on, over so many days, in order and apart from each other."""
    first = at.astimezone(hours.zone).date() - timedelta(days=1)
    spans = _joined(sorted(_spans(hours, first, days + 2), key=lambda span: span.start))
    return [Span(max(span.start, at), span.end) for span in spans if span.end > at]


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The same stretches, with those that touch or overlap put together."""
    last: Span | None = None
    for span in spans:
        if last is not None and span.start <= last.end:
            last = Span(last.start, max(last.end, span.end))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _spans(hours: Hours, first: date, days: int) -> Iterator[Span]:
    """The stretches that begin on these days, in order; a holiday has none, and what runs into one ends at midnight."""
    for number in range(days):
        day = first + timedelta(days=number)
        if day in hours.holidays:
            continue
        following = day + timedelta(days=1)
        for start, end in sorted(list(span) for span in hours.week.get(DAYS[day.weekday()], ())):
            begins, ends = minutes_of(start), minutes_of(end)
            if ends <= begins:
                ends = MIDNIGHT if following in hours.holidays else ends + MIDNIGHT
            span = Span(_moment(day, begins, hours.zone, last=False), _moment(day, ends, hours.zone, last=True))
            if span.start < span.end:  # an hour that the clock jumps over is no time at all
                yield span


def _moment(day: date, minutes: int, zone: tzinfo, *, last: bool) -> datetime:
    """The moment at which a clock on the wall shows this time.

    A time that exists twice is its first moment, with `last` its second; one that the clock jumps over is the moment
    of the jump.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return late if last else early
    while early - late > timedelta(minutes=1):  # a gap: `late` is before the jump, `early` after it
        middle = late + (early - late) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            late = middle
        else:
            early = middle
    return early.replace(second=0, microsecond=0)
