"""The way from process to process: Redis pub/sub where it is configured, else Unix datagrams in the data folder.

Redis carries encoded frames, one pipelined publish per loop turn. Datagrams carry ids only: the receiving process
reads the rows itself. Losing one costs latency, never a message (docs/protocol.md, promise 4).
"""

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)
Receiver = Callable[[dict[str, Any]], None]

MAX_PATH = 100  # AF_UNIX paths end at 108 bytes
_machine = secrets.token_hex(8)  # in containers the processes of two machines have the same numbers


def redis_channel() -> str:
    """The channel of this site. Redis keeps keys apart by database number, but a channel is heard in all of them."""
    number = urlsplit(settings.REDIS_URL).path.strip("/") or "0"
    return f"livechat:hub:{number}"


def own_name() -> str:
    """The name of this process, unlike that of every other on the bus."""
    return f"{_machine}-{os.getpid()}"


def bus_folder() -> Path:
    """The folder of the datagram sockets: VAR/bus, or a short path named after it where VAR is too long."""
    folder = settings.VAR / "bus"
    if len(str(folder)) + 16 > MAX_PATH:
        name = hashlib.sha256(str(settings.VAR).encode()).hexdigest()[:12]  # the same in every process
        folder = Path(tempfile.gettempdir()) / f"livechat-{os.getuid()}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
            raise PermissionError(f"{folder} belongs to somebody else, or is open to others")
    return Path(folder)


class RedisBus:
    """One subscription and one pipelined publisher of this process."""

    def __init__(self, receive: Receiver, changed: Callable[[bool], None]) -> None:
        self._receive = receive
        self._changed = changed  # told when the subscription is lost, and when it is back
        self._outgoing: list[Any] = []
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.connected = False

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._subscribe()), asyncio.create_task(self._publish())]

    async def stop(self) -> None:
        """Ends both tasks. A cancellation that meets redis-py in the middle of a command can be lost there as a
        time-out, so it is said until it is heard.
        """
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            _done, left = await asyncio.wait(left, timeout=0.2)

    def send(self, item: dict[str, Any]) -> None:
        """Queues one item; everything queued until the publisher's turn leaves in one publish."""
        if len(self._outgoing) < 10_000:  # Redis is gone: clients find what they missed by their heartbeat
            self._outgoing.append(item)
            self._wake.set()

    async def _publish(self) -> None:
        import redis.asyncio as redis

        client, is_lost = redis.from_url(settings.REDIS_URL), False
        while True:
            await self._wake.wait()
            self._wake.clear()
            items, self._outgoing = self._outgoing, []
            try:
                await client.publish(redis_channel(), json.dumps({"from": own_name(), "items": items}))
                is_lost = False
            except (redis.RedisError, OSError):
                if not is_lost:  # said once for each time that Redis goes
                    log.warning("bus.publish_failed", items=len(items))
                is_lost = True
                await asyncio.sleep(0.5)

    async def _subscribe(self) -> None:
        import redis.asyncio as redis

        was_lost = False
        while True:
            client = redis.from_url(settings.REDIS_URL, socket_timeout=None)
            try:
                pubsub = client.pubsub()
                await pubsub.subscribe(redis_channel())
                self.connected = True
                if was_lost:
                    self._changed(True)
                was_lost = False
                async for message in pubsub.listen():
                    if message["type"] == "message":
                        self._unpack(message["data"])
            except (redis.RedisError, OSError):
                if not was_lost:
                    log.warning("bus.subscription_lost")
                    self.connected = False
                    self._changed(False)
                was_lost = True
            finally:
                self.connected = False
                with contextlib.suppress(redis.RedisError, OSError):
                    await client.aclose()
            await asyncio.sleep(0.5)

    def _unpack(self, data: bytes) -> None:
        try:
            batch = json.loads(data)
            if batch["from"] == own_name():
                return
            for item in batch["items"]:
                self._receive(item)
        except Exception:  # noqa: BLE001  a door: what another version sends must not end the subscription
            log.exception("bus.item_failed")


class UnixBus:
    """A datagram socket of this process in the bus folder; every other process writes to it."""

    connected = True

    def __init__(self, receive: Receiver) -> None:
        self._receive = receive
        self._socket: socket.socket | None = None
        self._path = bus_folder() / f"{os.getpid()}.sock"

    def start(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(self._path))
        os.chmod(self._path, 0o600)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)

    def _read(self) -> None:
        assert self._socket is not None
        for _ in range(256):
            try:
                data = self._socket.recv(65_536)
            except BlockingIOError:
                return
            try:
                self._receive(json.loads(data))
            except Exception:  # noqa: BLE001  a door: what another version sends must not stop the reading
                log.exception("bus.item_failed")

    async def stop(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
        self._path.unlink(missing_ok=True)

    def send(self, item: dict[str, Any]) -> None:
        send_datagram(item)


def send_datagram(item: dict[str, Any]) -> None:
    """Sends one item to every other process that listens. Dead sockets are removed; a full one loses the hint."""
    data = json.dumps(item).encode()
    own = f"{os.getpid()}.sock"
    for path in bus_folder().glob("*.sock"):
        if path.name == own:
            continue
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0.2)
            try:
                sender.sendto(data, str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                path.unlink(missing_ok=True)
            except OSError:
                log.warning("bus.datagram_lost")


def send_from_outside(item: dict[str, Any]) -> None:
    """Sends one item from a process without a hub (worker, command). Best effort: never raises."""
    if not settings.REDIS_URL:
        send_datagram(item)
        return
    import redis

    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.publish(redis_channel(), json.dumps({"from": own_name(), "items": [item]}))
    except (redis.RedisError, OSError):
        log.warning("bus.publish_failed", items=1)
