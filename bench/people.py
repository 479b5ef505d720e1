"""Clients of docs/protocol.md over real connections: an outbox that is sent again, views by number, and what they saw."""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

GIVE_UP = 6.0  # seconds without an answer that is owed: the connection is tried anew (in the browser 10)
AGAIN = 0.5  # after `busy`
Hello = Callable[[], Awaitable[dict[str, Any]]]


async def ask(
    port: int, method: str, path: str, *, body: Any = None, headers: dict[str, str] | None = None, seconds: float = 15
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (small letters) and body of one request. Raises OSError or TimeoutError when nothing comes."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Host": f"127.0.0.1:{port}", "Connection": "close", "Content-Length": str(len(data)), **(headers or {})}
    if body is not None:
        head.setdefault("Content-Type", "application/json")
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"{method} {path} HTTP/1.0\r\n{lines}\r\n".encode() + data)
            answer = await reader.read(-1)
        finally:
            writer.close()
    top, _, rest = answer.partition(b"\r\n\r\n")
    first, *others = top.decode("latin-1").split("\r\n")
    if not first.startswith("HTTP/"):
        raise ConnectionResetError("no answer")
    return int(first.split()[1]), {k.lower(): v for k, _, v in (line.partition(": ") for line in others)}, rest


@dataclass
class View:
    """What a client knows of one chat."""

    last: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    heard_at: dict[str, float] = field(default_factory=dict)
    asking: float = 0.0  # since when an answer to `since` is owed

    def apply(self, line: dict[str, Any]) -> None:
        if line["seq"] <= self.last:
            return
        assert line["seq"] == self.last + 1, f"a hole before {line['seq']} after {self.last}"
        self.last = line["seq"]
        about = line.get("of")
        if about and line.get("event") in ("edited", "removed"):
            self.texts[about] = line.get("text") or ""
            self.texts[self.last] = ""
        else:
            self.texts[self.last] = line["text"] if line["by"] != "system" else ""
        self.ids[self.last] = line["id"]
        self.heard_at.setdefault(line["id"], time.monotonic())


class Person:
    """A visitor (one chat) or an operator (the chats that it follows). `hello` answers the first frame's fields."""

    def __init__(self, name: str, url: str, origin: str, hello: Hello, chats: list[str] | None = None) -> None:
        self.name, self.url, self.origin, self.hello = name, url, origin, hello
        self.is_operator = "console" in url
        self.views: dict[str, View] = {chat: View() for chat in chats or []}
        self.outbox: dict[str, dict[str, Any]] = {}
        self.sent_at: dict[str, float] = {}
        self.acked: dict[str, tuple[str, int]] = {}  # message id -> (chat, seq)
        self.ack_seconds: list[tuple[float, float]] = []  # (when it was sent, how long its answer took)
        self.order: dict[str, list[str]] = {}  # chat -> ids in the order in which they were written
        self.refused: list[str] = []
        self.problems: list[str] = []
        self.connections = 0
        self.closes: list[tuple[int, str]] = []
        self.chat: dict[str, Any] | None = None  # a visitor's own, as the server last told it
        self.on_frame: Callable[[dict[str, Any]], None] = lambda frame: None
        self.is_ready = asyncio.Event()
        self.stopping = False
        self._socket: ClientConnection | None = None
        self._holding = False
        self._work: asyncio.Task[None] | None = None

    # ---- life ----
    def begin(self) -> None:
        self._work = asyncio.create_task(self._live())

    async def leave(self) -> None:
        """Goes, whatever is still unanswered."""
        self.stopping = True
        if self._socket is not None:
            self._socket.transport.abort()
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work

    def drop(self) -> None:
        """This connection is gone, and the person comes back."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _live(self) -> None:
        attempt = 0
        while not self.stopping:
            wait = min(2.0, 0.2 * 2 ** min(attempt, 5))
            try:
                fields = await self.hello()
                socket = await connect(
                    self.url, origin=self.origin, max_size=None, compression=None, ping_interval=None,  # type: ignore[arg-type]
                    open_timeout=8, close_timeout=0.5, proxy=None,
                )  # fmt: skip
                try:
                    self._socket = socket
                    self.connections += 1
                    await self._talk(socket, fields)
                finally:
                    self._socket = None
                    self.is_ready.clear()
                    socket.transport.abort()
                    attempt = 0
            except ConnectionClosed as closed:
                code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
                self.closes.append((code, reason))
                wait = 2.0 if code == 4429 else wait
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    wait = json.loads(reason)["in"] if code == 1012 else wait
                if code == 4403:
                    self.problems.append(f"{self.name} was sent away: {reason}")
            except (OSError, TimeoutError, InvalidHandshake, WebSocketException, EOFError):
                attempt += 1
            except AssertionError as broken:
                self.problems.append(f"{self.name}: {broken}")
            await asyncio.sleep(wait)

    async def _talk(self, socket: ClientConnection, fields: dict[str, Any]) -> None:
        for view in self.views.values():
            view.asking = 0.0
        since = next(iter(self.views.values())).last if self.views and not self.is_operator else 0
        place = {"cursor": 0} if self.is_operator else {"since": since}
        await socket.send(json.dumps({"t": "hello", "v": 1, **place, **fields}))
        said_hello = time.monotonic()
        while True:
            try:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 0.5))
            except TimeoutError:
                frame = None
            if frame is not None:
                await self._take(frame)
            now = time.monotonic()
            owed = [at for ident, at in self.sent_at.items() if ident in self.outbox and at]
            owed += [view.asking for view in self.views.values() if view.asking]
            owed += [] if self.is_ready.is_set() else [said_hello]
            if owed and now - min(owed) > GIVE_UP:
                return

    # ---- out ----
    async def say(self, frame: dict[str, Any]) -> None:
        """A frame that may be lost."""
        if self._socket is not None and self.is_ready.is_set():
            with contextlib.suppress(ConnectionClosed, OSError):
                await self._socket.send(json.dumps(frame))

    async def post(self, text: str, chat: str = "", **more: Any) -> str:
        """A message that must arrive; answers its id."""
        return await self.must({"t": "msg", "text": text, **more}, chat)

    async def must(self, frame: dict[str, Any], chat: str = "") -> str:
        """A frame that is sent again, under the same id, until it is answered."""
        ident = str(uuid.uuid4())
        self.outbox[ident] = {**frame, "id": ident, **({"chat": chat} if chat else {})}
        if frame["t"] in ("msg", "start"):
            self.order.setdefault(chat, []).append(ident)
        self.sent_at[ident] = 0.0
        if not self._holding:
            await self._send(ident)
        return ident

    async def _send(self, ident: str) -> None:
        if self.is_ready.is_set() and ident in self.outbox:
            self.sent_at[ident] = time.monotonic()
            await self.say(self.outbox[ident])

    async def _send_all(self) -> None:
        self._holding = False
        for ident in list(self.outbox):
            await self._send(ident)

    async def resume(self, chat: str) -> None:
        view = self.views[chat]
        if not view.asking and self.is_ready.is_set():
            view.asking = time.monotonic()
            await self.say({"t": "since", "seq": view.last, **({"chat": chat} if self.is_operator else {})})

    # ---- in ----
    async def _take(self, frame: dict[str, Any]) -> None:
        hear = getattr(self, f"_hear_{frame['t']}", None)
        if hear is not None:
            await hear(frame)
        self.on_frame(frame)

    async def _hear_ready(self, frame: dict[str, Any]) -> None:
        self.is_ready.set()
        if self.is_operator:
            for chat in list(self.views):
                await self.open(chat)
        elif frame["chat"]:
            await self._hear_chat(frame)
        await self._send_all()

    async def open(self, chat: str) -> None:
        """Follows a chat."""
        view = self.views.setdefault(chat, View())
        view.asking = time.monotonic()
        await self.say({"t": "open", "chat": chat, "since": view.last})

    async def _hear_chat(self, frame: dict[str, Any]) -> None:
        self.chat = frame["chat"]
        self.views.setdefault(frame["chat"]["id"], View())

    async def _hear_ack(self, frame: dict[str, Any]) -> None:
        sent = self.outbox.pop(frame["id"], None)
        if sent is None:
            return
        at = self.sent_at.pop(frame["id"], 0.0)
        if at:
            self.ack_seconds.append((at, time.monotonic() - at))
        if "seq" not in frame or sent["t"] not in ("msg", "start"):
            return
        chat, seq = frame["chat"], frame["seq"]
        self.acked[frame["id"]] = (chat, seq)
        view = self.views.setdefault(chat, View())
        if seq == view.last + 1:
            mine = "operator" if self.is_operator else "visitor"
            view.apply({"seq": seq, "id": frame["id"], "text": frame.get("text", sent["text"]), "by": mine})
        elif seq > view.last + 1:
            await self.resume(chat)

    async def _hear_err(self, frame: dict[str, Any]) -> None:
        ident = frame.get("id")
        if frame["code"] in ("busy", "rate"):
            for view in self.views.values():
                view.asking = view.asking and time.monotonic() - GIVE_UP + 1.0  # it may have been a question
            if ident in self.outbox and not self._holding:  # everything again, in order, a little later
                self._holding = True
                asyncio.get_running_loop().call_later(AGAIN, lambda: asyncio.ensure_future(self._send_all()))
            if ident in self.sent_at:
                self.sent_at[ident] = 0.0
        elif ident in self.outbox:
            self.outbox.pop(ident)
            self.sent_at.pop(ident, None)
            self.refused.append(frame["code"])

    async def _hear_msg(self, frame: dict[str, Any]) -> None:
        view = self.views.get(frame["chat"])
        if view is None:
            return
        if frame["line"]["seq"] > view.last + 1:
            await self.resume(frame["chat"])
        else:
            view.apply(frame["line"])

    async def _hear_lines(self, frame: dict[str, Any]) -> None:
        view = self.views.get(frame["chat"])
        if view is None:
            return
        view.asking = 0.0
        for line in frame["lines"]:
            view.apply(line)
        if not frame["done"]:
            await self.resume(frame["chat"])

    async def _hear_beat(self, frame: dict[str, Any]) -> None:
        for chat, seq in frame["seqs"].items():
            if chat in self.views and seq > self.views[chat].last:
                await self.resume(chat)


async def settled(people: list[Person], seconds: float = 60) -> None:
    """Returns when everybody's outbox is empty and nobody waits for lines. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.1)
            waits = [p for p in people if not p.is_ready.is_set() or p.outbox or any(v.asking for v in p.views.values())]
            calm = 0 if waits else calm + 1
