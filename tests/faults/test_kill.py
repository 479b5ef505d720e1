"""The web process is killed while people write: what was acknowledged is stored, once, in order (SAFETY.md 2.2)."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from websockets.exceptions import WebSocketException

from accounts.scoping import scopes_disabled
from chat.models import Chat, Message
from chat.testing import make_chat, make_operator
from core.tickets import issue_ticket
from tests.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, SENDERS, ALIVE_SECONDS = 10, 4, 0.3
WINDOW = 8  # messages that a sender has on the way
WANTED_ACKS, WANTED_IN_FLIGHT = 1_000, 5

SERVE = (
    "import sys; from livechat.web import open_socket, run_web; "
    "sys.exit(run_web(open_socket('127.0.0.1', int(sys.argv[1]))))"
)


@dataclass
class Sender:
    """A client with an outbox: what is not acknowledged is sent again with the same id, in order."""

    join: Any
    chat: str
    extra: dict[str, Any]
    acked: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    outbox: list[str] = field(default_factory=list)
    resent: int = 0
    first_ack: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False

    async def run(self) -> None:
        while not (self.stopping and not self.outbox):
            try:
                wire = await self.join()
                self.resent += len(self.outbox)
                for ident in self.outbox:
                    await self._send(wire, ident)
                await self._talk(wire)
            except (OSError, WebSocketException, TimeoutError, EOFError):
                await asyncio.sleep(0.05)

    async def _talk(self, wire: Wire) -> None:
        while not (self.stopping and not self.outbox):
            while len(self.outbox) < WINDOW and not self.stopping:
                ident = str(uuid.uuid4())
                self.texts[ident] = f"text {len(self.texts)} of {ident}"
                self.outbox.append(ident)
                await self._send(wire, ident)
            frame = await wire.next(5)
            if frame["t"] == "ack" and frame["id"] in self.outbox:
                self.outbox.remove(frame["id"])
                self.acked[frame["id"]] = frame["seq"]
                self.first_ack.set()
            elif frame["t"] == "err":
                raise AssertionError(frame)
        await wire.close()

    async def _send(self, wire: Wire, ident: str) -> None:
        await wire.send(t="msg", id=ident, text=self.texts[ident], **self.extra)


def start_server(port: int, env: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", SERVE, str(port)], cwd=ROOT, env=env)


def server_env(port: int) -> dict[str, str]:
    """The environment in which a server process sees this test's database."""
    env = {
        **os.environ,
        "PUBLIC_ORIGIN": f"http://127.0.0.1:{port}",
        "SOCKET_LIMIT_FACTOR": "100000",
        "LOG_LEVEL": "ERROR",
    }
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        env["DATABASE_URL"] = f"sqlite:///{name}"
    else:
        base = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
        env["DATABASE_URL"] = f"{base}/{name}"
    env["SECRET_KEY"] = settings.SECRET_KEY
    return env


@pytest.mark.long
@pytest.mark.promise("survives_kills")
@pytest.mark.timeout(300)
def test_what_was_acknowledged_survives_ten_kills(  # noqa: C901  one scenario
    transactional_db: None, acme: Any, alice_member: Any, unused_tcp_port: int
) -> None:
    port = unused_tcp_port
    origin, sockets = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}"
    operator = make_operator(alice_member)
    chats = [make_chat(acme, operator=operator) for _ in range(2)]
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session["signed_in"] = True
    session.create()

    def visitor_joins(chat: Chat) -> Any:
        async def join() -> Wire:
            ticket = issue_ticket("widget", visitor=chat.visitor_id)
            wire = await Wire.join(f"{sockets}/ws/widget/", origin, {"ticket": ticket, "since": 0})
            await wire.expect("ready")
            return wire

        return join

    async def operator_joins() -> Wire:
        ticket = issue_ticket("console", membership=alice_member.pk, session=session.session_key)
        wire = await Wire.join(f"{sockets}/ws/console/", origin, {"ticket": ticket, "cursor": 0})
        await wire.expect("ready")
        return wire

    in_flight_kills = 0

    async def scenario(senders: list[Sender]) -> None:
        nonlocal in_flight_kills
        works = [asyncio.create_task(sender.run()) for sender in senders]
        env, rounds = server_env(port), 0
        while rounds < ROUNDS or sum(len(s.acked) for s in senders) < WANTED_ACKS or in_flight_kills < WANTED_IN_FLIGHT:
            assert rounds < 40, "too few acknowledged messages or kills in flight"
            for sender in senders:
                sender.first_ack.clear()
            server = await asyncio.to_thread(start_server, port, env)
            acks = [asyncio.create_task(sender.first_ack.wait()) for sender in senders]
            done, waiting = await asyncio.wait(acks, timeout=30, return_when=asyncio.FIRST_COMPLETED)
            assert done, "the server never acknowledged anything"
            for task in waiting:
                task.cancel()
            await asyncio.sleep(ALIVE_SECONDS)
            os.kill(server.pid, signal.SIGKILL)
            in_flight_kills += any(sender.outbox for sender in senders)
            await asyncio.to_thread(server.wait)
            rounds += 1
        server = await asyncio.to_thread(start_server, port, env)
        try:
            for sender in senders:
                sender.stopping = True
            await asyncio.wait_for(asyncio.gather(*works), 60)
            await both_sides_see_everything()
        finally:
            server.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(server.wait, 15)
            server.kill()

    seen: dict[str, list[tuple[int, str]]] = {}

    async def both_sides_see_everything() -> None:
        for chat in chats:
            for side, join, extra in (
                ("visitor", visitor_joins(chat), {}),
                ("operator", operator_joins, {"chat": str(chat.public_id)}),
            ):
                wire = await join()
                wire.frames.clear()
                lines: list[tuple[int, str]] = []
                while True:
                    await wire.send(t="since", seq=lines[-1][0] if lines else 0, **extra)
                    answer = await wire.expect("lines", 20, chat=str(chat.public_id))
                    lines += [
                        (line["seq"], line["id"]) for line in answer["lines"] if not lines or line["seq"] > lines[-1][0]
                    ]
                    if answer["done"]:
                        break
                seen[f"{side} {chat.pk}"] = lines
                await wire.close()

    senders = [Sender(visitor_joins(chat), str(chat.public_id), {}) for chat in chats]
    senders += [Sender(operator_joins, str(chat.public_id), {"chat": str(chat.public_id)}) for chat in chats]
    assert len(senders) == SENDERS
    began = time.monotonic()
    asyncio.run(scenario(senders))

    acked = {ident: seq for sender in senders for ident, seq in sender.acked.items()}
    print(f"{len(acked)} acknowledged, {in_flight_kills} kills in flight, {sum(s.resent for s in senders)} sent again, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    assert len(acked) >= WANTED_ACKS
    assert in_flight_kills >= WANTED_IN_FLIGHT
    with scopes_disabled():
        for chat in chats:
            rows = list(Message.objects.filter(chat=chat).order_by("seq"))
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            mine = {ident: text for s in senders if s.chat == str(chat.public_id) for ident, text in s.texts.items()}
            stored = {str(row.client_id): row for row in rows if str(row.client_id) in mine}
            assert set(stored) == {ident for ident in mine if ident in acked}
            assert all(row.text == mine[ident] and row.seq == acked[ident] for ident, row in stored.items())
            everything = [(row.seq, str(row.client_id)) for row in rows]
            assert seen[f"visitor {chat.pk}"] == everything
            assert seen[f"operator {chat.pk}"] == everything
            chat.refresh_from_db()
            assert chat.last_seq == len(rows)
