"""Consoles from addresses that are not on the account's list: refused at the door, closed when the list changes."""

import asyncio
from typing import Any

import pytest

from accounts import actions
from accounts.models import Account
from accounts.scoping import account_scope
from accounts.testing import make_member
from chat.consumers.base import RECHECK_SECONDS
from chat.tests.test_sockets import closes_with
from core.realtime import BEAT_SECONDS, hub

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("allow_list_sockets")]
HOME, AWAY = "198.51.100.24", "203.0.113.24"


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1


def coming_from(address: str) -> dict[str, Any]:
    return {"additional_headers": {"X-Forwarded-For": address}}


def allow_home(member: Any) -> None:
    with account_scope(member.account):
        actions.add_access_rule(by=member, network="198.51.100.0/24", label="Shop")
        actions.set_access_mode(by=member, mode="listed", address=HOME)


@pytest.fixture
def bob_at_work(acme: Account) -> Any:
    return make_member(acme, name="Bob")


def test_a_change_closes_who_is_not_on_the_list_and_nobody_else(
    doors: Any, play: Any, acme: Any, alice_member: Any, bob_at_work: Any
) -> None:
    hers, his, opened = doors.console_ticket(alice_member), doors.console_ticket(bob_at_work), doors.open_widget(acme)

    async def scenario() -> int:
        alice = await doors.console(hers, **coming_from(HOME))
        bob = await doors.console(his, **coming_from(AWAY))
        dave = await doors.visitor(opened, **coming_from(AWAY))
        for wire in (alice, bob, dave):
            await wire.expect("ready")
        await asyncio.to_thread(allow_home, alice_member)
        code = await closes_with(bob)
        await alice.send(t="board", cursor=0)
        await alice.expect("board")
        await dave.send(t="peek", on=False)
        await dave.expect("set")
        return code

    assert play(scenario()) == 4403


def test_a_ticket_from_home_opens_no_socket_elsewhere(doors: Any, play: Any, alice_member: Any) -> None:
    allow_home(alice_member)

    async def refused(ticket: str, address: str) -> int:
        return await closes_with(await doors.console(ticket, **coming_from(address)))

    async def let_in(ticket: str, address: str) -> Any:
        return await (await doors.console(ticket, **coming_from(address))).expect("ready")

    for address in (AWAY, f"{HOME}, {AWAY}", "", "nonsense", "2001:db8::1"):
        assert play(refused(doors.console_ticket(alice_member), address)) == 4403, address
    for address in (HOME, f"{AWAY}, {HOME}", f"::ffff:{HOME}"):
        assert play(let_in(doors.console_ticket(alice_member), address))["me"]["name"] == "Alice Example"


def test_a_forged_header_opens_nothing_where_no_proxy_is_trusted(
    doors: Any, play: Any, alice_member: Any, settings: Any
) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    allow_home(alice_member)
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> int:
        return await closes_with(await doors.console(ticket, **coming_from(HOME)))

    assert play(scenario()) == 4403


def test_an_open_console_is_asked_again_within_a_minute_even_when_no_word_of_the_change_arrives(
    doors: Any, play: Any, acme: Any, alice_member: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert RECHECK_SECONDS <= 60  # at most so far apart: a beat comes every BEAT_SECONDS
    settings.REDIS_URL = settings.REDIS_URL or "redis://of-several-processes.invalid"
    monkeypatch.setattr("chat.consumers.base.RECHECK_SECONDS", BEAT_SECONDS - 1)
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> int:
        alice = await doors.console(ticket, **coming_from(AWAY))
        await alice.expect("ready")
        await asyncio.to_thread(Account.objects.filter(pk=acme.pk).update, access_mode="listed")
        assert hub.loop is not None
        hub.loop.call_soon_threadsafe(lambda: [socket.beat() for socket in hub.sockets if socket.beat])
        return await closes_with(alice)

    assert play(scenario()) == 4403
