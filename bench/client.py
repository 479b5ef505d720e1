"""A WebSocket client of a few lines, so that the client is not what a benchmark measures. Loopback only."""

import asyncio
import base64
import json
import os
import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


class Client(asyncio.Protocol):
    """One socket; every text frame goes to `on_text`."""

    def __init__(self, on_text: Callable[[str], None] | None = None) -> None:
        self.on_text = on_text or (lambda text: None)
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None
        self._buffer = bytearray()
        self._shaken = False

    @classmethod
    async def join(
        cls,
        url: str,
        origin: str,
        on_text: Callable[[str], None] | None = None,
        hello: dict[str, Any] | None = None,
        offer_deflate: bool = False,
    ) -> "Client":
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: cls(on_text), parts.hostname, parts.port)
        key = base64.b64encode(os.urandom(16)).decode()
        extra = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" if offer_deflate else ""
        client.transport.write(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n".encode()
        )
        await client.opened
        if hello is not None:
            client.send(json.dumps({"t": "hello", "v": 1, **hello}))
        return client

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("refused"))
        if not self.closed.done():
            self.closed.set_result(None)

    def send(self, text: str) -> None:
        data = text.encode()
        mask = b"\x00\x00\x00\x00"  # a mask of zeros is a mask
        short = len(data) < 126
        head = struct.pack("!BB", 0x81, 0x80 | len(data)) if short else struct.pack("!BBH", 0x81, 0xFE, len(data))
        self.transport.write(head + mask + data)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        if not self._shaken:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in buffer[:20]:
                self.transport.close()
                return
            del buffer[: end + 4]
            self._shaken = True
            self.opened.set_result(None)
        start = 0
        size = len(buffer)
        while size - start >= 2:
            length, offset = buffer[start + 1] & 0x7F, 2
            if length == 126:
                if size - start < 4:
                    break
                length, offset = struct.unpack_from("!H", buffer, start + 2)[0], 4
            elif length == 127:
                if size - start < 10:
                    break
                length, offset = struct.unpack_from("!Q", buffer, start + 2)[0], 10
            if size - start < offset + length:
                break
            kind = buffer[start] & 0x0F
            payload = bytes(buffer[start + offset : start + offset + length])
            start += offset + length
            if kind == 1:
                self.on_text(payload.decode())
            elif kind == 9:
                self.transport.write(struct.pack("!BB", 0x8A, 0x80 | len(payload)) + b"\0\0\0\0" + payload)
            elif kind == 8:
                self.transport.close()
        del buffer[:start]

    def close(self) -> None:
        self.transport.close()
