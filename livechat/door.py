"""The door in front of the page threads: a request goes to one of them only when it is whole and well-formed.

There are few threads (WEB_THREADS). A body that trickles in, or never comes, waits here in the loop, where waiting
costs nothing, and only for a time.
"""

import asyncio
from typing import Any
from urllib.parse import quote_from_bytes

BODY_SECONDS = 20.0  # for the whole body
LARGEST_BODY = 1_048_576  # bytes; no page takes a file
LARGEST_TOGETHER = 67_108_864  # bytes of all bodies that wait here at one moment
ASCII_QUERY = bytes(range(33, 127))


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WholeRequests:
    """Wraps the ASGI application of the pages."""

    def __init__(self, pages: Any) -> None:
        self.pages = pages
        self.held = 0  # bytes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Reads the body, then asks the pages; 408 for a slow body, 413 for a large one, 503 for too many."""
        body = bytearray()
        try:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    if not await self._read(receive, body):
                        return  # the sender has gone
            except TimeoutError:
                raise _Refused(408) from None
            await self.pages(_clean(scope), _replay(bytes(body), receive), send)
        except _Refused as refused:
            await _answer(refused.status, send)
        finally:
            self.held -= len(body)

    async def _read(self, receive: Any, body: bytearray) -> bool:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            part = message.get("body", b"")
            body += part
            self.held += len(part)
            more = message.get("more_body", False)
            if len(body) > LARGEST_BODY:
                raise _Refused(413)
            if self.held > LARGEST_TOGETHER:
                raise _Refused(503)
        return True


def _clean(scope: Any) -> Any:
    """The scope without headers that would pass for another one ("x_forwarded_for"), its query in ASCII."""
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    query = scope["query_string"]
    return {**scope, "headers": headers, "query_string": quote_from_bytes(query, safe=ASCII_QUERY).encode()}


def _replay(body: bytes, receive: Any) -> Any:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Any:
        return messages.pop() if messages else await receive()

    return again


async def _answer(status: int, send: Any) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"0"),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
