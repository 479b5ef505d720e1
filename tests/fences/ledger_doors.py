"""Doors of the ledger: the list of recipients, and staff access by grant."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.fences.kinds import READ, Door, Kind, nothing
from tests.fences.world import World


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.acme.slug}


def demand(world: World) -> dict[str, Any]:
    return {"public_id": world.demand.public_id}


ASKED = {"ground": "court", "requester": "District court", "scope": "The log-ins of March"}


LEDGER: dict[str, Door] = {
    "privacy:ledger_recipients": Door(Kind.PUBLIC, get=READ),
    "privacy:ledger_security": Door(Kind.PUBLIC, get=READ),
    "privacy:ledger_security_txt": Door(Kind.PUBLIC, get=READ),
    "privacy:ledger_disclosures": Door(Kind.OFFICER, get=READ, post=lambda world: ASKED),
    "privacy:ledger_disclosure": Door(Kind.OFFICER, args=demand, get=READ),
    "privacy:ledger_approve": Door(Kind.OFFICER, args=demand, post=nothing),
    "privacy:ledger_sent": Door(
        Kind.OFFICER, args=demand, post=lambda world: {"copy": SimpleUploadedFile("copy.txt", b"What was sent")}
    ),
    "privacy:ledger_tell": Door(Kind.OFFICER, args=demand, post=nothing),
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
