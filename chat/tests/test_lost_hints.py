"""A hint that is lost costs latency only: the next heartbeat tells of it (protocol, promises 4 and 5)."""

import asyncio
import uuid
from typing import Any

import pytest

from chat.consumers.base import Consumer
from core.realtime import hub


def test_a_frame_lost_between_commit_and_fan_out_is_found_by_the_heartbeat(
    doors: Any, play: Any, acme: Any, alice_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> None:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        await dave.send(t="start", id=str(uuid.uuid4()), text="Hello")
        chat = (await dave.expect("ack"))["chat"]
        await alice.send(t="accept", chat=chat)
        await alice.expect("took")
        with monkeypatch.context() as broken:
            broken.setattr(Consumer, "_fan_out", lambda *args: None)
            ack = await dave.message("Nobody is told of this one")
        with pytest.raises(TimeoutError):
            await alice.line(seconds=0.5, text="Nobody is told of this one")
        assert hub.loop is not None
        hub.loop.call_soon_threadsafe(beat_all)
        while (beat := await alice.expect("beat"))["seqs"].get(chat) != ack["seq"]:
            assert beat["seqs"].get(chat, 0) < ack["seq"]  # one of the timer's own, from before
        await alice.send(t="since", chat=chat, seq=ack["seq"] - 1)
        lines = await alice.expect("lines", chat=chat)
        assert [line["text"] for line in lines["lines"]] == ["Nobody is told of this one"]

    play(scenario())


def test_an_operator_who_missed_the_board_asks_from_the_cursor(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    from chat.testing import make_chat

    ticket, again = doors.console_ticket(alice_member), doors.console_ticket(alice_member)
    first = make_chat(acme, text="one")

    async def scenario() -> None:
        alice = await doors.console(ticket)
        assert [card["last"]["text"] for card in (await alice.expect("board"))["cards"]] == ["one"]
        cursor = first.board_seq
        await alice.close()
        await asyncio.to_thread(make_chat, acme, text="two")
        alice = await doors.console(again, cursor=cursor)
        missed = await alice.expect("board")
        assert [card["last"]["text"] for card in missed["cards"]] == ["two"]
        await alice.send(t="board", cursor=cursor)
        assert [card["last"]["text"] for card in (await alice.expect("board"))["cards"]] == ["two"]
        hub.loop.call_soon_threadsafe(beat_all)  # type: ignore[union-attr]
        assert (await alice.expect("beat"))["cursor"] == missed["cursor"] > cursor

    play(scenario())


def test_one_timer_serves_every_socket_within_twenty_eight_seconds(play: Any) -> None:
    from core.realtime import BEAT_SECONDS, Hub, Socket

    async def scenario() -> list[int]:
        house = Hub()

        async def ignore(event: dict[str, Any]) -> None:
            return None

        for _ in range(100):
            house.add(Socket(ignore))
        return [len(slot) for slot in house._wheel]

    slots = play(scenario())
    assert len(slots) == BEAT_SECONDS <= 30
    assert sum(slots) == 100
    assert max(slots) - min(slots) <= 1


def beat_all() -> None:
    """What the timer does in its own second."""
    for socket in list(hub.sockets):
        frame = socket.beat() if socket.beat else None
        if frame is not None:
            socket.push(frame)


def test_a_site_that_starts_again_in_the_same_process_tells_who_is_here(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    from chat.realtime.live import live

    live._watch_timer = asyncio.new_event_loop().call_later(1, print)  # of a loop that has ended
    live._forget()
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> int:
        alice = await doors.console(ticket)
        await alice.send(t="watch", on=True)
        assert (await alice.expect("visitors"))["total"] == 0
        await doors.visitor(opened)
        return (await alice.expect("visitors", seconds=5))["total"]

    assert play(scenario()) == 1
