"""Builders and looks for tests: goals, and whether every sum is equal to a recount."""

from typing import Any

from accounts.models import Account, Membership
from facts.actions import add_goal, recount
from facts.models import DaySum, Fact, Goal

PAGE_GOAL = {
    "name": "Booked a test ride", "source": "page", "pattern": "/thank-you/", "word": "", "touch": "last",
    "window_days": 7,
}  # fmt: skip


def make_goal(by: Membership, **changes: Any) -> Goal:
    """A goal that a page reaches."""
    return add_goal(by=by, **{**PAGE_GOAL, **changes})


def count_of(account: Account, kind: str, **where: Any) -> tuple[int, int]:
    """How often a kind was counted in an account, and the total, from the sums of days."""
    rows = DaySum.of(account).filter(kind=kind, bucket=-1, **where).values_list("count", "total")
    return sum(count for count, _ in rows), sum(total for _, total in rows)


def differing_sums(account: Account) -> int:
    """How many sums are not equal to a recount of the facts."""
    return recount(account=account, check=True)


def kinds_of(account: Account) -> list[str]:
    """The kinds of what happened, in order, taken back ones with a minus."""
    rows = Fact.of(account).order_by("pk").values_list("kind", "count")
    return [kind if count > 0 else f"-{kind}" for kind, count in rows]
