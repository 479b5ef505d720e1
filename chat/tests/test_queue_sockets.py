"""The queue over real sockets: places that move, an answer by mail, a chat that is given, consoles that go away."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import scopes_disabled
from chat.actions.settings import change_chat_settings
from chat.models import Chat, ChatSettings
from chat.realtime import attendance
from chat.realtime.clock import clock
from chat.testing import make_operator
from chat.tests.conftest import Doors
from chat.tests.test_processes import other_process, run_elsewhere
from operators.actions import change_hours, choose_members, make_group, set_chat_limit, set_status
from operators.hours import DAYS
from tests.wire import Wire

if settings.REDIS_URL:
    from chat.tests.test_processes import second_door

    __all__ = ["second_door"]

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND = "0193a1b2-0000-7000-8000-0000000000a1", "0193a1b2-0000-7000-8000-0000000000a2"


def test_places_move_and_who_asks_for_a_mail_leaves_the_queue(
    acme: Account, alice_member: Membership, doors: Doors, play: Callable[..., Any]
):
    change_chat_settings(by=alice_member, queue_limit=2)
    tickets = [doors.open_widget(acme) for _ in range(3)]
    console = doors.console_ticket(alice_member)

    async def scenario() -> None:
        pat, kim, lee = [await doors.visitor(ticket) for ticket in tickets]
        alice = await doors.console(console)
        assert (await alice.expect("ready"))["me"]["groups"] is None  # the owner takes any
        await pat.send(t="start", id=FIRST, text="Hello")
        assert (await pat.expect("chat"))["chat"]["position"] == 1
        await kim.send(t="start", id=SECOND, text="Hello")
        assert (await kim.expect("chat"))["chat"]["position"] == 2
        await lee.send(t="start", id=FIRST, text="Hello")
        assert (await lee.expect("err"))["code"] == "queue_full"
        await lee.send(t="start", id=FIRST, text="Hello", mail=True, email="lee@specimen.example")
        chat = (await lee.expect("chat"))["chat"]
        assert (chat["mail"], chat["position"]) == (True, None)
        await pat.send(t="by_mail", email="not an address")
        assert (await pat.expect("err"))["code"] == "bad_email"
        await pat.send(t="by_mail", email="pat@specimen.example")
        assert (await pat.expect("chat"))["chat"]["mail"]
        moved = await kim.expect("queue", position=1)
        await alice.send(t="accept")
        took = await alice.expect("took")
        assert took["card"]["id"] == moved["chat"]  # the only one who waits live
        assert (await kim.expect("chat"))["chat"]["state"] == "open"
        for wire in (pat, kim, lee, alice):
            await wire.close()

    play(scenario())
    with scopes_disabled():
        assert sorted(Chat.objects.values_list("state", "by_mail")) == [
            ("open", False),
            ("waiting", True),
            ("waiting", True),
        ]


def test_a_chat_is_given_to_an_open_console_and_passed_on_when_it_goes(
    acme: Account, alice_member: Membership, bob_member: Membership, doors: Doors, play: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setattr(attendance, "GONE_SECONDS", 1)
    change_chat_settings(by=alice_member, routing="in_turn")
    alice, bob = make_operator(alice_member), make_operator(bob_member)
    set_status(operator=alice, status="away")
    opened = doors.open_widget(acme)
    tickets = [doors.console_ticket(member) for member in (alice_member, bob_member)]

    async def scenario() -> None:
        consoles = [await doors.console(ticket) for ticket in tickets]
        for console in consoles:
            await console.expect("board")
        visitor = await doors.visitor(opened)
        await visitor.send(t="start", id=FIRST, text="Hello")
        given = await consoles[1].expect("given", reason="new")
        assert (await visitor.expect("chat"))["chat"]["operator"]["id"] == bob.pk
        await visitor.send(t="msg", id=SECOND, text="Are you there?")
        assert (await consoles[1].line(text="Are you there?"))["seq"] == 3
        await consoles[0].send(t="status", value="accepting")
        await consoles[0].expect("set")
        await consoles[1].close()
        passed = await consoles[0].expect("given", reason="passed_on")
        assert passed["chat"] == given["chat"]
        assert (await visitor.line(event="passed_on"))["op"] == alice.pk
        for wire in (visitor, consoles[0]):
            await wire.close()

    play(scenario())
    bob.refresh_from_db()
    assert bob.open_chats == 0


def test_who_waits_gets_the_place_that_a_higher_limit_makes(
    acme: Account, alice_member: Membership, bob_member: Membership, doors: Doors, play: Callable[..., Any]
):
    change_chat_settings(by=alice_member, routing="least_busy")
    alice, bob = make_operator(alice_member), make_operator(bob_member)
    set_status(operator=alice, status="offline")
    set_chat_limit(operator=bob, limit=1, actor="system")
    tickets = [doors.open_widget(acme) for _ in range(2)]
    ticket = doors.console_ticket(bob_member)

    async def scenario() -> None:
        console = await doors.console(ticket)
        await console.expect("board")
        for number, opened in enumerate(tickets):
            visitor = await doors.visitor(opened)
            await visitor.send(t="start", id=(FIRST, SECOND)[number], text="Hello")
            state = (await visitor.expect("chat"))["chat"]["state"]
            assert state == ("open", "waiting")[number]
        await asyncio.to_thread(set_chat_limit, operator=bob, limit=2, actor="system")
        assert (await visitor.expect("chat"))["chat"]["state"] == "open"
        await console.close()

    play(scenario())


def test_the_window_says_when_somebody_is_back_and_consoles_hear_of_their_groups(
    acme: Account, alice_member: Membership, bob_member: Membership, doors: Doors, play: Callable[..., Any]
):
    bob = make_operator(bob_member)
    ticket = doors.console_ticket(bob_member)
    opened = doors.open_widget(acme)
    assert opened["open"] and opened["opens_at"] is None
    group = make_group(by=alice_member, name="Sales")

    async def scenario() -> None:
        console = await doors.console(ticket)
        assert (await console.expect("ready"))["me"]["groups"] == []
        await asyncio.to_thread(choose_members, group=group, by=alice_member, operators=[bob.pk])
        assert (await console.expect("set"))["groups"] == [group.pk]
        await console.close()
        visitor = await doors.visitor(opened)
        ready = await visitor.expect("ready")
        assert (ready["open"], ready["opens_at"] is None) == (False, False)
        await visitor.close()

    never = {DAYS[(timezone.now().weekday() + 3) % 7]: [["00:00", "00:01"]]}
    change_hours(by=alice_member, is_on=True, week=never, holidays=[])
    play(scenario())


def test_the_worker_finds_what_no_web_process_knew_of(
    acme: Account, alice_member: Membership, doors: Doors, play: Callable[..., Any]
):
    """After a restart no timer is set: the clock's word reaches the web process, which gives out what waits."""
    change_chat_settings(by=alice_member, routing="by_hand")
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> None:
        console = await doors.console(ticket)
        await console.expect("board")
        visitor = await doors.visitor(opened)
        await visitor.send(t="start", id=FIRST, text="Hello")
        assert (await visitor.expect("chat"))["chat"]["state"] == "waiting"
        while not clock.is_resting(acme.pk):
            await asyncio.sleep(0.05)
        await asyncio.to_thread(ChatSettings.of(acme).update, routing="in_turn")  # and nobody is told
        code = "from chat.actions.queue import wake_restless\nassert wake_restless() == 1"
        await asyncio.to_thread(run_elsewhere, code, other_process(doors.origin))
        assert (await visitor.expect("chat"))["chat"]["state"] == "open"
        await console.close()

    play(scenario())


if settings.REDIS_URL:  # several web processes need Redis

    def test_a_chat_is_given_to_an_operator_whose_console_is_in_another_process(
        acme: Account, alice_member: Membership, doors: Doors, second_door: str, play: Callable[..., Any]
    ):
        change_chat_settings(by=alice_member, routing="least_busy")
        opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)
        alice = make_operator(alice_member)

        def forget() -> None:  # only the word between the processes says that alice is here
            with scopes_disabled():
                type(alice).objects.filter(pk=alice.pk).update(seen_at=None)

        async def scenario() -> None:
            console = await Wire.join(f"{second_door}/ws/console/", doors.origin, {"ticket": ticket, "cursor": 0})
            await console.listening()
            await console.expect("board")
            visitor = await doors.visitor(opened)
            await visitor.expect("ready")
            await asyncio.to_thread(forget)
            await visitor.send(t="start", id=FIRST, text="Hello")
            await console.expect("given", reason="new")
            await visitor.send(t="msg", id=SECOND, text="Are you there?")
            await console.line(text="Are you there?")
            await console.close()

        play(scenario())
