"""Doors of erasure: the person's own page, the certificate by its address, the page that checks one, the officers'."""

import uuid
from typing import Any

from privacy.actions.erasing import begin_erasure
from privacy.persons import person_of_user
from tests.fences.kinds import READ, Door, Kind, nothing
from tests.fences.world import World


def erased(world: World) -> dict[str, Any]:
    """The address of an erasure that somebody confirmed."""
    from accounts.testing import make_user

    if not hasattr(world, "erasure"):
        world.erasure = begin_erasure(person=person_of_user(make_user()))  # type: ignore[attr-defined]  # made late
    return {"public_id": world.erasure.public_id}  # type: ignore[attr-defined]  # as above


def other_numbers(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [({"public_id": uuid.uuid4()}, {}), ({"public_id": uuid.UUID(int=0)}, {})]


ERASURE = {
    "privacy:erasure_begin": Door(
        Kind.PERSON, get=READ, post=lambda world: {"password": "not hers"}, owner_gets=(400,), why="a wrong password"
    ),
    "privacy:erasure_result": Door(Kind.SECRET, args=erased, get=READ, forge=other_numbers),
    "privacy:erasure_download": Door(
        Kind.SECRET, args=erased, get=READ, forge=other_numbers, owner_gets=(404,), why="it is not signed yet"
    ),
    "privacy:erasure_certificate": Door(Kind.PUBLIC, get=READ, post=nothing),
    "privacy:erasure_watch": Door(
        Kind.OFFICER, get=READ, post=lambda world: {"act": "hold"}, owner_gets=(400,), why="the form is empty"
    ),
    "privacy:erasure_key": Door(Kind.PUBLIC, get=READ),
}
