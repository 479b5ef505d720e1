"""The hub: a dictionary room -> sockets in the server process, and the ways into it.

Frames are hints; the database is the truth (docs/protocol.md). Everything here runs in the loop's thread but the
functions that say otherwise.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.db import transaction

from core import bus as buses

log = structlog.get_logger(__name__)

MAX_BUFFERED = 1_048_576  # bytes that may wait for one slow reader
BEAT_SECONDS = 28
SILENT_CLOSE = 4408
RETURN_SPREAD = 5.0  # seconds over which clients come back to a server that was started again
LAST_FRAME_SECONDS = 1.0  # between the last frame to a room and its end

Send = Callable[[Any], Awaitable[None]]
_encoder = msgspec.json.Encoder()


def encode(frame: Any) -> str:
    """The text of a frame, or of a part of one."""
    return _encoder.encode(frame).decode()


class Socket:
    """One open socket: a bounded queue of frames in front of the server's `send`.

    `beat` answers the heartbeat frame of this socket (None: none); `recheck` reads again whether its person may still
    be here, and closes it if not; `mask` takes out of each frame what its person must not see (None: nothing).
    The socket is closed with 4408 when more than
    1 MB waits for it, so that a reader that stalls costs nobody else anything.
    """

    __slots__ = (
        "_bytes", "_draining", "_queue", "_send", "beat", "closed", "closing", "mask", "recheck", "rooms",
        "waits_since",
    )  # fmt: skip

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[str] = deque()
        self._bytes = 0
        self._draining = False
        self.closed = False
        self.rooms: set[str] = set()
        self.beat: Callable[[], str | None] | None = None
        self.mask: Callable[[str], str] | None = None
        self.recheck: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.closing: asyncio.Task[Any] | None = None
        self.waits_since = 0.0  # monotonic time at which the drain began; 0: nothing waits

    def push(self, frame: str) -> None:
        """Queues a frame; it leaves in order, as fast as the reader takes it."""
        if self.closed:
            return
        if self.mask is not None:
            frame = self.mask(frame)
        self._queue.append(frame)
        self._bytes += len(frame)
        if self._bytes > MAX_BUFFERED:
            hub.slow_closed += 1
            self.close(SILENT_CLOSE, "too slow")
        elif not self._draining:
            self._draining = True
            self.waits_since = time.monotonic()
            hub.spawn(self._drain())

    async def _drain(self) -> None:
        queue, send = self._queue, self._send
        try:
            while queue:
                frame = queue.popleft()
                await send({"type": "websocket.send", "text": frame})
                self._bytes -= len(frame)
                self.waits_since = time.monotonic()
                hub.frames_sent += 1
        except (OSError, RuntimeError):  # the peer is gone; the server tells the reader side
            self.closed = True
        finally:
            self._draining = False
            self.waits_since = 0.0

    def close(self, code: int, reason: str = "") -> None:
        """Drops what waits and closes the socket."""
        if self.closed:
            return
        self.closed = True
        self._queue.clear()
        self._bytes = 0
        hub.leave_all(self)
        self.closing = hub.spawn(self._close(code, reason))

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            await self._send({"type": "websocket.close", "code": code, "reason": reason})


Resync = Callable[[str, int], None]


class Hub:
    """Rooms of sockets, the timer wheel of heartbeats, and the bus to other processes."""

    def __init__(self) -> None:
        self.rooms: dict[str, set[Socket]] = {}
        self.sockets: set[Socket] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.bus: buses.RedisBus | buses.UnixBus | None = None
        self.frames_sent = 0
        self.slow_closed = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._wheel: list[set[Socket]] = [set() for _ in range(BEAT_SECONDS)]
        self._next_slot = 0
        self._ticker: asyncio.Task[None] | None = None
        self._resync: dict[str, Resync] = {}
        self._control: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.on_note: Callable[[dict[str, int]], None] | None = None
        self.on_bus: Callable[[bool], None] | None = None  # whether the other processes are heard, when that changes

    # ---- life ----
    def start(self) -> None:
        """Binds the hub to the running loop."""
        self.loop = asyncio.get_running_loop()
        self.bus = (
            buses.RedisBus(self._from_bus, self._bus_changed) if settings.REDIS_URL else buses.UnixBus(self._from_bus)
        )
        self.bus.start()
        self._ticker = asyncio.create_task(self._tick())

    async def close_sockets(self, spread: float = RETURN_SPREAD) -> None:
        """Closes every socket with 1012 and a spread time to return."""
        for socket in list(self.sockets):
            socket.close(1012, encode({"in": round(random.uniform(0, spread), 1)}))  # noqa: S311  jitter
        await asyncio.sleep(0)
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1)

    async def stop(self) -> None:
        """Closes every socket, then the bus."""
        if self._ticker is not None:
            self._ticker.cancel()
        await self.close_sockets()
        if self.bus is not None:
            await self.bus.stop()
        self.bus = None
        self.loop = None

    def spawn(self, work: Any) -> "asyncio.Task[Any]":
        """Runs a coroutine and keeps it from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ---- rooms ----
    def add(self, socket: Socket) -> None:
        self.sockets.add(socket)
        self._wheel[self._next_slot % BEAT_SECONDS].add(socket)
        self._next_slot += 1

    def join(self, socket: Socket, room: str) -> None:
        self.rooms.setdefault(room, set()).add(socket)
        socket.rooms.add(room)

    def leave(self, socket: Socket, room: str) -> None:
        socket.rooms.discard(room)
        members = self.rooms.get(room)
        if members is not None:
            members.discard(socket)
            if not members:
                del self.rooms[room]

    def leave_all(self, socket: Socket) -> None:
        for room in list(socket.rooms):
            self.leave(socket, room)
        self.sockets.discard(socket)
        for slot in self._wheel:
            slot.discard(socket)

    # ---- frames ----
    def deliver(self, rooms: Iterable[str], frame: str, skip: Socket | None = None) -> None:
        """Pushes a frame to every socket of this process in any of the rooms, once each."""
        seen: set[Socket] | None = None
        for room in rooms:
            members = self.rooms.get(room)
            if not members:
                continue
            for socket in list(members):
                if socket is skip or (seen is not None and socket in seen):
                    continue
                socket.push(frame)
            seen = members if seen is None else seen | members

    def publish(
        self, rooms: list[str], frame: str, skip: Socket | None = None, note: dict[str, int] | None = None
    ) -> None:
        """Delivers here and, over Redis, in the other processes. `note` are the numbers that the frame is about."""
        self.deliver(rooms, frame, skip)
        if note is not None and self.on_note is not None:
            self.on_note(note)
        if isinstance(self.bus, buses.RedisBus):
            self.bus.send({"rooms": rooms, "frame": frame, "note": note})

    def count_stalled(self, seconds: float) -> int:
        """Sockets of this process with a frame that waits for longer than that (P18)."""
        now = time.monotonic()
        return sum(1 for socket in self.sockets if socket.waits_since and now - socket.waits_since > seconds)

    def control(self, name: str, ids: dict[str, Any]) -> None:
        """Runs the control `name` here and in the other processes."""
        self.apply_control(name, ids)
        if self.bus is not None:
            self.bus.send({"control": name, "ids": ids})

    # ---- from elsewhere ----
    def on_resync(self, prefix: str, read: Resync) -> None:
        """`read(prefix, pk)` is called when a datagram says that room "prefix:pk" has something new."""
        self._resync[prefix] = read

    def on_control(self, name: str, act: Callable[[dict[str, Any]], None]) -> None:
        self._control[name] = act

    def apply_control(self, name: str, ids: dict[str, Any]) -> None:
        """Runs the control `name` in this process."""
        act = self._control.get(name)
        if act is not None:
            act(ids)

    @property
    def is_alone(self) -> bool:
        """Whether other processes are not heard at the moment: what happens there comes with the sweep only."""
        return self.bus is not None and not self.bus.connected

    def _bus_changed(self, connected: bool) -> None:
        if self.on_bus is not None:
            self.on_bus(connected)

    def _from_bus(self, item: dict[str, Any]) -> None:
        if "frame" in item:
            self.deliver(item["rooms"], item["frame"])
            if item.get("note") and self.on_note is not None:
                self.on_note(item["note"])
        elif "control" in item:
            self.apply_control(item["control"], item["ids"])
        elif "room" in item:
            prefix, _, pk = item["room"].partition(":")
            read = self._resync.get(prefix)
            if read is not None and pk.isdigit():
                read(prefix, int(pk))

    # ---- heartbeat: one timer for all ----
    async def _tick(self) -> None:
        slot = 0
        while True:
            await asyncio.sleep(1)
            slot = (slot + 1) % BEAT_SECONDS
            for socket in list(self._wheel[slot]):
                frame = socket.beat() if socket.beat is not None else None
                if frame is not None:
                    socket.push(frame)


hub = Hub()


def _close_user(ids: dict[str, Any]) -> None:
    for socket in list(hub.rooms.get(f"user:{ids['user']}", ())):
        socket.close(ids.get("code", 4401), "signed out")


def _recheck_account(ids: dict[str, Any]) -> None:
    for socket in list(hub.rooms.get(f"account:{ids['account']}", ())):
        if socket.recheck is not None:
            hub.spawn(socket.recheck())


def _close_room(ids: dict[str, Any]) -> None:
    def close() -> None:
        for socket in sockets:
            socket.close(ids.get("code", 4403), "gone")

    sockets = list(hub.rooms.get(ids["room"], ()))
    if sockets and hub.loop is not None:
        hub.loop.call_later(LAST_FRAME_SECONDS, close)


hub.on_control("close_user", _close_user)
hub.on_control("close_room", _close_room)
hub.on_control("recheck_account", _recheck_account)


# ---- from any thread or process, after commit --------------------------------------------------------
def send_on_commit(room: str, frame: dict[str, Any]) -> None:
    """Delivers `frame` to a room once the transaction is committed; nothing is sent on a rollback.

    From a process without a hub it goes over Redis, or, with no Redis, as a hint that names the room only.
    """
    publish_on_commit([room], frame)


def publish_on_commit(rooms: list[str], frame: dict[str, Any], note: dict[str, int] | None = None) -> None:
    """The same for several rooms; a socket in more than one of them gets the frame once."""
    transaction.on_commit(lambda: _send(rooms, encode(frame), note), robust=True)


def _send(rooms: list[str], text: str, note: dict[str, int] | None) -> None:
    if hub.loop is not None:
        hub.loop.call_soon_threadsafe(hub.publish, rooms, text, None, note)
    elif settings.REDIS_URL:
        buses.send_from_outside({"rooms": rooms, "frame": text, "note": note})
    else:
        for room in rooms:
            buses.send_from_outside({"room": room})


def close_user_sockets(user_id: int, code: int = 4401) -> None:
    """Closes every socket of a person, in every process, once the transaction is committed."""
    control_on_commit("close_user", {"user": user_id, "code": code})


def recheck_sockets_on_commit(account_id: int) -> None:
    """Asks every socket of an account's members whether it may stay, in every process, after the commit."""
    control_on_commit("recheck_account", {"account": account_id})


def close_room_sockets(room: str, code: int = 4403) -> None:
    """The same for a room, a moment after the commit: the last frame to it leaves first."""
    control_on_commit("close_room", {"room": room, "code": code})


def control_on_commit(name: str, ids: dict[str, Any]) -> None:
    """Runs the control `name` in every process, once the transaction is committed."""

    def act() -> None:
        if hub.loop is not None:
            hub.loop.call_soon_threadsafe(hub.control, name, ids)
        else:
            buses.send_from_outside({"control": name, "ids": ids})

    transaction.on_commit(act, robust=True)


def control_here_on_commit(name: str, ids: dict[str, Any]) -> None:
    """Runs the control `name` once after the commit: in this process where it has the hub, else in each that has.

    Those that hear it from outside find `outside` among the ids.
    """

    def act() -> None:
        if hub.loop is not None:
            hub.loop.call_soon_threadsafe(hub.apply_control, name, ids)
        else:
            buses.send_from_outside({"control": name, "ids": {**ids, "outside": True}})

    transaction.on_commit(act, robust=True)
