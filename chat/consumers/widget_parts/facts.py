"""What a website says of its visitor: a goal reached, a sale made; and the pages that reach goals (S19, S20)."""

import time
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from chat.actions import conversions
from chat.realtime.live import live
from chat.realtime.protocol import Command
from core.errors import Refused
from core.limits import TooMany, count_use
from facts.models import Goal
from facts.queries import find_goal_named, list_goals, matches

REMEMBERED = 30  # seconds for which a process remembers the pages that an account looks for
_pages: dict[int, tuple[float, list[Goal]]] = {}


class SayGoal(Command, tag="goal"):
    name: str


class SaySale(Command, tag="sale"):
    amount: str
    currency: str
    order: str


async def goal(consumer: Any, command: SayGoal) -> None:
    """An event of the website. Answer `noted`, or `err` code `bad_goal`, of which the frame tells the website."""
    account, visitor_pk = consumer.own_account, consumer.visitor.pk

    def count() -> bool:
        found = find_goal_named(account, command.name, (Goal.Source.EVENT,))
        if found is None:
            raise Refused("bad_goal", _("There is no goal of this name. Add it in the settings."), status=404)
        return conversions.count_goal(account=account, visitor_pk=visitor_pk, goal=found)

    await live.read(None, lambda: _count("facts.goals", visitor_pk, "bad_goal"))
    counted = await live.act(account, count)
    consumer.send({"t": "noted", "goal": command.name, "counted": counted})


async def sale(consumer: Any, command: SaySale) -> None:
    """An order; answer `noted` or `err` code `bad_sale`. It is not checked until the account's server says the same."""
    account, visitor_pk = consumer.own_account, consumer.visitor.pk
    await live.read(None, lambda: _count("facts.sales", visitor_pk, "bad_sale"))

    def count() -> bool:
        try:
            found, is_new = conversions.count_sale(
                account=account, visitor_pk=visitor_pk, order=command.order, amount=command.amount,
                currency=command.currency, checked=False,
            )  # fmt: skip
        except Refused as refused:  # nothing that the visitor did: the website is told
            raise Refused("bad_sale", refused.message, status=refused.status) from refused
        return found is not None and is_new

    counted = await live.act(account, count)
    consumer.send({"t": "noted", "order": command.order[:64], "counted": counted})


async def see_page(consumer: Any, url: str) -> None:
    """The visitor looks at another page: the goals that it reaches are counted. Costs nothing where none is by page."""
    account: Account = consumer.own_account
    visitor_pk = consumer.visitor.pk
    known = _pages.get(account.pk)
    if known is None or known[0] < time.monotonic():
        goals = await live.read(account, lambda: [one for one in list_goals(account) if one.pattern])
        known = _pages[account.pk] = (time.monotonic() + REMEMBERED, goals)
    if any(matches(one.pattern, url) for one in known[1]):
        await live.act(
            account,
            lambda: conversions.count_page(account=account, visitor_pk=visitor_pk, url=url, goals=known[1]),
        )


def _count(route: str, visitor_pk: int, code: str) -> None:
    try:
        count_use(route, f"visitor:{visitor_pk}")
    except TooMany as many:
        raise Refused(code, _("Too much in a short time. Wait a few minutes."), status=429) from many


HANDLERS: dict[type, Any] = {SayGoal: goal, SaySale: sale}
