"""The tiles and charts of the reports page, put together from its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from facts.models import Kind
from facts.money import decimals_of, say_amount
from reports import words
from reports.charts import Chart, Series, draw_bars, draw_lines, nice_time_top, spark, thin_out
from reports.coverage import Coverage
from reports.figures import (
    Delta,
    Figures,
    Money,
    compare_counts,
    compare_times,
    say_day,
    say_ms,
    say_orders,
    say_period,
    say_range,
    say_share,
)

LABELS = 15  # below the bars of a chart
LABELS_BELOW_LINES = 3


@dataclass(frozen=True)
class Tile:
    """One figure at the top, with what changed and a small line."""

    label: Any
    value: str
    delta: Delta | None
    aside: str
    line: str
    area: str


def tiles(figures: Figures) -> list[Tile]:
    """The five figures at the top."""
    days = figures.days
    good, rated = figures.rated()
    wait, wait_before = (figures.quantile(Kind.ACCEPTED, 0.5, before=one) for one in (False, True))
    left, left_before = (figures.count(Kind.ABANDONED, before=one) for one in (False, True))
    found = [
        _tile(_("Chats"), words.number(figures.chats), _per_day(figures, figures.chat_kind),
              compare_counts(figures.chats, figures.count(figures.chat_kind, before=True), more_is="", as_share=True)),
        _tile(_("Median wait"), say_ms(wait), [figures.quantile_on(day, Kind.ACCEPTED, 0.5) for day in days],
              compare_times(wait, wait_before)),
        _tile(_("Rated good"), say_share(good / rated if rated else None), [_share_good(figures, day) for day in days],
              None, _ratings(rated)),
        _tile(_("Gave up waiting"), words.number(left), _per_day(figures, Kind.ABANDONED),
              compare_counts(left, left_before, more_is="bad")),
    ]  # fmt: skip
    money = figures.money()
    if money:
        main = money[0]
        before = {row.currency: row.net for row in figures.money(before=True)}
        found.append(
            _tile(_("Sales after a chat"), main.said["whole"], [figures.money_on(day, main.currency) for day in days],
                  compare_counts(main.net, before.get(main.currency, 0), more_is="good", as_share=True))
        )  # fmt: skip
    else:
        first, before_it = (figures.quantile(Kind.FIRST_REPLY, 0.5, before=one) for one in (False, True))
        found.append(
            _tile(_("Median first reply"), say_ms(first),
                  [figures.quantile_on(day, Kind.FIRST_REPLY, 0.5) for day in days], compare_times(first, before_it))
        )  # fmt: skip
    return found


def _tile(label: Any, value: str, values: Sequence[float | None], delta: Delta | None, aside: str = "") -> Tile:
    return Tile(label, value, delta, aside, *spark(values))


def _ratings(count: int) -> str:
    return ngettext("of %(count)s rating", "of %(count)s ratings", count) % {"count": words.number(count)}


def _per_day(figures: Figures, kind: str) -> list[float | None]:
    return [figures.on(day, kind)[0] for day in figures.days]


def _share_good(figures: Figures, day: date) -> float | None:
    good, bad = figures.on(day, Kind.RATED_GOOD)[0], figures.on(day, Kind.RATED_BAD)[0]
    return good / (good + bad) if good + bad else None


def _numbers(days: Sequence[date]) -> list[str]:
    """Days below bars: "1", "2"; the month where it begins or the period does, when there is room."""
    if len(days) <= LABELS:
        return [str(day.day) for day in days]
    return thin_out([date_format(day, "j M") for day in days], 7)


def chats_chart(figures: Figures) -> Chart:
    """Chats per day by how they went."""
    series = [
        Series(_("Answered"), "bar-1", _per_day(figures, Kind.ACCEPTED)),
        Series(_("Left for an e-mail"), "bar-4", _per_day(figures, Kind.BY_MAIL)),
        Series(_("Gave up"), "bar-2", _per_day(figures, Kind.ABANDONED)),
    ]
    sums = [sum(value or 0 for value in values) for values in zip(*(one.values for one in series), strict=True)]
    sentence = _("Chats per day %(period)s. %(range)s") % {
        "period": say_period(figures.wanted), "range": say_range(figures.days, sums, words.number),
    }  # fmt: skip
    chart = Chart(
        "chats", _("Chats per day"), sentence, [_("Day"), *(one.label for one in series)],
        _day_rows(figures, series, words.number), series=series, x=_numbers(figures.days), is_large=True,
    )  # fmt: skip
    return draw_bars(chart, lambda value: words.number(round(value)))


def _day_rows(figures: Figures, series: Sequence[Series], say: Any) -> list[list[str]]:
    return [
        [say_day(day), *("–" if one.values[place] is None else say(one.values[place]) for one in series)]
        for place, day in enumerate(figures.days)
    ]


def hours_chart(figures: Figures) -> Chart:
    """When chats begin, by the hour of the account's clock."""
    values = [figures.sums.by_hour.get(hour, 0) for hour in range(24)]
    most = max(range(24), key=lambda hour: values[hour])
    sentence = _("Chats by the hour at which they began; most, %(count)s, from %(hour)s to %(next)s o'clock.") % {
        "count": words.number(values[most]), "hour": most, "next": most + 1,
    }  # fmt: skip
    series = [Series(_("Chats"), "bar-1", values)]
    rows = [[f"{hour}:00", words.number(values[hour])] for hour in range(24)]
    labels = [str(hour) if hour % 3 == 0 else "" for hour in range(24)]
    chart = Chart("hours", _("Hours of the day"), sentence, [_("Hour"), _("Chats")], rows, series=series, x=labels)
    return draw_bars(chart, lambda value: words.number(round(value)))


def wait_chart(figures: Figures) -> Chart:
    """How long visitors waited, day by day."""
    days = figures.days
    median, most = ([figures.quantile_on(day, Kind.ACCEPTED, share) for day in days] for share in (0.5, 0.9))
    series = [Series(_("Median"), "line-1", median), Series(_("9 in 10 within"), "line-2", most)]
    sentence = _("Median wait per day %(period)s. %(range)s") % {
        "period": say_period(figures.wanted), "range": say_range(days, median, say_ms),
    }  # fmt: skip
    chart = Chart(
        "wait", _("Wait in the queue"), sentence, [_("Day"), *(one.label for one in series)],
        _day_rows(figures, series, say_ms), series=series, x=_ends(days),
    )  # fmt: skip
    return draw_lines(chart, say_ms, find_top=nice_time_top)


def _ends(days: Sequence[date]) -> list[str]:
    places = sorted({0, len(days) // 2, len(days) - 1})
    return [date_format(days[place], "j M") for place in places]


def sales_chart(figures: Figures, main: Money) -> Chart:
    """Sales per day in the currency with the most orders."""
    unit = 10 ** decimals_of(main.currency)

    def say(value: float) -> str:
        return say_amount(round(value), main.currency, whole=True)

    values = [max(0, figures.money_on(day, main.currency)) for day in figures.days]
    series = [Series(_("Sales"), "bar-1", values)]
    sentence = _("Sales per day %(period)s. %(range)s") % {
        "period": say_period(figures.wanted), "range": say_range(figures.days, values, say),
    }  # fmt: skip
    legend = _("%(amount)s in %(orders)s") % {"amount": main.said["whole"], "orders": say_orders(main.orders)}
    chart = Chart(
        "sales", _("Sales after a chat"), sentence, [_("Day"), main.currency], _day_rows(figures, series, say),
        series=series, x=_numbers(figures.days), legend=legend,
    )  # fmt: skip
    return draw_bars(chart, say, step=unit)


def satisfaction(figures: Figures) -> dict[str, Any]:
    """Good, bad and not rated, as meters."""
    good, rated = figures.rated()
    ended = max(figures.count(Kind.CLOSED), rated)
    return {
        "good": good, "bad": rated - good, "rated": rated, "ended": ended, "unrated": ended - rated,
        "share": say_share(good / rated if rated else None),
    }  # fmt: skip


def goals(figures: Figures) -> list[dict[str, str]]:
    """Goals with how often they were reached, and for each hundred chats."""
    per_hundred = 100 / figures.chats if figures.chats else 0
    rows = figures.named(Kind.GOAL, figures.names.goals)
    return [
        {"name": name, "reached": words.number(count), "per_hundred": f"{count * per_hundred:.1f}"}
        for name, count in rows
    ]


def week(coverage: Coverage, *, has_hours: bool) -> dict[str, Any]:
    """The hours of the week: all of them covered, some, or none; without opening hours those in which anybody came."""
    span, rows = coverage.span if has_hours else coverage.busy_span, []
    for weekday in range(7):
        cells = []
        for place, hour in enumerate(span):
            opened, covered = (found.get((weekday, hour), 0) for found in (coverage.opened, coverage.covered))
            mark = "" if not opened else "bar-1" if covered == opened else "bar-soft" if covered else "bar-none"
            cells.append({"x": place * 10, "mark": mark})
        if any(cell["mark"] for cell in cells):
            rows.append({"day": _weekday(weekday), "cells": cells})
    return {
        "rows": rows, "width": len(span) * 10, "hours": _clock(span),
        "sentence": _say(coverage, has_hours),
    }  # fmt: skip


def _weekday(number: int) -> str:
    return date_format(date(2024, 1, 1 + number), "D")  # the first of January 2024 was a Monday


def _clock(span: range) -> list[str]:
    if not span:
        return []
    return [f"{hour}:00" for hour in dict.fromkeys((span[0], span[len(span) // 2], span[-1] + 1))]


def _say(coverage: Coverage, has_hours: bool) -> str:
    facts = {"covered": words.number(coverage.hours_covered), "hours": words.number(coverage.hours)}
    if not has_hours:
        return _("Somebody accepted chats in %(covered)s of %(hours)s hours") % facts
    return _("Somebody accepted chats in %(covered)s of %(hours)s opening hours") % facts
