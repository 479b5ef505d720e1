"""Clients of docs/protocol.md over real connections: an outbox that is sent again, views by number, and what they saw."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

UNANSWERED = 10.0  # seconds without an answer to a message: the connection is tried anew, as in the browser
SILENCE = 45.0  # seconds in which the server says nothing at all: the same
AGAIN = 1.0  # after `busy`
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
    heard_at: dict[str, float] = field(default_factory=dict)  # line id -> when it was first applied
    asking: float = 0.0  # since when an answer to `since` is owed
    is_closed: bool = False

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
        self.is_closed = line.get("event") in ("closed", "left") or (self.is_closed and line.get("event") != "reopened")
        self.heard_at.setdefault(line["id"], time.monotonic())

    def forget(self) -> None:
        """The page was loaded anew: everything is read again."""
        self.last, self.asking, self.is_closed = 0, 0.0, False
        self.texts.clear()
        self.ids.clear()


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
        self.connections = self.attempt = 0
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
        while not self.stopping:
            wait = min(30.0, 0.5 * 2 ** min(self.attempt, 10)) * random.uniform(0.5, 1.0)
            self.attempt += 1
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
            except ConnectionClosed as closed:
                code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
                self.closes.append((code, reason))
                wait = 30.0 if code == 4429 else wait
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    wait = json.loads(reason)["in"] if code == 1012 else wait
                if code == 4403:
                    self.problems.append(f"{self.name} was sent away: {reason}")
            except (OSError, TimeoutError, InvalidHandshake, WebSocketException, EOFError, ValueError):
                pass
            except AssertionError as broken:
                self.problems.append(f"{self.name}: {broken}")
            await asyncio.sleep(wait)

    async def _talk(self, socket: ClientConnection, fields: dict[str, Any]) -> None:
        for view in self.views.values():
            view.asking = 0.0
        self.sent_at = dict.fromkeys(self.outbox, 0.0)
        own = self.views.get(self.chat["id"]) if self.chat else None
        place = {"cursor": 0} if self.is_operator else {"since": own.last if own else 0}
        await socket.send(json.dumps({"t": "hello", "v": 1, **place, **fields}))
        heard = time.monotonic()
        while True:
            try:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 0.5))
            except TimeoutError:
                frame = None
            now = time.monotonic()
            if frame is not None:
                heard = now
                await self._take(frame)
            owed = [at for ident, at in self.sent_at.items() if ident in self.outbox and at]
            if now - heard > SILENCE or (owed and self.is_ready.is_set() and now - min(owed) > UNANSWERED):
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
        await self._send_next(chat)
        return ident

    async def _send_next(self, chat: str) -> None:
        """Sends the oldest unanswered frame of a chat, unless it is under way: none overtakes another."""
        ident = next((key for key, frame in self.outbox.items() if frame.get("chat", "") == chat), None)
        if ident is not None and not self._holding and self.is_ready.is_set() and not self.sent_at[ident]:
            self.sent_at[ident] = time.monotonic()
            await self.say(self.outbox[ident])

    async def _send_all(self) -> None:
        self._holding = False
        for chat in {frame.get("chat", "") for frame in self.outbox.values()}:
            await self._send_next(chat)

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
        self.attempt = 0
        if self.is_operator:
            for chat, view in list(self.views.items()):
                if not view.is_closed:
                    await self.open(chat)
        elif frame["chat"]:
            await self._hear_chat(frame)
        elif self.chat is not None and self.chat["state"] != "closed":  # it ended, and a page loaded anew shows none
            self.chat = {**self.chat, "state": "closed"}
            if not self.views[self.chat["id"]].last:
                del self.views[self.chat["id"]]
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
        await self._send_next(sent.get("chat", ""))
        if at:
            self.ack_seconds.append((at, time.monotonic() - at))
        if "seq" not in frame or sent["t"] not in ("msg", "start"):
            return
        chat, seq = frame["chat"], frame["seq"]
        self.acked[frame["id"]] = (chat, seq)
        if sent["t"] == "start" and (self.chat is None or self.chat["id"] != chat):
            self.chat = {"id": chat, "state": "waiting", "seq": seq, "operator": None}
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
                view.asking = 0.0  # it may have been a question: the next beat has it asked again
            if ident in self.outbox and not self._holding:  # everything again, in order, a little later
                self._holding = True
                asyncio.get_running_loop().call_later(AGAIN, lambda: asyncio.ensure_future(self._send_all()))
            if ident in self.sent_at:
                self.sent_at[ident] = 0.0
        elif ident in self.outbox:
            sent = self.outbox.pop(ident)
            self.sent_at.pop(ident, None)
            await self._send_next(sent.get("chat", ""))
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
        lines = frame["lines"]
        if lines and lines[0]["seq"] > view.last + 1:  # an answer to `hello` about another chat than was meant
            return await self.resume(frame["chat"])
        for line in lines:
            view.apply(line)
        if not frame["done"]:
            await self.resume(frame["chat"])

    async def _hear_beat(self, frame: dict[str, Any]) -> None:
        for chat, seq in frame["seqs"].items():
            if chat in self.views and seq > self.views[chat].last:
                self.views[chat].asking = 0.0
                await self.resume(chat)


async def settled(people: list[Person], seconds: float = 60) -> None:
    """Returns when everybody's outbox is empty and nobody waits for lines. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.1)
            waits = [
                p for p in people if not p.is_ready.is_set() or p.outbox or any(v.asking for v in p.views.values())
            ]
            calm = 0 if waits else calm + 1
