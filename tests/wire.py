"""A client of docs/protocol.md for tests and benchmarks: real sockets, no part of our server."""

import asyncio
import contextlib
import json
import urllib.request
import uuid
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


def post_json(url: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    """Status and JSON of a POST. `url` is one of our own loopback servers."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


class Wire:
    """One socket. Frames that nobody waited for stay in `frames`."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []

    @classmethod
    async def join(cls, url: str, origin: str, hello: dict[str, Any], **options: Any) -> "Wire":
        """Connects and says hello."""
        options.setdefault("compression", None)
        socket = await connect(url, origin=origin, max_size=None, **options)  # type: ignore[arg-type]
        wire = cls(socket)
        await wire.send(t="hello", v=1, **hello)
        return wire

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def listening(self, seconds: float = 20) -> "Wire":
        """Waits until the site has let this socket in (`ready`, kept in `frames`) or closed it: who sends before
        another one listens waits for a frame that was never sent to that one."""
        with contextlib.suppress(ConnectionClosed):
            self.frames.append(await self.expect("ready", seconds))
        return self

    async def next(self, seconds: float = 10) -> dict[str, Any]:
        """The next frame from the socket, whatever it is."""
        return json.loads(await asyncio.wait_for(self.socket.recv(), seconds))  # type: ignore[no-any-return]

    async def expect(self, kind: str, seconds: float = 10, **match: Any) -> dict[str, Any]:
        """The next frame of that type (with these values), seen already or to come."""
        for frame in self.frames:
            if frame["t"] == kind and all(frame.get(k) == v for k, v in match.items()):
                self.frames.remove(frame)
                return frame
        async with asyncio.timeout(seconds):
            while True:
                frame = json.loads(await self.socket.recv())
                if frame["t"] == kind and all(frame.get(k) == v for k, v in match.items()):
                    return frame  # type: ignore[no-any-return]
                self.frames.append(frame)

    async def line(self, seconds: float = 10, **match: Any) -> dict[str, Any]:
        """The next `msg` line with these values."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.expect("msg", seconds)
                if all(frame["line"].get(k) == v for k, v in match.items()):
                    return frame["line"]  # type: ignore[no-any-return]

    async def message(self, text: str, **more: Any) -> dict[str, Any]:
        """Sends a message and answers its ack."""
        client_id = str(uuid.uuid4())
        await self.send(t="msg", id=client_id, text=text, **more)
        return await self.expect("ack", id=client_id)

    async def close(self) -> None:
        await self.socket.close()
