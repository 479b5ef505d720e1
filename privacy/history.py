"""The history of the checks: how each stood in each of the last twelve months, and day by day."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from core.promises import Outcome, Probe, registry
from policies.coverage import list_promises
from policies.models import ProbeDay
from policies.queries import list_probe_days

MONTHS = 12
WORST = [Outcome.KEPT.value, Outcome.LATE.value, Outcome.BROKEN.value]


@dataclass(frozen=True)
class Month:
    """One month of a check: days on which it was kept, days that were seen at all, the worst result."""

    first: datetime.date
    kept: int
    seen: int
    worst: str


@dataclass(frozen=True)
class Past:
    """One check with its months, oldest first; `text` is the first sentence that it keeps."""

    probe: Probe
    text: str
    months: tuple[Month, ...]


@dataclass(frozen=True)
class Bar:
    """One day in the drawing: where it stands, and how the check stood ("none": nobody looked)."""

    x: int
    day: datetime.date
    result: str


def list_months(today: datetime.date) -> list[datetime.date]:
    """The first days of the last twelve months, this one last."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.insert(0, (months[0] - datetime.timedelta(days=1)).replace(day=1))
    return months


def read_history(today: datetime.date) -> list[Past]:
    """Every check that a sentence in force names, in the order of the texts."""
    months = list_months(today)
    by_key: dict[str, list[ProbeDay]] = {}
    for day in list_probe_days(months[0]):
        by_key.setdefault(day.key, []).append(day)
    return [
        Past(registry.find(key), text, tuple(_month(first, by_key.get(key, ())) for first in months))
        for key, text in checks_in_force().items()
    ]


def checks_in_force() -> dict[str, str]:
    """The key of each check that the policy or the terms in force name, and the first sentence that it keeps."""
    found: dict[str, str] = {}
    for sentence in list_promises():
        found.setdefault(sentence.probe, sentence.text)
    return found


def draw_days(days: Iterable[ProbeDay], today: datetime.date) -> list[Bar]:
    """The last 365 days as bars of one unit, oldest first."""
    results = {day.day: day.result for day in days}
    first = today - datetime.timedelta(days=364)
    dates = [first + datetime.timedelta(days=number) for number in range(365)]
    return [Bar(place * 2, date, results.get(date, "none")) for place, date in enumerate(dates)]


def _month(first: datetime.date, days: Iterable[ProbeDay]) -> Month:
    results = [day.result for day in days if (day.day.year, day.day.month) == (first.year, first.month)]
    worst = max(results, key=WORST.index) if results else "none"
    return Month(first, results.count(Outcome.KEPT.value), len(results), worst)
