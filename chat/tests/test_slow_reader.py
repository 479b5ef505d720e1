"""A reader that stalls: nobody else waits, and nothing is lost (SAFETY.md 2.2, slow consumer; G4)."""

import asyncio
import json
import socket
import threading
import time
import uuid
from typing import Any

from websockets.sync.client import connect

from core.realtime import MAX_BUFFERED, hub

COUNT, SIZE = 500, 8_000


def small_socket(port: int) -> socket.socket:
    """A connection whose receive buffer is 4 KB."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    return made


def read_all(
    doors: Any, acme: Any, opened: dict[str, Any], total: int, all_sent: threading.Event, out: list[Any]
) -> None:
    """Plays a visitor who stalls once, for 5 s at least and until everything is sent (on a busy machine that takes
    longer), comes back when thrown out, and resumes from the last number it has."""
    port = int(doors.origin.rsplit(":", 1)[1])
    last, closes = 1, 0
    stalled = asking = False
    while last < total:
        wire = connect(
            f"{doors.sockets}/ws/widget/", origin=doors.origin, sock=small_socket(port), compression=None, max_queue=1,
            legacy=True,
        )  # fmt: skip
        asking = True
        wire.send(json.dumps({"t": "hello", "v": 1, "ticket": opened["ticket"], "since": last}))
        try:
            while last < total:
                if not stalled:
                    stalled = True
                    time.sleep(5)
                    all_sent.wait(60)
                frame = json.loads(wire.recv(timeout=10))
                if frame["t"] == "lines":
                    for line in frame["lines"]:
                        assert line["seq"] == last + 1
                        last = line["seq"]
                        out.append(line)
                    asking = not frame["done"]
                    if asking:
                        wire.send(json.dumps({"t": "since", "seq": last}))
                elif frame["t"] == "msg" and frame["line"]["seq"] == last + 1:
                    last += 1
                    out.append(frame["line"])
                elif frame["t"] == "msg" and frame["line"]["seq"] > last + 1 and not asking:
                    asking = True
                    wire.send(json.dumps({"t": "since", "seq": last}))
        except Exception as problem:  # noqa: BLE001  whatever ends the connection, the visitor comes back
            assert "timed out" not in str(problem)
            closes += 1
        wire.socket.close()
        opened = doors.open_widget(acme, secret=opened["secret"])
    out.append(closes)


def test_five_hundred_long_messages_reach_a_reader_that_stalls_once_and_in_order(
    doors: Any, play: Any, acme: Any, alice_member: Any, settings: Any
) -> None:
    settings.SOCKET_LIMIT_FACTOR = 1000
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)
    again = doors.open_widget(acme, secret=opened["secret"])
    closed_before = hub.slow_closed
    heard: list[Any] = []
    all_sent = threading.Event()

    async def scenario() -> float:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        await dave.send(t="start", id=str(uuid.uuid4()), text="Hello")
        chat = (await dave.expect("ack"))["chat"]
        await alice.send(t="accept", chat=chat)
        await alice.expect("took")
        await dave.socket.close()
        reader = threading.Thread(target=read_all, args=(doors, acme, again, COUNT + 2, all_sent, heard), daemon=True)
        reader.start()
        await asyncio.sleep(0.5)
        slowest = 0.0
        for n in range(COUNT):
            sent = time.monotonic()
            await alice.message(f"{n:04d} " + "x" * (SIZE - 5), chat=chat)
            slowest = max(slowest, time.monotonic() - sent)
        all_sent.set()
        await asyncio.to_thread(reader.join, 60)
        assert not reader.is_alive()
        return slowest

    slowest = play(scenario())
    closes = heard.pop()
    texts = [line["text"][:4] for line in heard if line["by"] == "operator"]
    assert texts == [f"{n:04d}" for n in range(COUNT)]
    assert hub.slow_closed - closed_before >= 1  # the limit of 1 MB was seen to act
    assert closes >= 1
    assert COUNT * SIZE > 2 * MAX_BUFFERED
    assert slowest < 5  # the sender did not wait for the reader


def test_the_hub_closes_only_the_socket_that_stalls(play: Any) -> None:
    from core.realtime import Hub, Socket

    async def scenario() -> tuple[bool, bool, int]:
        got: list[str] = []
        blocked = asyncio.Event()

        async def stalls(event: dict[str, Any]) -> None:
            await blocked.wait()

        async def reads(event: dict[str, Any]) -> None:
            got.append(event.get("text", ""))

        house = Hub()
        slow, quick = Socket(stalls), Socket(reads)
        for one in (slow, quick):
            house.join(one, "chat:1")
        for _ in range(3):
            house.deliver(["chat:1"], "x" * (MAX_BUFFERED // 2))
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        blocked.set()
        return slow.closed, quick.closed, len(got)

    assert play(scenario()) == (True, False, 3)
