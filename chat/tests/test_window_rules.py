"""What an account set for every visitor: typing that is never shown, and operators who are not named."""

import json
import uuid
from typing import Any

from django.test import Client

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.models import ChatSettings, Visitor
from chat.testing import make_operator, make_widget
from chat.window.kept import describe_kept, export_visitor


def rule(acme: Account, **rules: Any) -> None:
    with account_scope(acme):
        ChatSettings.objects.update_or_create(account=acme, defaults=rules)


def test_where_the_account_does_not_look_typing_reaches_nobody_and_the_window_says_so(
    doors: Any, play: Any, acme: Account, alice_member: Membership
) -> None:
    make_operator(alice_member)
    rule(acme, peek_on=False)
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> list[Any]:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        ready = await dave.expect("ready")
        assert (ready["peek"], ready["peek_on"]) == (False, False)
        await dave.send(t="start", id=str(uuid.uuid4()), text="Hello")
        await dave.expect("ack")
        await alice.send(t="accept")
        await alice.expect("took")
        await dave.send(t="peek", on=True)  # a window that does not obey
        await dave.send(t="typing", text="needle", on=True)
        return (await alice.expect("typing"))["chats"]

    assert [told["text"] for told in play(scenario())] == [None]
    page = Client(headers={"host": doors.origin.removeprefix("http://")}).get(f"/widget/frame/{make_widget(acme).key}/")
    assert "Nobody sees what you type before you send it" in page.content.decode()


def test_where_operators_are_not_shown_no_frame_page_or_download_names_one(
    doors: Any, play: Any, acme: Account, alice_member: Membership
) -> None:
    make_operator(alice_member)
    rule(acme, show_operators=False)
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> list[Any]:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        heard = [await dave.expect("ready")]
        await dave.send(t="start", id=str(uuid.uuid4()), text="Hello")
        await dave.expect("ack")
        await alice.send(t="accept")
        chat = (await alice.expect("took"))["card"]["id"]
        heard.append(await dave.line(event="joined"))
        await alice.message("Good morning", chat=chat)
        heard.append(await dave.line(by="operator"))
        await dave.send(t="since", seq=0)
        heard += [await dave.expect("lines"), await dave.expect("chat", seconds=5)]
        return heard

    told = json.dumps(play(scenario()))
    assert "Alice" not in told and '"who": "Acme Bikes"' in told
    client = Client(headers={"host": doors.origin.removeprefix("http://")})
    assert "Alice" not in client.get(f"/widget/frame/{make_widget(acme).key}/").content.decode()
    with account_scope(acme):
        visitor = Visitor.objects.select_related("account").get()
        kept = json.dumps([describe_kept(visitor), export_visitor(visitor)], default=str)
    assert "Alice" not in kept and "Good morning" in kept
