"""The web process: uvicorn on a socket that the supervisor opened, and beside it the demo page of another origin."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn

IDLE_LINK_MS = 60_000  # a peer that acknowledges nothing for a minute is gone
LARGEST_FRAME = 65_536
DRAIN_SECONDS = 3  # for what is left when the sockets have said goodbye; the supervisor waits ten seconds in all


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; accepted connections inherit its options."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, IDLE_LINK_MS)
    listener.set_inheritable(True)
    return listener


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: two servers share one process and end together.

    Its own way to end closes every socket at once and says nothing to its client; `goodbye` runs before that, when no
    new connection is taken any more.
    """

    goodbye: Callable[[], Awaitable[None]] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        if self.goodbye is not None:
            await self.goodbye()
        await super().shutdown(sockets)


def make_server(application: Any) -> Server:
    """A server with the options of the chat path: no deflate, frames of at most 64 KB, heartbeats are the hub's."""
    return Server(
        uvicorn.Config(
            application,
            http="httptools",
            loop="uvloop",
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            ws_max_size=LARGEST_FRAME,
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            proxy_headers=False,  # core.client_address reads X-Forwarded-For, and only behind TRUSTED_PROXY_COUNT
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )


async def _serve(pairs: list[tuple[Any, socket.socket]]) -> None:
    from chat.realtime.live import live  # Django is set up by the application

    servers = [(make_server(application), listener) for application, listener in pairs]
    servers[0][0].goodbye = live.say_goodbye

    def end() -> None:
        for server, _ in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in servers))


def settle_memory() -> None:
    """What is loaded now stays: the collector no longer walks it, and walks the sockets' objects less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def run_web(listener: socket.socket, demo: socket.socket | None = None) -> int:
    """Serves until SIGTERM: takes no new connections, ends sockets with 1012, and leaves within ten seconds."""
    from livechat.asgi import application

    pairs: list[tuple[Any, socket.socket]] = [(application, listener)]
    if demo is not None:
        from livechat.demo import application as demo_application

        pairs.append((demo_application, demo))
    settle_memory()
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(pairs))
    return 0
