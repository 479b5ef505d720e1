"""Nobody enters another account: every URL and every socket command, with real objects (SAFETY: IDOR, roles; S75)."""

from typing import Any

import pytest

from chat.models import Chat
from chat.tests.conftest import Doors
from tests.fences.case_doors import make_cases
from tests.fences.doors import DOORS
from tests.fences.enforcement_doors import make_enforcement
from tests.fences.sign_in_doors import make_sign_in
from tests.fences.walk_pages import PageWalk, doors_of_the_resolver
from tests.fences.walk_sockets import SocketWalk, doors_of_the_registry, doors_of_the_table
from tests.fences.world import World

PARTS = 8  # of the walk over the pages: the processes of pytest-xdist share them


@pytest.fixture
def world(
    alice: Any, bob: Any, carol: Any, eve: Any, sam: Any, ada: Any, nik: Any, pia: Any, acme: Any, cakes: Any,
    alice_member: Any, bob_member: Any, carol_member: Any, settings: Any,
) -> World:  # fmt: skip
    settings.METRICS_TOKEN = "metrics-token-of-the-test"
    settings.SOCKET_LIMIT_FACTOR = 100
    world = World(alice, bob, carol, eve, sam, ada, nik, pia, acme, cakes, alice_member, bob_member, carol_member)
    make_sign_in(world, settings)
    make_cases(world)
    make_enforcement(world)
    return world


def walk_pages(world: World, names: list[str]) -> list[str]:
    before = world.dump()
    tables = {name.partition(":")[0] for name in before}
    assert tables >= {"chat.Chat", "chat.Message", "chat.Visitor", "chat.Widget", "operators.Operator", "audit.Entry"}
    faults = [fault for name in names for fault in PageWalk(world, name, DOORS[name], before).walk()]
    assert world.dump() == before
    return faults


def names_of(part: int) -> list[str]:
    """Every PARTS-th door: neighbours cost about the same, so the parts do."""
    return doors_of_the_resolver()[part::PARTS]


@pytest.mark.promise("fences")
def test_the_table_names_every_door_and_the_parts_walk_all_of_them() -> None:
    pages = doors_of_the_resolver()
    assert sorted(pages) == sorted(DOORS), "tests/fences/doors.py names the doors of the resolver, each once"
    assert sorted(name for part in range(PARTS) for name in names_of(part)) == sorted(pages)
    commands = doors_of_the_registry()
    assert sorted(commands) == sorted(doors_of_the_table()), "tests/fences/doors.py names every socket command"


@pytest.mark.promise("fences")
@pytest.mark.timeout(500)
@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_every_door_opens_to_its_owner_and_to_nobody_else(world: World, part: int) -> None:
    names = names_of(part)
    PageWalk.walked.clear()
    faults = walk_pages(world, names)
    assert faults == [], "\n".join(faults)
    assert sorted(PageWalk.walked) == sorted(names)


@pytest.mark.promise("fences")
@pytest.mark.timeout(500)
@pytest.mark.long
def test_every_command_answers_its_owner_and_nobody_else(site_server: str, world: World) -> None:
    walk = SocketWalk(world, Doors(site_server))
    faults = walk.walk()
    assert faults == [], "\n".join(faults)
    assert sorted(walk.walked) == sorted(doors_of_the_registry())


def test_the_fence_sees_a_door_that_forgets_the_account(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of the account is taken out of the product, and each door that stands on it is found."""
    from chat import queries

    def find_any_chat(membership: Any, public_id: Any) -> Chat:
        return (
            Chat.objects.with_scopes_disabled()
            .select_related("visitor", "operator", "account")
            .get(public_id=public_id)
        )

    monkeypatch.setattr(queries, "find_chat_for", find_any_chat)
    names = ["chat:chat", "chat:transcript", "chat:transcript_text"]
    faults = walk_pages(world, names)
    assert {name for name in names if any(f"{name} GET by carol: 200" in fault for fault in faults)} == set(names)
