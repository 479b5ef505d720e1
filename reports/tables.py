"""The tables of the reports as rows to download: whole numbers, seconds, and amounts as text."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from facts.models import Kind
from facts.money import plain_amount
from reports.figures import Figures, Person

Table = tuple[Any, Sequence[Any], Iterable[Sequence["str | int | None"]]]
Seconds = dict[int, dict[str, float]]


def _seconds(value: float | None) -> int | None:
    return None if value is None else round(value / 1000)


def days(figures: Figures, seconds: Seconds) -> Table:
    """One row a day."""
    heads = [_("Day"), _("Chats"), _("Answered"), _("Left for an e-mail"), _("Gave up"), _("Median wait in seconds"),
             _("9 in 10 waited within seconds"), _("Mean first reply in seconds"), _("Rated good"), _("Rated bad"),
             _("Chats that ended"), _("Mean length in seconds")]  # fmt: skip
    return _("Days"), heads, (_day(figures, day) for day in figures.days)


def _day(figures: Figures, day: Any) -> Sequence["str | int | None"]:
    def count(kind: str) -> int:
        return figures.on(day, kind)[0]

    first, length = figures.on(day, Kind.FIRST_REPLY), figures.on(day, Kind.CLOSED)
    return [
        day.isoformat(), count(figures.chat_kind), count(Kind.ACCEPTED), count(Kind.BY_MAIL), count(Kind.ABANDONED),
        _seconds(figures.quantile_on(day, Kind.ACCEPTED, 0.5)), _seconds(figures.quantile_on(day, Kind.ACCEPTED, 0.9)),
        _seconds(first[1] / first[0] if first[0] else None), count(Kind.RATED_GOOD), count(Kind.RATED_BAD), length[0],
        _seconds(length[1] / length[0] if length[0] else None),
    ]  # fmt: skip


def _heads() -> list[str]:
    return [_("Name"), _("Chats"), _("Mean first reply in seconds"), _("Mean reply in seconds"),
            _("Mean length in seconds"), _("Rated good"), _("Ratings"), _("Passed on"), _("Handed over"),
            _("Seconds accepting"), _("Seconds away")]  # fmt: skip


def _row(person: Person) -> Sequence["str | int | None"]:
    return [
        person.name, person.chats, _seconds(person.first_reply), _seconds(person.reply), _seconds(person.length),
        person.good, person.rated, person.passed_on, person.transferred, round(person.accepting), round(person.away),
    ]  # fmt: skip


def operators(figures: Figures, seconds: Seconds) -> Table:
    """One row an operator."""
    return _("Operators"), _heads(), map(_row, figures.people(seconds))


def groups(figures: Figures, seconds: Seconds) -> Table:
    """One row a group."""
    return _("Groups"), _heads()[:-2], (_row(row)[:-2] for row in figures.groups())


def goals(figures: Figures, seconds: Seconds) -> Table:
    """One row a goal."""
    return _("Goals"), [_("Goal"), _("Reached")], figures.named(Kind.GOAL, figures.names.goals)


def sales(figures: Figures, seconds: Seconds) -> Table:
    """One row a currency."""
    heads = [_("Currency"), _("Orders"), _("Amount"), _("Given back"), _("During a chat"), _("Checked")]
    rows: list[Sequence[str | int | None]] = [
        [row.currency, row.orders, plain_amount(row.amount, row.currency), plain_amount(row.refunded, row.currency),
         row.direct, row.checked]
        for row in figures.money()
    ]  # fmt: skip
    return _("Sales"), heads, rows


TABLES: dict[str, Callable[[Figures, Seconds], Table]] = {
    "days": days, "operators": operators, "groups": groups, "goals": goals, "sales": sales,
}  # fmt: skip
