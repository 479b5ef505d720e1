"""Doors of consent: receipts, cookie choices, the clear gif, campaigns."""

from tests.fences.kinds import READ, Arguments, Door, Kind, nothing
from tests.fences.world import World


def receipt_of_alice(world: World) -> dict[str, object]:
    return {"public_id": world.receipt.public_id}


receipt: Arguments = receipt_of_alice
CONSENT = {
    "figures": Door(Kind.OFFICER, get=READ),
    "analytics:beacon": Door(Kind.PUBLIC, get={"p": "landing"}),
    "analytics:measure": Door(
        Kind.PUBLIC,
        post=lambda world: {"measure": "frequency", "name": "opened"},
        adds=("analytics.MeasureDay",),
        why="anybody may count; a count is of nobody",
    ),
    "policies:cookies": Door(Kind.PUBLIC, get=READ, post=lambda world: {"choice": "all"}),
    "policies:cookies_receipt": Door(Kind.PUBLIC, get=READ),
    "policies:receipts": Door(Kind.PERSON, get=READ),
    "policies:receipt": Door(Kind.THING, args=receipt, get=READ),
    "policies:receipt_withdraw": Door(Kind.THING, args=receipt, post=nothing),
}
