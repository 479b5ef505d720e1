"""Due times: minutes of open time, counted from one moment to another (operators/hours.py knows when it is open)."""

from datetime import UTC, datetime, timedelta

from operators.hours import Hours, list_spans

STEP_DAYS = 30
LOOK_AHEAD = 400  # days; a desk that never opens counts every hour


def add_open_time(hours: Hours, at: datetime, length: timedelta) -> datetime:
    """The moment at which so much open time has passed since `at`. Where it never opens, plain time is counted."""
    left, start = length, at.astimezone(UTC)
    for _step in range(LOOK_AHEAD // STEP_DAYS):
        end = start + timedelta(days=STEP_DAYS)
        for span in list_spans(hours, start, STEP_DAYS):
            stop = min(span.end, end)
            if stop <= span.start:
                continue
            if stop - span.start >= left:
                return span.start + left
            left -= stop - span.start
        start = end
    return at + length


def open_time_between(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """How much open time lies between two moments; nothing when `end` is not later."""
    if end <= start:
        return timedelta()
    days = min((end - start).days + 1, LOOK_AHEAD)
    total = timedelta()
    for span in list_spans(hours, start.astimezone(UTC), days):
        if span.start < end:
            total += min(span.end, end) - span.start
    return total
