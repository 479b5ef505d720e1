"""Staff access behind the fence: a grant that alice gave, and an emergency and a demand of others."""

from typing import Any

from accounts.models import User
from accounts.scoping import account_scope
from accounts.testing import make_agent, make_officer
from privacy.actions.disclosing import record_demand
from support.actions.access import ask_emergency, give_access


def make_grants(world: Any) -> None:
    """Adds `world.grant`, open for our agents, `world.emergency` and `world.demand`, which wait for a second one."""
    with account_scope(world.acme):
        world.grant = give_access(by=world.alice_member, hours=24, reason="Needle reason of a grant")
    other = make_agent(name="Moa", surname="Moor")
    world.emergency = ask_emergency(agent=other, slug=world.acme.slug, reason="Needle reason in an emergency")
    User.objects.filter(pk=other.pk).update(is_active=False)  # with a second agent nik answers no objection to himself
    world.demand = record_demand(
        by=make_officer(), ground="court", requester="Needle court", reference="1", scope="Needle", user=world.alice
    )
