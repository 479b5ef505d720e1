"""Promises that facts keep: statistics equal what happened, and each sale is counted once."""

from datetime import timedelta
from typing import Any

from django.db.models import Case, F, QuerySet, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scoping import scopes_disabled
from core.promises import Evidence, probe
from facts.models import DaySum, Fact, HourSum, Kind, Sale

DAYS = 7
NEWEST = 1000  # facts whose accounts are looked at
ACCOUNTS = 20
SALES = 300
SALES_SINCE = timedelta(days=300)  # older facts may be gone before their sale is
KEYS = ("account_id", "day", "kind")


@probe(
    "statistics_add_up",
    rows=("S18",),
    how=gettext_lazy(
        "Counts what happened in the last week in the accounts with the newest chats again, and compares it with the "
        "sums by day and by hour that the statistics show."
    ),
)
def statistics_add_up() -> Evidence:
    with scopes_disabled():  # counts over the whole site, of nobody
        accounts = list(dict.fromkeys(Fact.objects.order_by("-pk").values_list("account_id", flat=True)[:NEWEST]))
        since = timezone.now().date() - timedelta(days=DAYS)
        facts, hours, days = (
            _count(model.objects.filter(account__in=accounts[:ACCOUNTS], day__gte=since, **more), name)
            for name, model, more in (("facts", Fact, {}), ("hours", HourSum, {}), ("days", DaySum, {"bucket": -1}))
        )
        found: dict[str, dict[Any, Any]] = {"facts": {}, "hours": {}, "days": {}}
        for *key, times, whole, side in facts.union(hours, days, all=True):  # one statement: one state of the database
            if times or whole:
                found[side][tuple(key)] = (times, whole)
    keys = found["facts"].keys() | found["hours"].keys() | found["days"].keys()
    wrong = sum(len({sums.get(key, (0, 0)) for sums in found.values()}) > 1 for key in keys)
    figure = _("%(sums)d sums of days counted again, %(wrong)d differ") % {"sums": len(keys), "wrong": wrong}
    return Evidence(not wrong, figure)


def _count(rows: QuerySet[Any], name: str) -> QuerySet[Any, Any]:
    sums = rows.order_by().values(*KEYS).annotate(times=Sum("count"), whole=Sum("total"), side=Value(name))
    return sums.values_list(*KEYS, "times", "whole", "side")


@probe(
    "sales_add_up",
    rows=("S19",),
    how=gettext_lazy(
        "Compares the newest 300 sales, and what was given back of them, with what is counted for their chats."
    ),
)
def sales_add_up() -> Evidence:
    with scopes_disabled():  # counts over the whole site, of nobody
        newest = Sale.objects.filter(chat_ref__gt=0, at__gte=timezone.now() - SALES_SINCE).order_by("-pk")
        chats = set(newest.values_list("chat_ref", flat=True)[:SALES])
        sales = Sale.objects.filter(chat_ref__in=chats).order_by().values("chat_ref")
        facts = Fact.objects.filter(chat_ref__in=chats, kind__in=[Kind.SALE, Kind.REFUND]).order_by().values("chat_ref")
        said = sales.annotate(paid=Sum("amount"), back=Sum("refunded"), side=Value("said"))
        counted = facts.annotate(paid=_total_of(Kind.SALE), back=_total_of(Kind.REFUND), side=Value("counted"))
        sums: dict[int, dict[str, tuple[int, int]]] = {}
        for chat, paid, back, side in said.values_list("chat_ref", "paid", "back", "side").union(
            counted.values_list("chat_ref", "paid", "back", "side"), all=True
        ):
            sums.setdefault(chat, {})[side] = (paid, back)
    wrong = sum(one.get("said") != one.get("counted") for one in sums.values())
    figure = _("Sales of %(chats)d chats, %(wrong)d counted otherwise") % {"chats": len(sums), "wrong": wrong}
    return Evidence(not wrong, figure)


def _total_of(kind: str) -> Sum:
    return Sum(Case(When(kind=kind, then=F("total")), default=Value(0)))
