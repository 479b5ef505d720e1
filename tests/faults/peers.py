"""Clients of docs/protocol.md in this process, over a transport that loses, holds and cuts on demand."""

import asyncio
import contextlib
import json
import uuid
from collections import deque
from typing import Any

from django.conf import settings

from chat.consumers import SOCKETS


class Line:
    """One connection: frames pass through `serve` of the real socket door, and are lost when it is cut."""

    def __init__(self, path: str, peer: "Peer") -> None:
        self.peer = peer
        self.up: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.up.put_nowait({"type": "websocket.connect"})
        self.open = asyncio.Event()  # cleared: the reader stalls
        self.open.set()
        self.is_cut = False
        scope = {
            "type": "websocket", "path": path, "client": ("127.0.0.1", 5000), "extensions": {},
            "headers": [(b"origin", settings.PUBLIC_ORIGIN.encode())],
        }  # fmt: skip
        self.task = asyncio.get_running_loop().create_task(SOCKETS[path](scope, self.up.get, self._down))

    async def _down(self, event: dict[str, Any]) -> None:
        await self.open.wait()
        if self.is_cut:
            raise OSError("cut")
        if event["type"] == "websocket.send":
            self.peer.take(json.loads(event["text"]))
        elif event["type"] == "websocket.close":
            self.is_cut = True

    def say(self, frame: dict[str, Any]) -> None:
        if not self.is_cut:
            self.up.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    async def cut(self) -> None:
        """The network is gone: what is under way is lost in both directions."""
        self.is_cut = True
        self.open.set()
        while not self.up.empty():
            self.up.get_nowait()
        self.up.put_nowait({"type": "websocket.disconnect", "code": 1006})
        with contextlib.suppress(asyncio.CancelledError, OSError, TimeoutError):
            await asyncio.wait_for(self.task, 5)


class Peer:
    """What a client knows: lines by number, an outbox that is sent again until it is acknowledged."""

    def __init__(self, path: str, **about: Any) -> None:
        self.path, self.about = path, about
        self.line: Line | None = None
        self.is_ready = False
        self.chat: str | None = about.get("chat")
        self.last = 0
        self.texts: dict[int, str] = {}  # seq -> text as this side sees it
        self.outbox: dict[str, dict[str, Any]] = {}
        self.acked: dict[str, int] = {}  # message id -> seq
        self.refused: dict[str, str] = {}
        self.dropped: deque[bool] = deque()  # for the next `msg` frames: True is lost
        self.asking = False

    # ---- life ----
    def connect(self, ticket: str) -> None:
        self.is_ready = self.asking = False
        self.line = Line(self.path, self)
        self.say({"t": "hello", "v": 1, "ticket": ticket, "since": self.last, "cursor": 0})

    async def cut(self) -> None:
        line, self.line = self.line, None
        self.is_ready = self.asking = False
        if line is not None:
            await line.cut()

    # ---- out ----
    def say(self, frame: dict[str, Any]) -> None:
        if self.line is not None:
            self.line.say(frame)

    def post(self, frame: dict[str, Any]) -> str:
        """A frame that must arrive; answers its id."""
        ident = str(uuid.uuid4())
        self.outbox[ident] = {**frame, "id": ident, **({"chat": self.chat} if "console" in self.path else {})}
        if self.is_ready:
            self.say(self.outbox[ident])
        return ident

    def send_again(self) -> None:
        """Every frame without an answer, once more."""
        if self.is_ready:
            for frame in list(self.outbox.values()):
                self.say(frame)

    def resume(self) -> None:
        if self.is_ready and not self.asking and self.chat:
            self.asking = True
            chat = {"chat": self.chat} if "console" in self.path else {}
            self.say({"t": "since", "seq": self.last, **chat})

    # ---- in ----
    def take(self, frame: dict[str, Any]) -> None:
        hear = getattr(self, f"_hear_{frame['t']}", None)
        if hear is not None:
            hear(frame)

    def _hear_ready(self, frame: dict[str, Any]) -> None:
        self.is_ready = True
        if "console" in self.path and self.chat:
            self.asking = True
            self.say({"t": "open", "chat": self.chat, "since": self.last})
        self.send_again()

    def _hear_ack(self, frame: dict[str, Any]) -> None:
        sent = self.outbox.pop(frame["id"], None)
        if sent is None or "seq" not in frame:
            return
        self.acked[frame["id"]] = frame["seq"]
        if frame["seq"] == self.last + 1:
            self.apply({"seq": frame["seq"], "text": sent["text"]})
        elif frame["seq"] > self.last + 1:
            self.resume()

    def _hear_err(self, frame: dict[str, Any]) -> None:
        if frame.get("id") in self.outbox and frame["code"] not in ("busy", "rate"):
            self.outbox.pop(frame["id"])
            self.refused[frame["id"]] = frame["code"]

    def _hear_msg(self, frame: dict[str, Any]) -> None:
        if frame["chat"] != self.chat or (self.dropped and self.dropped.popleft()):
            return
        if frame["line"]["seq"] > self.last + 1:
            self.resume()
        else:
            self.apply(frame["line"])

    def _hear_lines(self, frame: dict[str, Any]) -> None:
        if frame["chat"] != self.chat:
            return
        self.asking = False
        for line in frame["lines"]:
            self.apply(line)
        if not frame["done"]:
            self.resume()

    def apply(self, line: dict[str, Any]) -> None:
        if line["seq"] <= self.last:
            return
        assert line["seq"] == self.last + 1, f"a hole before {line['seq']} after {self.last}"
        self.last = line["seq"]
        about = line.get("of")
        if about and line.get("event") in ("edited", "removed"):
            self.texts[about] = line["text"] if line["event"] == "edited" else ""
            self.texts[line["seq"]] = ""
        else:
            self.texts[line["seq"]] = line["text"]
