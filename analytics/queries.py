"""Reads of analytics: sums of days, with small counts left out (P10)."""

import datetime
from dataclasses import dataclass

from django.db.models import Sum
from django.utils import timezone

from analytics.models import MeasureDay, PageDay

FEWEST = 5  # what fewer did is not shown
DAYS = 30


@dataclass(frozen=True)
class PageSum:
    """How often a page was read; None where fewer than 5 readers did."""

    page: str
    views: int | None
    readers: int | None


@dataclass(frozen=True)
class MeasureSum:
    """One measure of the app; None where it happened fewer than 5 times. `mean` is of its values."""

    measure: str
    name: str
    times: int | None
    mean: int | None


def since(days: int = DAYS) -> datetime.date:
    """The first of the days that are summed up."""
    return timezone.now().date() - datetime.timedelta(days=days)


def list_pages(days: int = DAYS) -> list[PageSum]:
    """Every page with its readers of these days, the most read first; those that too few read come last, by name."""
    days_of_pages = PageDay.objects.filter(day__gte=since(days))
    rows = days_of_pages.values("page").annotate(seen=Sum("views"), by=Sum("readers"))
    sums = [
        PageSum(row["page"], row["seen"], row["by"]) if row["by"] >= FEWEST else PageSum(row["page"], None, None)
        for row in rows
    ]
    return sorted(sums, key=lambda one: (-(one.readers or 0), one.page))


def list_measures(days: int = DAYS) -> list[MeasureSum]:
    """Every measure of the app in these days."""
    rows = MeasureDay.objects.filter(day__gte=since(days)).values("measure", "name").annotate(
        n=Sum("times"), all=Sum("total")
    )  # fmt: skip
    labels = dict(MeasureDay.Measure.choices)
    return [
        MeasureSum(str(labels[row["measure"]]), row["name"], row["n"], round(row["all"] / row["n"]))
        if row["n"] >= FEWEST
        else MeasureSum(str(labels[row["measure"]]), row["name"], None, None)
        for row in rows.order_by("measure", "name")
    ]
