"""Working together through real sockets: what each side hears, and what no visitor ever hears."""

import asyncio
import json
import uuid
from typing import Any

from accounts.scoping import scopes_disabled
from chat.desk.screens import lines_of, say_line
from chat.models import Chat, Note
from chat.queries import list_notes
from chat.realtime.live import live
from chat.realtime.lookers import Look, Lookers
from chat.testing import make_chat, make_operator
from chat.tests.test_rights import hears_nothing_of, ticket_of
from chat.window.kept import export_visitor
from core.realtime import Socket
from operators.models import Group, GroupMember
from outbox.models import Delivery
from tests.wire import Wire, post_json

NEEDLE = "haystack-needle"


async def ready(*wires: Wire) -> None:
    for wire in wires:
        await wire.expect("ready")


async def done(wire: Wire, command: str, **frame: Any) -> dict[str, Any]:
    """Sends a command with an id and answers its `ack`, or the refusal."""
    ident = frame.pop("id", None) or str(uuid.uuid4())
    await wire.send(t=command, id=ident, **frame)
    async with asyncio.timeout(10):
        while True:
            for one in wire.frames:
                if one.get("id") == ident and one["t"] in ("ack", "err"):
                    wire.frames.remove(one)
                    return one
            wire.frames.append(await wire.next())


def test_nothing_of_a_note_reaches_the_visitor_on_any_way(
    doors: Any, play: Any, acme: Any, alice_member: Any, bob_member: Any, dave: Any, site_server: str
) -> None:
    alice_op, bob_op = make_operator(alice_member), make_operator(bob_member)
    chat = make_chat(acme, visitor=dave, operator=bob_op)
    with scopes_disabled():
        group = Group.objects.create(account=acme, name="Workshop")
        GroupMember.objects.create(account=acme, group=group, operator=bob_op)
    alices, bobs = doors.console_ticket(alice_member), doors.console_ticket(bob_member)
    public_id = str(chat.public_id)
    mine = {"Origin": site_server}

    async def scenario() -> list[dict[str, Any]]:
        mine_first, alice, bob = (
            await doors.visitor(ticket_of(dave)),
            await doors.console(alices),
            await doors.console(bobs),
        )
        await ready(mine_first, alice, bob)
        ident = str(uuid.uuid4())
        for _ in range(2):  # a resend is harmless
            note = {"chat": public_id, "text": f"{NEEDLE} one", "mentions": [alice_op.pk], "id": ident}
            assert (await done(bob, "note", **note))["t"] == "ack"
        heard = await alice.expect("note")  # she does not follow the chat: she is named
        assert (heard["chat"], heard["name"], heard["note"]["text"]) == (public_id, "Dave", f"{NEEDLE} one")
        await done(alice, "note", chat=public_id, text=f"{NEEDLE} two", kind="whisper")
        assert (await bob.expect("note", name="Dave"))["note"]["text"] == f"{NEEDLE} one"
        assert (await bob.expect("note"))["note"]["kind"] == "whisper"
        await bob.send(t="notes", chat=public_id)
        assert [one["text"] for one in (await bob.expect("notes"))["notes"]] == [f"{NEEDLE} one", f"{NEEDLE} two"]
        moved = await done(bob, "transfer", chat=public_id, to=alice_op.pk, note=f"{NEEDLE} three")
        assert moved["t"] == "ack"
        assert (await alice.expect("handed"))["note"] == f"{NEEDLE} three"
        assert (await mine_first.line(event="joined", who="Alice Example"))["seq"] > 2
        await done(alice, "transfer", chat=public_id, group=group.pk, note=f"{NEEDLE} four", anyway=True)
        await mine_first.expect("chat")
        again = await doors.visitor(ticket_of(dave))
        await again.expect("lines")
        await again.send(t="since", seq=0)
        await again.expect("lines")
        await asyncio.sleep(0.3)
        for wire in (mine_first, again):
            await wire.send(t="no such command", id="end")
            await wire.expect("err", id="end")
        return mine_first.frames + again.frames

    told = json.dumps(play(scenario()))
    assert NEEDLE not in told
    for path in ("data", "download"):
        status, answer = post_json(f"{site_server}/widget/{path}/", {"secret": dave.secret}, mine)
        assert status == 200 or path == "download", answer
        assert NEEDLE not in json.dumps(answer)
    with scopes_disabled():
        assert Note.objects.count() == 4
        row = Chat.objects.select_related("visitor").get()
        assert NEEDLE not in json.dumps(export_visitor(row.visitor), default=str) + row.last_text
        text = [say_line(line) for line in lines_of(row.messages.order_by("seq"), row)]
        assert NEEDLE not in "".join(text)
        shown = lines_of(row.messages.order_by("seq"), row, list_notes(row.pk))
        assert sum(NEEDLE in line["text"] for line in shown) == 4  # operators read them
        assert NEEDLE not in "".join(str(one.__dict__) for one in Delivery.objects.all())


def test_a_change_reaches_both_sides_once_and_who_comes_later_too(
    doors: Any, play: Any, acme: Any, bob_member: Any, dave: Any
) -> None:
    chat = make_chat(acme, visitor=dave, operator=make_operator(bob_member))
    bobs = doors.console_ticket(bob_member)
    public_id = str(chat.public_id)

    async def scenario() -> None:
        mine, bob = await doors.visitor(ticket_of(dave)), await doors.console(bobs)
        await ready(mine, bob)
        seq = (await bob.message("It costs 20", chat=public_id))["seq"]
        ident = str(uuid.uuid4())
        for _ in range(2):
            edit = {"chat": public_id, "seq": seq, "text": "It costs 25", "id": ident}
            assert (await done(bob, "edit", **edit))["t"] == "ack"
        change = await mine.line(event="edited")
        assert (change["seq"], change["of"], change["text"], change["newest"]) == (seq + 1, seq, "It costs 25", True)
        assert (await done(mine, "edit", seq=seq, text="It is free"))["code"] == "not_allowed"
        assert (await done(mine, "remove", seq=1))["t"] == "ack"
        assert (await bob.line(event="removed"))["of"] == 1
        await mine.expect("lines")  # of the beginning
        await mine.send(t="since", seq=0)
        lines = (await mine.expect("lines"))["lines"]
        assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5]
        by_seq = {line["seq"]: line for line in lines}
        assert (by_seq[1]["text"], by_seq[1]["removed"]) == ("", True)
        assert (by_seq[3]["text"], by_seq[3]["edited"], by_seq[4]["of"]) == ("It costs 25", True, 3)
        assert by_seq[5] | {"id": "", "at": ""} == {
            "seq": 5, "id": "", "by": "system", "text": "", "event": "removed", "at": "", "of": 1,
        }  # fmt: skip
        await bob.send(t="history", chat=public_id, seq=3)
        assert [one["text"] for one in (await bob.expect("history"))["versions"]] == ["It costs 20"]

    play(scenario())


def test_colleagues_see_who_else_looks_and_writes_at_most_once_a_second(
    doors: Any, play: Any, acme: Any, alice_member: Any, bob_member: Any
) -> None:
    chat = make_chat(acme, operator=make_operator(bob_member))
    alices, bobs = doors.console_ticket(alice_member), doors.console_ticket(bob_member)
    public_id = str(chat.public_id)

    async def scenario() -> None:
        alice, bob = await doors.console(alices), await doors.console(bobs)
        await ready(alice, bob)
        for wire in (alice, bob):
            await wire.send(t="open", chat=public_id)
            await wire.expect("lines")
        await asyncio.sleep(0.3)  # when both were last seen is written
        written = live.writer.written
        await bob.send(t="look", chat=public_id)
        await alice.send(t="look", chat=public_id)
        here = await bob.expect("looking")
        assert [(one["name"], one["typing"]) for one in here["operators"]] == [
            ("Alice Example", False),
            ("Bob Builder", False),
        ]
        await bob.send(t="typing", chat=public_id, on=True)
        seen = await alice.expect("looking")
        seen = seen if any(one["typing"] for one in seen["operators"]) else await alice.expect("looking")
        assert [one["typing"] for one in seen["operators"]] == [False, True]
        for _ in range(10):  # comes and goes: no frame for each
            await bob.send(t="look")
            await bob.send(t="look", chat=public_id)
        await asyncio.sleep(1.3)
        await alice.send(t="no such command", id="x")
        await alice.expect("err", id="x")
        assert sum(one["t"] == "looking" for one in alice.frames) <= 2
        assert live.writer.written == written
        await bob.close()
        gone = await alice.expect(
            "looking", operators=[{"id": here["operators"][0]["id"], "name": "Alice Example", "typing": False}]
        )
        assert gone["chat"] == public_id

    play(scenario())


def test_who_supervises_sees_what_is_typed_while_it_is_allowed_and_others_do_not(
    doors: Any, play: Any, acme: Any, alice_member: Any, bob_member: Any, dave: Any
) -> None:
    from accounts.testing import make_member

    chat = make_chat(acme, visitor=dave, operator=make_operator(bob_member))
    cleo_member = make_member(acme, email="cleo@acme-bikes.example", name="Cleo", surname="Demo")
    tickets = [doors.console_ticket(member) for member in (alice_member, bob_member, cleo_member)]
    public_id = str(chat.public_id)

    async def scenario() -> None:
        mine = await doors.visitor(ticket_of(dave))
        alice, bob, cleo = [await doors.console(ticket) for ticket in tickets]
        await ready(mine, alice, bob, cleo)
        for wire in (alice, cleo):
            await wire.send(t="look", chat=public_id)
            await wire.send(t="notes", chat=public_id)
            await wire.expect("notes")
        await mine.send(t="typing", text="my secret", on=True)
        for wire in (alice, bob):
            assert (await wire.expect("typing"))["chats"][0]["text"] == "my secret"
        await hears_nothing_of(cleo, "typing")
        await mine.send(t="peek", on=False)
        await mine.expect("set")
        await mine.send(t="typing", text="my other secret", on=True)
        assert (await alice.expect("typing"))["chats"][0]["text"] is None

    play(scenario())


def test_what_another_process_says_of_lookers_counts_until_it_is_taken_back() -> None:
    async def send(event: Any) -> None:
        told.append(event["text"])

    async def scenario() -> None:
        memory, socket = Lookers(), Socket(send)
        memory.look(socket, Look(1, "chat-1", 7, "Bob", leads=False))
        word = {"chat": "chat-1", "operator": 8, "name": "Alice", "leads": True, "types": False}
        memory.hear({"key": "other:1", "chat": 1, "look": word})
        assert memory.list_leaders(1) == [8]
        memory.hear({"key": "other:1", "chat": 2, "look": word | {"chat": "chat-2"}})
        assert (memory.list_leaders(1), memory.list_leaders(2)) == ([], [8])
        memory.hear({"key": "other:1", "chat": 2, "look": None})
        assert memory.list_leaders(2) == []

    told: list[str] = []
    asyncio.run(scenario())


def test_a_draft_is_answered_and_whoever_was_away_hears_who_named_them(
    doors: Any, play: Any, acme: Any, alice_member: Any, bob_member: Any
) -> None:
    alice_op, bob_op = make_operator(alice_member), make_operator(bob_member)
    chat = make_chat(acme, operator=bob_op, name="Pat")
    alices, later, bobs = [doors.console_ticket(one) for one in (alice_member, alice_member, bob_member)]
    public_id = str(chat.public_id)

    async def scenario() -> None:
        alice, bob = await doors.console(alices), await doors.console(bobs)
        await ready(alice, bob)
        await bob.send(t="draft", chat=public_id, id=str(uuid.uuid4()), text="Dear Pat")
        assert (await bob.expect("draft"))["chat"] == public_id
        await alice.send(t="status", value="away")
        await alice.expect("set")
        await alice.close()
        await asyncio.sleep(0.3)
        await done(bob, "note", chat=public_id, text="Look at this", mentions=[alice_op.pk])
        back = await doors.console(later)
        await back.expect("ready")
        await back.send(t="mentions")
        missed = await back.expect("note")
        assert (missed["late"], missed["note"]["text"], missed["name"]) == (True, "Look at this", "Pat")

    play(scenario())
