"""Doors of the ledger: the list of recipients, and staff access by grant."""

from typing import Any

from tests.fences.kinds import READ, Door, Kind, nothing
from tests.fences.world import World


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.acme.slug}


LEDGER: dict[str, Door] = {
    "privacy:ledger_recipients": Door(Kind.PUBLIC, get=READ),
    "support:access": Door(Kind.OWN, get=READ, post=lambda world: {"hours": "1", "reason": "Look at chat 12 please"}),
    "support:access_end": Door(Kind.THING, args=lambda world: {"public_id": world.grant.public_id}, post=nothing),
    "support:staff_grants": Door(Kind.AGENT, get=READ),
    "support:emergency": Door(
        Kind.AGENT, post=lambda world: {"slug": world.acme.slug, "reason": "The site of a customer is down"}
    ),
    "support:emergency_approve": Door(
        Kind.AGENT, args=lambda world: {"public_id": world.emergency.public_id}, post=nothing
    ),
    "support:staff_chats": Door(Kind.AGENT, args=slug, get=READ),
    "support:staff_chat": Door(
        Kind.AGENT, args=lambda world: {**slug(world), "public_id": world.open_chat.public_id}, get=READ
    ),
}
