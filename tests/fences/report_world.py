"""Goals and a sale of alice's account."""

from dataclasses import dataclass
from typing import Any

from accounts.scoping import account_scope
from facts.actions import record_sale
from facts.actions.sales import Touched
from facts.models import Goal, Sale
from facts.testing import make_goal


@dataclass
class Results:
    """`event` is reached by a word."""

    goal: Goal
    event: Goal
    sale: Sale


def make_results(world: Any) -> Results:
    """Called once the world has chats and operators."""
    chat = world.open_chat
    touched = Touched(chat.visitor_id, chat.pk, chat.operator_id, 0, is_direct=True)
    with account_scope(world.acme):
        sale, _ = record_sale(
            account=world.acme, order="Needle order", amount="12.50", currency="EUR", touched=touched, checked=True
        )
    assert sale is not None
    goal = make_goal(world.alice_member, name="Needle goal", pattern="/needle-page/")
    event = make_goal(world.alice_member, name="Needle event", source="event", word="needle-word", pattern="")
    return Results(goal, event, sale)
