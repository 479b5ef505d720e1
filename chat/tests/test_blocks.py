"""Blocking: who is kept out, through which doors, for how long, and who lifts it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from audit.models import Entry
from chat.actions.blocks import block_visitor, lift_block
from chat.desk.blocks import is_blocked, network_of
from chat.models import Block, Chat
from chat.personal_data import registry
from chat.testing import make_chat, make_operator, make_visitor
from core.errors import Refused
from tests.wire import post_json

pytestmark = pytest.mark.django_db


def test_a_session_or_an_address_is_kept_out_until_its_time_is_over(acme: Account, bob_member: Membership):
    bob = make_operator(bob_member)
    chat = make_chat(acme, operator=bob, ip_address="2001:db8:0:7::1")
    visitor, later = chat.visitor, timezone.now() + timedelta(hours=2)
    assert network_of("::ffff:203.0.113.9") == "203.0.113.9/32"
    with account_scope(acme):
        first = block_visitor(operator=bob, visitor=visitor, what="session", hours=1, reason="Abuse\n here")
        again = block_visitor(operator=bob, visitor=visitor, what="session", hours=24)
        assert first.pk == again.pk
        assert Chat.objects.get(pk=chat.pk).state == "closed"
        assert is_blocked(acme, visitor.pk, "198.51.100.1", later)
        assert not is_blocked(acme, None, "2001:db8:0:7::1", later)
        block_visitor(operator=bob, visitor=visitor, what="address", hours=1)
        assert is_blocked(acme, None, "2001:db8:0:7:ffff::2")
        assert not is_blocked(acme, None, "2001:db8:0:8::1")
        assert not is_blocked(acme, None, "2001:db8:0:7::1", later)
        for hours in (0, 721):
            with pytest.raises(Refused, match="bad_duration"):
                block_visitor(operator=bob, visitor=visitor, what="session", hours=hours)
        expired = registry.find("chat.Block").expired
        assert expired is not None
        assert expired(timezone.now() + timedelta(days=31)).count() == Block.objects.count() == 2
    assert not Entry.objects.filter(facts__icontains="2001").exists()
    assert Entry.objects.filter(action="visitor.blocked").count() == 3


def test_operators_lift_their_own_blocks_and_leaders_every_one(
    acme: Account, alice: User, alice_member: Membership, bob: User, bob_member: Membership, carol_member: Membership,
    client_of: Callable[[User], Client],
):  # fmt: skip
    ada, ben = make_operator(alice_member), make_operator(bob_member)
    make_operator(carol_member)
    held = make_chat(acme, operator=ada, name="<b>Mallory</b>")
    with account_scope(acme):
        with pytest.raises(Refused, match="not_allowed"):
            block_visitor(operator=ben, visitor=held.visitor, what="session", hours=1)
        own = block_visitor(operator=ada, visitor=held.visitor, what="session", hours=1)
        with pytest.raises(Refused, match="not_allowed"):
            lift_block(block=own, operator=ben)
    page = client_of(bob).get("/app/settings/blocked/").content.decode()
    assert "&lt;b&gt;Mallory" in page
    assert "Unblock" not in page
    assert client_of(carol_member.user).post(f"/app/settings/blocked/{own.public_id}/lift/").status_code == 404
    other = make_visitor(acme, name="Eve")
    chat = make_chat(acme, visitor=other, operator=ben)
    answer = client_of(bob).post(f"/app/archive/{chat.public_id}/block/", {"what": "address", "hours": "24"})
    assert answer.status_code == 302
    assert client_of(alice).get("/app/settings/blocked/").content.decode().count("Unblock<") == 2
    for block in Block.of(acme):
        client_of(alice).post(f"/app/settings/blocked/{block.public_id}/lift/")
    assert not Block.of(acme).exists()


@pytest.mark.django_db(transaction=True)
def test_a_blocked_visitor_is_put_out_and_no_door_lets_them_in_again(
    acme: Account, bob_member: Membership, doors: Any, play: Any
):
    opened = doors.open_widget(acme)
    ticket = doors.console_ticket(bob_member)

    async def scenario() -> None:
        mallory, bob = await doors.visitor(opened), await doors.console(ticket)
        await mallory.expect("ready")
        await mallory.send(t="start", id="0193a1b2-0000-7000-8000-000000000001", text="You fools")
        chat = (await mallory.expect("ack"))["chat"]
        await bob.send(t="accept", chat=chat)
        await bob.expect("took")
        await bob.send(t="block", chat=chat, what="session", hours=1, reason="Abuse")
        await bob.expect("blocks", done=True)
        await mallory.expect("chat")
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await mallory.next()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403
        await bob.close()

    play(scenario())
    again = {"key": opened_key(acme), "secret": opened["secret"]}
    status, answer = post_json(f"{doors.origin}/widget/open/", again, {"Origin": doors.origin})
    assert (status, answer["code"], answer["message"]) == (403, "blocked", "This chat is not available.")
    assert post_json(f"{doors.origin}/widget/open/", {"key": again["key"]}, {"Origin": doors.origin})[0] == 200


def opened_key(account: Account) -> str:
    from chat.testing import make_widget

    return make_widget(account).key
