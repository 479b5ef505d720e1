"""Staff access behind the fence: a grant that alice gave, and an emergency that another agent asked for."""

from typing import Any

from accounts.scoping import account_scope
from accounts.testing import make_agent
from support.actions.access import ask_emergency, give_access


def make_grants(world: Any) -> None:
    """Adds `world.grant`, open for our agents, and `world.emergency`, which waits for a second one."""
    with account_scope(world.acme):
        world.grant = give_access(by=world.alice_member, hours=24, reason="Needle reason of a grant")
    world.emergency = ask_emergency(agent=make_agent(), slug=world.acme.slug, reason="Needle reason in an emergency")
