"""Doors of enforcement: the agents' cases, the officers' appeals, and the page of whom a case is about."""

from typing import Any

from accounts.testing import make_public, make_user
from enforcement.actions import appeal
from enforcement.testing import make_noticed, make_suspended
from tests.fences.kinds import READ, Door, Kind
from tests.fences.world import World


def make_enforcement(world: Any) -> None:
    """Adds a case about alice's account whose notice is out, and one about a member who appealed."""
    world.noticed = make_noticed(world.nik, account=world.acme)
    world.noticed_file = world.noticed.evidence.get()
    member = make_public(make_user(), "Somebody who advertises")
    world.appealed = appeal(case=make_suspended(world.nik, user=member), by=member, text="Needle appeal")


def about(name: str) -> Any:
    return lambda world: {"number": getattr(world, name).number}


def a_file(world: World) -> dict[str, Any]:
    return {"public_id": world.noticed_file.public_id}  # type: ignore[attr-defined]


ENFORCEMENT = {
    "enforcement:cases": Door(
        Kind.AGENT, get=READ, post=lambda world: {"who": world.acme.slug, "ground": "terms", "facts": "Needle"}
    ),
    "enforcement:case": Door(
        Kind.AGENT, args=about("noticed"), get=READ, post=lambda world: {"do": "evidence", "text": "More"}
    ),
    "enforcement:staff_file": Door(Kind.AGENT, args=a_file, get=READ),
    "enforcement:appeals": Door(Kind.OFFICER, get=READ),
    "enforcement:appeal": Door(
        Kind.OFFICER, args=about("appealed"), get=READ, post=lambda world: {"do": "reject", "text": "It stays"}
    ),
    "enforcement:mine": Door(Kind.PERSON, get=READ),
    "enforcement:notice": Door(
        Kind.THING, args=lambda world: {"public_id": world.noticed.public_id}, get=READ,
        post=lambda world: {"do": "answer", "text": "It was not us"},
    ),
    "enforcement:file": Door(Kind.THING, args=a_file, get=READ),
}  # fmt: skip
