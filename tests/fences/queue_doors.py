"""Doors of groups, opening hours and how chats are given out."""

from typing import Any

from tests.fences.kinds import READ, Door, Kind, nothing
from tests.fences.world import World


def group(world: World) -> dict[str, Any]:
    return {"public_id": world.group.public_id}


WEEK = {"mon": "09:00-17:00", "is_on": "on", "holidays": "2026-12-25 Christmas"}

QUEUE: dict[str, Door] = {
    "chat:routing": Door(Kind.OWN, get=READ, post=lambda world: {"routing": "in_turn", "alert_seconds": "60"}),
    "operators:groups": Door(Kind.OWN, get=READ),
    "operators:group_add": Door(Kind.OWN, get=READ, post=lambda world: {"name": "Repairs"}),
    "operators:group": Door(
        Kind.THING, args=group, get=READ, post=lambda world: {"name": "Ours", "members": world.bob_operator.pk}
    ),
    "operators:group_delete": Door(Kind.THING, args=group, get=READ, post=nothing),
    "operators:hours": Door(Kind.OWN, get=READ, post=lambda world: WEEK),
    "operators:group_hours": Door(Kind.THING, args=group, get=READ, post=lambda world: WEEK),
}
