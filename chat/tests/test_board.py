"""The board of visitors over real sockets: who is listed, who is not, invitations, what is kept (S28, P14)."""

import asyncio
from typing import Any

import pytest
from django.db import connection
from websockets.exceptions import ConnectionClosed

from accounts.actions.leaving import close_account
from accounts.scoping import account_scope, scopes_disabled
from chat.actions.widgets import add_widget, make_identity_secret, remove_widget
from chat.models import BoardReceipt, ChatSettings, Visitor
from chat.testing import make_widget
from chat.tests.test_identity import sign

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "https://acme-bikes.example"


@pytest.fixture
def board(acme: Any) -> None:
    with account_scope(acme):
        ChatSettings.objects.create(account=acme, board_on=True)


async def rows_of(console: Any) -> dict[str, Any]:
    await console.send(t="watch", on=True)
    return await console.expect("visitors")


async def until(console: Any, check: Any) -> dict[str, Any]:
    """The first snapshot for which it is true."""
    async with asyncio.timeout(10):
        while True:
            frame = await console.expect("visitors")
            if check(frame):
                return frame


def test_a_yes_lists_the_page_with_a_receipt_and_a_no_ends_both_at_once(doors, play, acme, alice_member, board):
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> None:
        console, pat = await doors.console(ticket), await doors.visitor(opened)
        ready = await pat.expect("ready")
        assert ready["seen"] is True and ready["listed"] is False
        await pat.send(t="page", url=f"{ADDRESS}/before", title="Before")
        first = await rows_of(console)
        assert first["total"] == 1 and first["rows"][0]["page"]["title"] != "Before"
        await pat.send(t="seen", on=True, asked=True, lang="de-AT")
        assert (await pat.expect("set"))["listed"] is True
        await pat.send(t="page", url=f"{ADDRESS}/cargo", title="Cargo")
        row = (await until(console, lambda f: f["rows"][0]["page"]["title"] == "Cargo"))["rows"][0]
        assert row["page"]["url"] == f"{ADDRESS}/cargo" and row["chat"] is None
        await pat.send(t="seen", on=False)
        assert (await pat.expect("set"))["seen"] is False
        gone = await until(console, lambda f: f["hidden"] == 1)
        assert gone["rows"] == [] and gone["total"] == 0
        await pat.send(t="page", url=f"{ADDRESS}/secret", title="Secret")
        await pat.send(
            t="start", id="0193a1b2-0000-7000-8000-000000000001", text="Hello", page={"url": "", "title": ""}
        )
        await pat.expect("ack")
        await pat.send(t="page", url=f"{ADDRESS}/secret", title="Secret")
        await pat.send(t="since", seq=0)
        await pat.expect("lines")
        await pat.close()
        await console.close()

    play(scenario())
    with scopes_disabled():
        receipt, visitor = BoardReceipt.objects.get(), Visitor.objects.get()
    assert receipt.withdrawn_at is not None and receipt.channel == "bubble" and len(receipt.text_hash) == 64
    assert acme.company in receipt.text
    assert visitor.seen_allowed is False and "secret" not in visitor.page_url


def test_without_the_board_a_yes_is_no_consent_and_the_switch_of_the_window_needs_none(doors, play, acme):
    opened = doors.open_widget(acme)

    async def scenario() -> None:
        pat = await doors.visitor(opened)
        await pat.expect("ready")
        for frame in ({"on": True, "asked": True}, {"on": False}, {"on": True}):
            await pat.send(t="seen", **frame)
            answer = await pat.expect("set")
            assert answer["seen"] is frame["on"] and answer["listed"] is False
        await pat.close()

    play(scenario())
    with scopes_disabled():
        assert not BoardReceipt.objects.exists() and Visitor.objects.get().seen_allowed is True


def test_an_invitation_reaches_the_visitor_once_and_a_no_is_a_no(doors, play, acme, cakes, alice_member, carol_member):
    opened = doors.open_widget(acme)
    ticket, other = doors.console_ticket(alice_member), doors.console_ticket(carol_member)

    async def scenario() -> None:
        console, stranger, pat = await doors.console(ticket), await doors.console(other), await doors.visitor(opened)
        await pat.expect("ready")
        who = (await rows_of(console))["rows"][0]["id"]
        await stranger.send(t="invite", visitor=who, text="Hello")
        assert (await stranger.expect("err"))["code"] == "not_found"
        for text, code in (("  ", "empty"), ("x" * 301, "too_long")):
            await console.send(t="invite", visitor=who, text=text)
            assert (await console.expect("err"))["code"] == code
        await console.send(t="invite", visitor=who, text="Can I \u202e<b>help</b>?")
        await console.expect("invited")
        shown = await pat.expect("invite")
        assert shown["text"] == "Can I <b>help</b>?" and shown["who"]
        await console.send(t="invite", visitor=who, text="Again")
        assert (await console.expect("err"))["code"] == "taken"
        await pat.send(t="invited", yes=False)
        await until(console, lambda f: f["rows"] and f["rows"][0]["invited"] == "no")
        await pat.close()
        back = await doors.visitor(
            await asyncio.to_thread(doors.again, opened)
        )  # the next page of the website: the visit goes on
        await back.expect("ready")
        await console.send(t="invite", visitor=who, text="Once more")
        assert (await console.expect("err"))["code"] == "declined"
        for wire in (console, stranger, back):
            await wire.close()

    play(scenario())


def test_ten_thousand_visitors_make_one_frame_a_second_and_no_statement(doors, play, acme, alice_member):
    from chat.realtime.live import Presence, live

    ticket = doors.console_ticket(alice_member)

    async def scenario() -> tuple[int, int, list[str]]:
        console = await doors.console(ticket)
        await rows_of(console)
        statements: list[str] = []

        def crowd() -> None:
            from django.utils import timezone

            for number in range(10_000):
                live.arrive(-number - 1, Presence(acme.pk, f"{number:032x}", "V", timezone.now(), 1, "", "", "", {}))
            for number in range(10_000):
                live.change_presence(-number - 1, page={"url": "", "title": str(number)})

        assert live.loop is not None
        live.loop.call_soon_threadsafe(crowd)
        heard, total = 0, 0
        with connection.execute_wrapper(lambda run, sql, *rest: (statements.append(sql), run(sql, *rest))[1]):
            end = asyncio.get_running_loop().time() + 3
            while (left := end - asyncio.get_running_loop().time()) > 0:
                try:
                    frame = await console.next(left)
                except TimeoutError:
                    break
                heard += frame["t"] == "visitors"
                total = max(total, frame.get("total", 0))
        live.loop.call_soon_threadsafe(lambda: [live.depart(-number - 1) for number in range(10_000)])
        await console.close()
        return heard, total, statements

    heard, total, statements = play(scenario())
    assert total == 10_000 and heard <= 4 and statements == []


def test_a_forged_identity_is_refused_and_the_chat_goes_on(doors, play, acme, alice_member):
    secret = make_identity_secret(widget=make_widget(acme), by=alice_member)
    opened = doors.open_widget(acme)

    async def scenario() -> None:
        pat = await doors.visitor(opened)
        await pat.expect("ready")
        await pat.send(t="identify", token=sign("not the secret, but as long as it is"))
        assert (await pat.expect("err"))["code"] == "bad_token"
        await pat.send(t="identify", token=sign(secret, name="<img src=x onerror=alert(1)>"))
        filled = await pat.expect("prefill")
        assert (filled["name"], filled["email"]) == ("<img src=x onerror=alert(1)>", "pat@specimen.example")
        await pat.close()

    play(scenario())
    with scopes_disabled():
        assert Visitor.objects.get().external_id == "customer-7"


def test_who_has_the_chat_open_on_a_removed_website_or_closed_account_hears_that_it_is_gone(
    doors, play, acme, alice_member, cakes, carol_member
):
    gone, closed = doors.open_widget(acme), doors.open_widget(cakes)
    widget = make_widget(acme)
    add_widget(by=alice_member, website="https://other.example")

    async def scenario() -> list[int]:
        codes = []
        pat, nina = await doors.visitor(gone), await doors.visitor(closed)
        await pat.expect("ready")
        await nina.expect("ready")
        await asyncio.to_thread(remove_widget, widget=widget, by=alice_member)
        await asyncio.to_thread(close_account, by=carol_member)
        for wire in (pat, nina):
            with pytest.raises(ConnectionClosed) as ended:
                async with asyncio.timeout(10):
                    while True:
                        await wire.next()
            codes.append(ended.value.rcvd.code if ended.value.rcvd else 0)
        return codes

    assert play(scenario()) == [4403, 4403]
