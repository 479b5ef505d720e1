"""A loopback TCP proxy of our own: several web processes behind one origin, and the faults of a network on demand."""

import asyncio
import contextlib
import random
import socket
from dataclasses import dataclass, field

FAULTS = ("drop", "half-open", "delay", "cut")
HALF_OPEN_SECONDS = 15.0  # then the dead side is given up, as a kernel or a router does after its own time
PIECE = 65_536


@dataclass
class Weather:
    """What happens to new connections: `share` of them get one of `faults`, after some bytes have passed."""

    share: float = 0.0
    faults: tuple[str, ...] = FAULTS
    longest_delay: float = 10.0  # seconds
    after_bytes: tuple[int, int] = (600, 12_000)


@dataclass(eq=False)
class Link:
    """One connection through the proxy. `fault` begins once `after` bytes have passed; `stalled` passes nothing on."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    port: int
    rng: random.Random
    fault: str = ""
    after: int = 0
    longest_delay: float = 0.0
    passed: int = 0
    silent: bool = False
    going: asyncio.Event = field(default_factory=asyncio.Event)

    def abort(self) -> None:
        """Ends both sides at once, what is under way is lost."""
        self.going.set()
        for writer in (self.client, self.server):
            writer.transport.abort()

    def stall(self, on: bool = True) -> None:
        """Nothing is read any more, in both directions, until it goes on."""
        self.going.clear() if on else self.going.set()


class Proxy:
    """Round robin over `ports`; a process that does not answer is left out, as nginx does it.

    Everything that chance decides comes from `seed`. `hits` counts the faults that were made.
    """

    def __init__(self, ports: list[int], seed: int = 1) -> None:
        self.ports = ports
        self.rng = random.Random(seed)
        self.weather = Weather()
        self.links: set[Link] = set()
        self.hits: dict[str, int] = dict.fromkeys(FAULTS, 0)
        self.small_windows = False  # the next connections take few bytes from the server before it must wait
        self._turn = 0
        self._works: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", port, backlog=512)

    async def stop(self) -> None:
        """Ends every connection and listens no more."""
        if self._server is not None:
            self._server.close()
        for link in list(self.links):
            link.abort()
        for work in list(self._works):
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    def cut_all(self) -> None:
        """Every connection of this moment is gone."""
        for link in list(self.links):
            link.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, int] | None:
        ports = list(self.ports)
        self._turn += 1
        for step in range(len(ports)):
            port = ports[(self._turn + step) % len(ports)]
            made = socket.socket()
            made.setblocking(False)
            if self.small_windows:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            try:
                await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
                reader, writer = await asyncio.open_connection(sock=made, limit=4096 if self.small_windows else PIECE)
                return reader, writer, port
            except OSError:
                made.close()
        return None

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._works.add(task)
        link: Link | None = None
        try:
            reached = await self._reach()
            if reached is None:
                writer.transport.abort()
                return
            up, server, port = reached
            link = Link(writer, server, port, self.rng)
            link.going.set()
            weather = self.weather
            if self.rng.random() < weather.share:
                link.fault = self.rng.choice(weather.faults)
                link.after = self.rng.randint(*weather.after_bytes)
                link.longest_delay = weather.longest_delay
            self.links.add(link)
            await asyncio.gather(self._pump(link, reader, server), self._pump(link, up, writer))
        except (OSError, RuntimeError, asyncio.CancelledError):  # RuntimeError: aborted while a piece was on its way
            pass
        finally:
            if link is not None:
                self.links.discard(link)
                link.abort()
            else:
                writer.transport.abort()
            self._works.discard(task)

    async def _pump(self, link: Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while True:
            await link.going.wait()
            data = await source.read(PIECE)
            if not data:
                break
            link.passed += len(data)
            if link.fault and link.passed > link.after:
                data = await self._harm(link, data)
            if link.silent:
                continue
            target.write(data)
            if link.fault == "cut!":
                await target.drain()
                raise ConnectionResetError
            await target.drain()
        if link.silent:
            await asyncio.sleep(HALF_OPEN_SECONDS)
            raise ConnectionResetError
        with contextlib.suppress(OSError, RuntimeError):
            target.close()

    async def _harm(self, link: Link, data: bytes) -> bytes:
        """Does what the connection's fault is; answers what is still passed on."""
        if link.fault == "delay":
            self.hits["delay"] += 1
            await asyncio.sleep(link.rng.uniform(0, link.longest_delay))
            link.after += link.rng.randint(200, 4_000)  # not every piece, and never out of order
        elif link.fault == "half-open" and not link.silent:
            self.hits["half-open"] += 1
            link.silent = True
        elif link.fault == "cut":
            self.hits["cut"] += 1
            link.fault = "cut!"
            return data[: max(1, len(data) // 2)]
        elif link.fault == "drop":
            self.hits["drop"] += 1
            raise ConnectionResetError
        return data
