"""The reports page in figures and words: what the sums, states and names of a period say."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from facts.buckets import quantile
from facts.models import Kind
from facts.money import say_amount
from facts.sale_names import read_name
from reports import words
from reports.figure_queries import MONEY, Names, Pair, Sums, Wanted

NOTHING: Pair = (0, 0)
DASH = "–"


@dataclass(frozen=True)
class Delta:
    """What changed since the period before: `way` up or down, `tone` good, bad or empty."""

    way: str
    tone: str
    text: str


@dataclass(frozen=True)
class Person:
    """An operator's or a group's line."""

    key: int
    name: str
    chats: int
    first_reply: float | None  # milliseconds, the mean
    reply: float | None
    length: float | None
    good: int
    rated: int
    passed_on: int
    transferred: int
    accepting: float = 0.0  # seconds
    away: float = 0.0

    @property
    def share_good(self) -> float | None:
        """Of the ratings, 0 to 1."""
        return self.good / self.rated if self.rated else None

    @property
    def said(self) -> dict[str, str]:
        """The line in words."""
        return {
            "chats": words.number(self.chats),
            "first_reply": say_ms(self.first_reply),
            "reply": say_ms(self.reply),
            "length": say_ms(self.length),
            "good": say_share(self.share_good),
            "rated": words.number(self.rated),
            "passed_on": words.number(self.passed_on),
            "transferred": words.number(self.transferred),
            "accepting": say_hours(self.accepting),
            "away": say_hours(self.away),
        }


@dataclass(frozen=True)
class Money:
    """Sales of one currency: orders, minor units less what was given back, and how they came."""

    currency: str
    orders: int
    amount: int
    refunded: int
    direct: int
    checked: int

    @property
    def net(self) -> int:
        """What is left after refunds."""
        return self.amount - self.refunded

    @property
    def said(self) -> dict[str, str]:
        """The line in words."""
        return {
            "orders": words.number(self.orders),
            "direct": words.number(self.direct),
            "checked": words.number(self.checked),
            "amount": say_amount(self.amount, self.currency),
            "refunded": say_amount(self.refunded, self.currency),
            "net": say_amount(self.net, self.currency),
            "whole": say_amount(self.net, self.currency, whole=True),
        }


class Figures:
    """The figures of one period, and of the one before it for comparison."""

    def __init__(self, wanted: Wanted, sums: Sums, names: Names) -> None:
        self.wanted, self.sums, self.names = wanted, sums, names
        self.days = wanted.days

    # ---- counts and times ----
    def on(self, day: date, kind: str) -> Pair:
        """Count and total of a kind on a day; of those with names all together."""
        return self._per_day.get((day, kind), NOTHING)

    @cached_property
    def _per_day(self) -> dict[tuple[date, str], Pair]:
        found: dict[tuple[date, str], Pair] = {}
        for (day, kind, _name), pair in self.sums.by_day.items():
            if kind not in MONEY:
                found[day, kind] = _plus(found.get((day, kind), NOTHING), pair)
        return found

    @cached_property
    def _wholes(self) -> dict[bool, dict[str, Pair]]:
        """By kind: of the period, and of the one before it."""
        found: dict[bool, dict[str, Pair]] = {False: {}, True: {}}
        for (_day, kind, _name), pair in self.sums.by_day.items():
            found[False][kind] = _plus(found[False].get(kind, NOTHING), pair)
        for (kind, _name), pair in self.sums.before.items():
            found[True][kind] = _plus(found[True].get(kind, NOTHING), pair)
        return found

    def whole(self, kind: str, *, before: bool = False) -> Pair:
        """Count and total of a kind in the period, or in the one before it; not for money of several currencies."""
        return self._wholes[before].get(kind, NOTHING)

    def count(self, kind: str, *, before: bool = False) -> int:
        """How often."""
        return self.whole(kind, before=before)[0]

    def mean(self, kind: str, *, before: bool = False) -> float | None:
        """The mean time in milliseconds."""
        return mean_of(self.whole(kind, before=before))

    def quantile(self, kind: str, share: float, *, before: bool = False) -> float | None:
        """The time within which a share of them lie; the mean where classes are not kept (one operator's figures)."""
        counts: Counter[int] = Counter(self.sums.buckets_before.get(kind, {}) if before else {})
        for (_day, one), buckets in self.sums.buckets.items():
            if one == kind and not before:
                counts.update(buckets)
        return quantile(counts, share) if counts else self.mean(kind, before=before) if share == 0.5 else None

    def quantile_on(self, day: date, kind: str, share: float) -> float | None:
        """The same of one day."""
        buckets = self.sums.buckets.get((day, kind))
        if buckets:
            return quantile(buckets, share)
        return mean_of(self.on(day, kind)) if share == 0.5 else None

    @property
    def chat_kind(self) -> str:
        """What counts as a chat: begun; for one operator those that they took."""
        return self.wanted.chat_kind

    @property
    def chats(self) -> int:
        """Chats of the period."""
        return self.count(self.chat_kind)

    @property
    def is_empty(self) -> bool:
        """Nothing happened, in the period before neither."""
        return not any(count for count, _total in (*self.sums.by_day.values(), *self.sums.before.values()))

    def rated(self, *, before: bool = False) -> tuple[int, int]:
        """(good, all) ratings."""
        good, bad = (self.count(kind, before=before) for kind in (Kind.RATED_GOOD, Kind.RATED_BAD))
        return good, good + bad

    # ---- people ----
    def people(self, seconds: dict[int, dict[str, float]]) -> list[Person]:
        """Operators with figures or hours, most chats first."""
        keys = {key for key, _kind in self.sums.by_operator} | set(seconds)
        rows = [
            self._person(key, self.names.operators.get(key) or _("Somebody who was erased"), self.sums.by_operator,
                         seconds.get(key, {}))
            for key in keys
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (-row.chats, row.name.casefold()))

    def groups(self) -> list[Person]:
        """Groups with figures, most chats first."""
        keys = {key for key, _kind in self.sums.by_group}
        rows = [
            self._person(key, self.names.groups.get(key) or _("A group that was deleted"), self.sums.by_group, {})
            for key in keys
        ]
        return sorted(rows, key=lambda row: (-row.chats, row.name.casefold()))

    @staticmethod
    def _person(key: int, name: str, sums: dict[tuple[int, str], Pair], seconds: dict[str, float]) -> Person:
        def pair(kind: str) -> Pair:
            return sums.get((key, kind), NOTHING)

        good, bad = pair(Kind.RATED_GOOD)[0], pair(Kind.RATED_BAD)[0]
        return Person(
            key=key, name=name, chats=pair(Kind.ACCEPTED)[0], first_reply=mean_of(pair(Kind.FIRST_REPLY)),
            reply=mean_of(pair(Kind.REPLIES)), length=mean_of(pair(Kind.CLOSED)), good=good, rated=good + bad,
            passed_on=pair(Kind.PASSED_ON)[0], transferred=pair(Kind.TRANSFERRED)[0],
            accepting=seconds.get("accepting", 0.0), away=seconds.get("away", 0.0),
        )  # fmt: skip

    # ---- goals, tags, money ----
    def named(self, kind: str, names: dict[int, str]) -> list[tuple[str, int]]:
        """(name, count) of the period, most first; what was deleted since is left out."""
        counts: Counter[int] = Counter()
        for (_day, one, name), (count, _total) in self.sums.by_day.items():
            if one == kind and name.isdecimal():
                counts[int(name)] += count
        return [(names[key], count) for key, count in counts.most_common() if key in names and count > 0]

    def money(self, *, before: bool = False) -> list[Money]:
        """Sales by currency, most orders first; currencies are never added up."""
        found: dict[str, Counter[str]] = {}
        inside = (((kind, name), pair) for (_day, kind, name), pair in self.sums.by_day.items())
        for (kind, name), (count, total) in self.sums.before.items() if before else inside:
            if kind not in MONEY:
                continue
            told = read_name(name)
            row = found.setdefault(told.currency, Counter())
            if kind == Kind.REFUND:
                row["refunded"] += total
                continue
            row["orders"] += count
            row["amount"] += total
            row["direct"] += count * told.is_direct
            row["checked"] += count * told.is_checked
        rows = [
            Money(currency, row["orders"], row["amount"], row["refunded"], row["direct"], row["checked"])
            for currency, row in found.items()
        ]
        return sorted(rows, key=lambda row: (-row.orders, row.currency))

    def money_on(self, day: date, currency: str) -> int:
        """Minor units of one currency on a day, less what was given back that day."""
        whole = 0
        for (on, kind, name), (_count, total) in self._money_rows:
            if on == day and read_name(name).currency == currency:
                whole += total if kind == Kind.SALE else -total
        return whole

    @cached_property
    def _money_rows(self) -> list[tuple[tuple[date, str, str], Pair]]:
        return [(key, pair) for key, pair in self.sums.by_day.items() if key[1] in MONEY]


def _plus(one: Pair, other: Pair) -> Pair:
    return one[0] + other[0], one[1] + other[1]


def mean_of(pair: Pair) -> float | None:
    """Total by count."""
    return pair[1] / pair[0] if pair[0] > 0 else None


# ---- words --------------------------------------------------------------------------------------------------
def say_ms(value: float | None) -> str:
    """ "34 s", "2 min 5 s"; a dash for none."""
    return DASH if value is None else words.short_wait(value / 1000)


def say_share(value: float | None) -> str:
    """ "92%"; a dash for none."""
    return DASH if value is None else _("%(percent)s%%") % {"percent": round(value * 100)}


def say_hours(seconds: float) -> str:
    """ "6.5 h"."""
    return _("%(hours)s h") % {"hours": number_format(round(seconds / 3600, 1), 1, use_l10n=True, force_grouping=True)}


def say_day(day: date) -> str:
    """ "Mon 13 May"."""
    return date_format(day, "D j M")


def say_period(wanted: Wanted) -> str:
    """ "from 1 May to 14 May", "on 1 May"."""
    if wanted.length == 1:
        return _("on %(day)s") % {"day": date_format(wanted.first, "j F")}
    return _("from %(first)s to %(last)s") % {
        "first": date_format(wanted.first, "j F"), "last": date_format(wanted.last, "j F"),
    }  # fmt: skip


def say_range(days: Sequence[date], values: Sequence[float | None], say: Any) -> str:
    """ "Between 26 on Tue 7 May and 48 on Sun 12 May." """
    known = [(value, day) for value, day in zip(values, days, strict=True) if value is not None]
    if not known:
        return _("No figures.")
    least, most = min(known), max(known)
    if least[0] == most[0]:
        return _("%(value)s each day.") % {"value": say(least[0])}
    return _("Between %(least)s on %(least_day)s and %(most)s on %(most_day)s.") % {
        "least": say(least[0]), "least_day": say_day(least[1]), "most": say(most[0]), "most_day": say_day(most[1]),
    }  # fmt: skip


def say_orders(count: int) -> str:
    """ "61 orders"."""
    return ngettext("%(count)s order", "%(count)s orders", count) % {"count": words.number(count)}


def compare_counts(now: int, then: int, *, more_is: str, as_share: bool = False) -> Delta | None:
    """The change of a count; `more_is` good, bad or empty. None where nothing stood before, or nothing changed."""
    if not then or now == then:
        return None
    way = "up" if now > then else "down"
    tone = more_is if way == "up" else {"good": "bad", "bad": "good"}.get(more_is, "")
    text = say_share(abs(now - then) / then) if as_share else words.number(abs(now - then))
    return Delta(way, tone, text)


def compare_times(now: float | None, then: float | None) -> Delta | None:
    """The change of a time: less is good."""
    if now is None or then is None or round(now / 1000) == round(then / 1000):
        return None
    return Delta("down" if now < then else "up", "good" if now < then else "bad", say_ms(abs(now - then)))


def lines_of(rows: Iterable[Person]) -> list[dict[str, Any]]:
    """People as the templates show them."""
    return [{"key": row.key, "name": row.name, **row.said} for row in rows]
