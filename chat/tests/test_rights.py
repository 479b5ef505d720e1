"""What sockets may do, what they must not, and what ends them."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.roles import ACTIONS
from accounts.scoping import account_scope, scopes_disabled
from chat.actions import visitors
from chat.consumers import base, console
from chat.consumers.console import RIGHTS, ConsoleConsumer
from chat.consumers.widget import WidgetConsumer
from chat.models import Chat, Visitor
from chat.queries import find_visitor_by_secret
from chat.realtime.live import live
from chat.realtime.protocol import BadFrame, decode
from chat.testing import DEVICE, PAGE, make_chat, make_operator, make_visitor
from chat.tests.test_sockets import closes_with, started
from core.errors import Refused
from core.limits import LIMITS, Limit
from core.realtime import hub
from core.secret_links import hash_secret
from core.tickets import issue_ticket
from tests.wire import Wire, post_json

QUIET = 0.6  # seconds in which a frame that must not come would have come


async def hears_nothing_of(wire: Wire, kind: str) -> None:
    with pytest.raises(TimeoutError):
        await wire.expect(kind, QUIET)


def ticket_of(visitor: Visitor) -> dict[str, str]:
    return {"ticket": issue_ticket("widget", visitor=visitor.pk)}


def test_only_who_may_write_in_a_chat_seems_to_type(
    doors: Any, play: Any, acme: Any, alice_member: Any, bob_member: Any, dave: Any
) -> None:
    alice_chat = make_chat(acme, visitor=dave, operator=make_operator(alice_member))
    bob_chat = make_chat(acme, operator=make_operator(bob_member))
    bobs, alices = doors.console_ticket(bob_member), doors.console_ticket(alice_member)
    others = ticket_of(bob_chat.visitor)

    async def scenario() -> None:
        mine, his = await doors.visitor(ticket_of(dave)), await doors.visitor(others)
        bob, alice = await doors.console(bobs), await doors.console(alices)
        for wire in (mine, his, bob, alice):
            await wire.expect("ready")
        await bob.send(t="typing", chat=str(alice_chat.public_id), on=True)
        await hears_nothing_of(mine, "typing")
        await bob.send(t="typing", chat=str(bob_chat.public_id), on=True)
        assert (await his.expect("typing"))["who"] == "Bob Builder"
        await alice.send(t="typing", chat=str(bob_chat.public_id), on=True)  # an owner may write everywhere
        assert (await his.expect("typing"))["who"] == "Alice Example"

    play(scenario())


def test_every_command_asks_the_table_of_roles(
    doors: Any, play: Any, acme: Any, alice_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(RIGHTS) == set(ConsoleConsumer.handlers)
    make_chat(acme)
    ticket = doors.console_ticket(alice_member)
    monkeypatch.setitem(ACTIONS, "chats.answer", frozenset())

    async def scenario() -> None:
        alice = await doors.console(ticket)
        await alice.send(t="accept")
        assert (await alice.expect("err"))["code"] == "not_found"

    play(scenario())
    with scopes_disabled():
        assert Chat.objects.get().state == "waiting"


def test_a_preview_that_is_off_is_off_in_every_window(
    doors: Any, play: Any, acme: Any, alice_member: Any, dave: Any
) -> None:
    make_chat(acme, visitor=dave, operator=make_operator(alice_member))
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> None:
        one, two = await doors.visitor(ticket_of(dave)), await doors.visitor(ticket_of(dave))
        alice = await doors.console(ticket)
        for wire in (one, two, alice):
            await wire.expect("ready")
        await one.send(t="peek", on=False)
        await two.expect("set", peek=False)
        await two.send(t="typing", text="my secret", on=True)
        assert (await alice.expect("typing"))["chats"][0]["text"] is None

    play(scenario())


def test_a_second_window_writes_in_the_chat_that_the_first_one_started(doors: Any, play: Any, dave: Any) -> None:
    async def scenario() -> None:
        one, two = await doors.visitor(ticket_of(dave)), await doors.visitor(ticket_of(dave))
        await one.expect("ready")
        await two.expect("ready")
        await one.send(**started())
        await one.expect("ack")
        assert (await two.message("And from here too"))["seq"] == 2

    play(scenario())


def test_one_visitor_does_not_fill_the_queue_by_beginning_again_and_again(
    doors: Any, play: Any, dave: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "chat.starts", Limit(2, 600, "visitor"))

    async def scenario() -> None:
        wire = await doors.visitor(ticket_of(dave))
        for _ in range(2):
            await wire.send(**started())
            await wire.expect("ack")
            await wire.send(t="end")
            await wire.line(event="left")
        await wire.send(**started())
        assert (await wire.expect("err"))["code"] == "limit"

    play(scenario())
    with scopes_disabled():
        assert Chat.objects.count() == 2


def test_pages_are_not_noted_once_the_chat_has_ended(doors: Any, play: Any, dave: Any) -> None:
    async def scenario() -> None:
        wire = await doors.visitor(ticket_of(dave))
        await wire.send(**started())
        await wire.expect("ack")
        await wire.send(t="end")
        await wire.line(event="left")
        await wire.send(t="page", url="https://acme-bikes.example/private/", title="Private")
        await wire.send(t="peek", on=True)  # answered after it
        await wire.expect("set")

    play(scenario())
    with scopes_disabled():
        assert "private" not in Visitor.objects.get(pk=dave.pk).page_url


def test_control_characters_do_not_reach_the_rows(doors: Any, play: Any, dave: Any) -> None:
    async def scenario() -> None:
        wire = await doors.visitor(ticket_of(dave))
        await wire.send(**started(name="Da\x00ve", page={"url": "https://a.example/\x00", "title": "A\x00"}))
        await wire.expect("ack")
        await wire.send(t="page", url="https://a.example/b\x00", title="B\x00")
        await wire.send(t="end")
        await wire.line(event="left")
        await wire.send(t="rate", value="good", comment="So\x00 so")
        await wire.line(event="rated")

    play(scenario())
    with scopes_disabled():
        chat = Chat.objects.select_related("visitor").get()
        kept = [chat.visitor.name, chat.visitor.page_url, chat.page_url, chat.page_title, chat.rating_comment]
        assert kept == ["Dave", "https://a.example/b", "https://a.example/", "A", "So so"]


def test_deletion_ends_the_sockets_and_what_memory_holds(doors: Any, play: Any, dave: Any, site_server: str) -> None:
    async def scenario() -> None:
        wire = await doors.visitor(ticket_of(dave))
        await wire.send(**started(name="Dave"))
        await wire.expect("ack")
        status, _ = await asyncio.to_thread(
            post_json, f"{site_server}/widget/delete/", {"secret": dave.secret}, {"Origin": site_server}
        )
        assert status == 200
        await wire.expect("chat", chat=None)
        await wire.send(**started())
        assert (await wire.expect("err"))["code"] == "not_found"
        await wire.send(t="read", seq=1)
        assert (await wire.expect("err"))["code"] == "not_found"
        assert await closes_with(wire) == 4403

    play(scenario())
    assert dave.pk not in live.presence


def test_a_sixth_socket_is_refused_even_when_all_come_at_once(doors: Any, play: Any, dave: Any) -> None:
    tickets = [ticket_of(dave) for _ in range(9)]

    async def scenario() -> None:
        wires = await asyncio.gather(*(doors.visitor(ticket) for ticket in tickets))
        firsts = await asyncio.gather(*(wire.expect("ready") for wire in wires), return_exceptions=True)
        assert sum(isinstance(first, dict) for first in firsts) == 5
        assert live.presence[dave.pk].sockets == 5

    play(scenario())


def test_a_silent_operator_who_may_no_longer_be_here_is_found(
    doors: Any, play: Any, acme: Any, alice_member: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(base, "RECHECK_SECONDS", 0)
    settings.REDIS_URL = settings.REDIS_URL or "redis://of-several-processes.invalid"
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> int:
        alice = await doors.console(ticket)
        await alice.expect("ready")
        await asyncio.to_thread(Session.objects.all().delete)  # and the hint to close her socket is lost
        assert hub.loop is not None
        for socket in list(hub.sockets):
            hub.loop.call_soon_threadsafe(socket.beat)
        return await closes_with(alice)

    assert play(scenario()) == 4401


def test_a_session_that_ends_closes_the_silent_console_in_it(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    ticket = doors.console_ticket(alice_member)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=1))

    async def scenario() -> int:
        alice = await doors.console(ticket)
        await alice.expect("ready")
        await asyncio.sleep(1.1)
        assert hub.loop is not None
        for socket in list(hub.sockets):
            hub.loop.call_soon_threadsafe(socket.beat)
        return await closes_with(alice)

    assert play(scenario()) == 4401


def test_an_expired_session_opens_no_socket(doors: Any, play: Any, alice_member: Any) -> None:
    make_operator(alice_member)
    session = SessionStore()
    session.create()
    Session.objects.filter(session_key=session.session_key).update(expire_date=timezone.now())
    ticket = issue_ticket("console", membership=alice_member.pk, session=session.session_key)

    async def scenario() -> int:
        return await closes_with(await doors.console(ticket))

    assert play(scenario()) == 4401


def test_who_enters_while_the_database_is_away_is_told_to_come_back(
    doors: Any, play: Any, alice_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> None:
        raise Refused("busy", "away", status=503)

    monkeypatch.setattr(console, "_read_start", away)
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> int:
        return await closes_with(await doors.console(ticket))

    assert play(scenario()) == 1012


def test_a_frame_as_deep_as_it_is_long_is_a_bad_frame() -> None:
    deep = 30_000 * "["
    for text in (deep, '{"t":"msg","id":' + deep, '{"t":"nothing","x":' + deep):
        with pytest.raises(BadFrame):
            decode(WidgetConsumer.decoder, text)


def test_two_windows_that_open_at_once_both_keep_the_chat(acme: Any) -> None:
    dave = make_visitor(acme)
    with account_scope(acme):
        stale = [find_visitor_by_secret(dave.widget, hash_secret(dave.secret)) for _ in range(2)]
        device = {**DEVICE, "ip_address": None}
        fresh = [visitors.open_widget(widget=dave.widget, visitor=one, device=device, page=PAGE)[1] for one in stale]
        found = [find_visitor_by_secret(dave.widget, hash_secret(secret)) for secret in fresh]
        assert [one and one.pk for one in found] == [dave.pk, dave.pk]
        visitors.delete_visitor(visitor=Visitor.objects.get(pk=dave.pk))
        assert visitors.open_widget(widget=dave.widget, visitor=stale[0], device=device, page=PAGE)[0].pk != dave.pk


@pytest.mark.parametrize("body", [b'{"key": "\\ud800", "secret": "\\ud800"}', b'{"key":' + b"[" * 7000])
def test_a_body_that_is_no_text_or_too_deep_is_refused(client: Any, db: None, body: bytes) -> None:
    answer = client.post("/widget/open/", body, content_type="application/json")
    assert answer.status_code in (400, 404)


def test_marks_of_a_chat_that_is_gone_are_not_found(acme: Any) -> None:
    from chat.actions.chats import mark_read, start_chat

    dave = make_visitor(acme)
    with account_scope(acme):
        with pytest.raises(Refused, match="not_found"):
            mark_read(chat_pk=10**9, seq=1, by_visitor=True)
        gone = Visitor.objects.get(pk=dave.pk)
        visitors.delete_visitor(visitor=dave)
        with pytest.raises(Refused, match="not_found"):
            start_chat(visitor=gone, client_id=uuid.uuid4(), text="Hello")
