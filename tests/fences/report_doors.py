"""Doors of the reports, goals and sales, and of their API."""

from typing import Any

from tests.fences.kinds import JSON, READ, Arguments, Door, Kind, nothing
from tests.fences.world import World

PAGE_GOAL = {"source": "page", "pattern": "/needle-page/", "word": "", "window_days": "7", "touch": "last"}


def result(name: str) -> Arguments:
    return lambda world: {"public_id": getattr(world.results, name).public_id}


def new_order(world: World) -> dict[str, Any]:
    return {"order": "A-2", "amount": "1.00", "currency": "EUR", "chat": str(world.open_chat.public_id)}


REPORTS: dict[str, Door] = {
    "reports:report": Door(Kind.OWN, get={"days": "7"}),
    "reports:people": Door(Kind.OWN, get=READ),
    "reports:goals": Door(Kind.OWN, get=READ),
    "reports:export": Door(Kind.OWN, args=lambda world: {"table": "operators", "kind": "csv"}, get=READ),
    "reports:refund": Door(Kind.THING, args=result("sale"), get=READ, post=lambda world: {"amount": "1.00"}),
    "reports:api_goals": Door(
        Kind.THING, content_type=JSON,
        post=lambda world: {"goal": world.results.event.word, "chat": str(world.open_chat.public_id)},
    ),
    "reports:api_sales": Door(Kind.THING, content_type=JSON, post=new_order),
    "reports:api_refunds": Door(
        Kind.THING, content_type=JSON, post=lambda world: {"order": world.results.sale.order, "amount": "1.00"}
    ),
    "facts:goals": Door(Kind.OWN, get=READ, post=lambda world: {"name": "Mine", **PAGE_GOAL}),
    "facts:sales": Door(Kind.OWN, post=lambda world: {"sales-window_days": "5", "sales-touch": "last"}),
    "facts:goal": Door(Kind.THING, args=result("goal"), get=READ, post=lambda world: {"name": "Other", **PAGE_GOAL}),
    "facts:goal_remove": Door(Kind.THING, args=result("goal"), post=nothing),
}  # fmt: skip
