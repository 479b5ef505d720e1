"""Frames that no client of ours sends: wrong types and odd values in every field of every command, floods, raw bytes.

The commands are read from the structs of the protocol, so that a new field is attacked without a new line here. An
answer with `busy` would be a command that broke inside: whatever comes, the answer is a sentence and the socket lives.
"""

import asyncio
import json
import uuid
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from accounts.scoping import account_scope
from chat.consumers.console import ConsoleConsumer
from chat.consumers.widget import WidgetConsumer
from chat.models import Chat, Message
from chat.testing import make_chat, make_operator
from core.limits import LIMITS, Limit
from facts.testing import make_goal
from tests.fences.doors import OPERATOR, VISITOR
from tests.fences.walk_sockets import exchange
from tests.wire import Wire

ODD: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 10**30, 1.5, "", "\x00", "a\x00b", "\u202egnp.exe", "{{7*7}}{% now %}", "9" * 30,
    "1e400", "NaN",
    "<script>alert(1)</script>", "'; DROP TABLE chat_chat; --", "x" * 30_000, "\u0301" * 500, [], [[]], ["\x00"],
    [10**30], {}, {"\x00": "\x00"}, {"a": {"b": {"c": []}}}, {"url": "javascript:alert(1)", "title": "\x00"},
]  # fmt: skip
RAW = [
    "", "null", "[]", "5", '"x"', "{", '{"t":null}', '{"t":["msg"]}', '{"t":"\\ud800"}', '{"t":"nope","id":"\\ud800"}',
    '{"t":"read","seq":1,"id":"\\udfff"}', '{"t":"read","seq":NaN}', '{"t":"read","seq":1e999}',
    '{"t":"read"}{"t":"end"}',
    '{"t":"nope","id":' + "9" * 5000 + "}", '{"t":"nope","x":' + "[" * 20_000, '{"__proto__":{"t":"end"}}',
    '{"t":"nope","id":"' + "x" * 60_000 + '"}', '{"t":"msg","t":"end"}', "\ufeff{}", "{'t':'end'}",
]  # fmt: skip
DEEDS_THAT_END = {"end", "rate", "resume"}


def fields_of(consumer: Any) -> list[tuple[str, str]]:
    """(command, field) of every command that a socket knows; `hello` is for the first frame."""
    structs = [one for one in consumer.handlers if one.__struct_config__.tag != "hello"]
    return [(one.__struct_config__.tag, name) for one in structs for name in one.__struct_fields__]


@pytest.fixture(autouse=True)
def _no_limit_hides_a_command(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SOCKET_LIMIT_FACTOR = 1000
    for route in ("chat.starts", "facts.goals", "facts.sales", "visitor.invites"):
        monkeypatch.setitem(LIMITS, route, Limit(100_000, 600, "test"))


def faults_in(label: str, heard: list[dict[str, Any]]) -> list[str]:
    said = [one for one in heard if one["t"] == "err"]
    return [f"{label}: {one}" for one in said if one["code"] == "busy" or not one["message"]]


async def attack(wire: Wire, frames: list[dict[str, Any]], label: str) -> list[str]:
    for frame in frames:
        await wire.send(**frame)
    return faults_in(label, await exchange(wire, {"t": "no such command"}))


def odd_frames(base: dict[str, Any], name: str, field: str) -> list[dict[str, Any]]:
    """The command with each odd value in one field; a fresh id each, so that none is a resend."""
    fresh = [{"id": str(uuid.uuid4())} if "id" in base else {} for _ in ODD]
    return [{"t": name, **base, **new, field: value} for new, value in zip(fresh, ODD, strict=True)]


def test_no_odd_value_in_a_command_of_an_operator_breaks_anything(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    alice = make_operator(alice_member)
    with account_scope(acme):
        type(alice).objects.filter(pk=alice.pk).update(chat_limit=50)
    base: dict[str, dict[str, Any]] = {}
    for name, door in OPERATOR.items():
        chat = make_chat(acme, operator=None if name == "accept" else alice, text=f"About {name}")
        asked = door.frame(str(chat.public_id))
        base[name] = {key: str(uuid.uuid4()) if callable(value) else value for key, value in asked.items()}
    base["transfer"]["to"] = alice.pk
    last = make_chat(acme, operator=alice, text="Still there?")
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> list[str]:
        wire = await doors.console(ticket)
        await wire.expect("board")
        faults = []
        for name, field in fields_of(ConsoleConsumer):
            faults += await attack(wire, odd_frames(base[name], name, field), f"{name}.{field}")
        await wire.message("Yes", chat=str(last.public_id))
        return faults

    assert play(scenario()) == []


def test_no_odd_value_in_a_command_of_a_visitor_breaks_anything(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    make_goal(alice_member, source="event", pattern="", word="booked")
    opened = doors.open_widget(acme)
    base = {name: {k: v for k, v in door.frame("").items() if not callable(v)} for name, door in VISITOR.items()}
    base["identify"] = {"token": "x"}
    base["goal"] = {"name": "booked"}
    start = {"t": "start", **base["start"]}

    async def scenario() -> list[str]:
        wire = await doors.visitor(opened)
        await wire.expect("ready")
        faults = []
        fields = sorted(fields_of(WidgetConsumer), key=lambda one: (one[0] in DEEDS_THAT_END, one[0] != "start"))
        for name, field in fields:
            frames = odd_frames(base[name], name, field)
            if name == "start":
                frames = [frame for one in frames for frame in (one, {"t": "end"})]
            elif name not in DEEDS_THAT_END:
                await wire.send(**{**start, "id": str(uuid.uuid4())})
            faults += await attack(wire, frames, f"{name}.{field}")
        await wire.send(**{**start, "id": str(uuid.uuid4())})
        await wire.message("Still there?")
        return faults

    assert play(scenario()) == []


@pytest.mark.parametrize("side", ["visitor", "console"])
def test_raw_frames_get_a_sentence_and_the_socket_lives(
    side: str, doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    ticket: Any = doors.open_widget(acme) if side == "visitor" else doors.console_ticket(alice_member)

    async def scenario() -> list[str]:
        wire = await getattr(doors, side)(ticket)
        await wire.expect("ready")
        faults = []
        for raw in [*RAW, b"\x00\x01\xff", json.dumps({"t": "read", "seq": 1}).encode()]:
            await wire.socket.send(raw)
            heard = await exchange(wire, {"t": "no such command"})
            answers = [one for one in heard if one["t"] == "err"]
            if len(answers) != 2:  # one for the raw frame, one for what came after it
                faults.append(f"{raw[:60]!r}: {heard}")
            faults += faults_in(repr(raw[:60]), heard)
        return faults

    assert play(scenario()) == []


def test_a_frame_in_many_pieces_is_as_long_as_all_of_them(doors: Any, play: Any, acme: Any) -> None:
    opened = doors.open_widget(acme)

    async def scenario() -> None:
        wire = await doors.visitor(opened)
        await wire.expect("ready")
        text = json.dumps({"t": "start", "id": str(uuid.uuid4()), "text": "Hello in pieces"})
        await wire.socket.send(iter([text[at : at + 7] for at in range(0, len(text), 7)]))
        assert (await wire.expect("ack"))["seq"] == 1
        assert await ends_with(wire, iter(["x" * 4096] * 40)) in (None, 1009)  # None: reset while it was still writing

    play(scenario())
    with account_scope(acme):
        assert list(Message.objects.values_list("text", flat=True)) == ["Hello in pieces"]


async def ends_with(wire: Wire, *frames: Any) -> int | None:
    """The code with which the site closes a socket that sends these frames."""
    with pytest.raises(ConnectionClosed) as closed:
        for frame in frames:
            await wire.socket.send(frame)
        async with asyncio.timeout(10):
            while True:
                await wire.socket.recv()
    return closed.value.rcvd.code if closed.value.rcvd else None


def test_a_flood_of_frames_is_closed_and_what_was_acknowledged_is_stored(
    doors: Any, play: Any, settings: Any, acme: Any
) -> None:
    settings.SOCKET_LIMIT_FACTOR = 1
    opened = doors.open_widget(acme)

    async def scenario() -> int | None:
        wire = await doors.visitor(opened)
        await wire.send(t="start", id=str(uuid.uuid4()), text="Hello")
        await wire.expect("ack")
        return await ends_with(wire, *['{"t":"read","seq":1}'] * (LIMITS["socket.frames"].count + 50))

    assert play(scenario()) == 4429
    with account_scope(acme):
        assert Chat.objects.get().state == "waiting"
