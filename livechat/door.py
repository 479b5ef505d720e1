"""The door in front of the page threads: a request goes to one of them only when it is whole and well-formed.

There are few threads (WEB_THREADS). A body that trickles in, or never comes, waits here in the loop, where waiting
costs nothing, and only for a time. Files go out from here too, so that a slow reader holds no thread.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from django.conf import settings

from chat.files.answers import SEND_HEADER
from chat.files.store import PARCEL, path_of
from core.uploads import LARGEST_REQUEST, LARGEST_UPLOAD

BODY_SECONDS = 20.0  # for the whole body
LARGEST_BODY = 1_048_576  # bytes; of a page that takes no file
LARGEST_TOGETHER = 67_108_864  # bytes of all bodies that wait here at one moment
FILE_SECONDS = 180.0  # for a body with a file: 10 MB over a slow phone
FILES_TOGETHER = 134_217_728  # bytes of those; files that come slowly do not keep pages out
FILE_PATHS = (
    "/app/files/", "/widget/files/", "/app/profile/photo/", "/app/team/import/", "/api/v1/me/photo/",
    "/api/v1/operators/imports/",
)  # fmt: skip
ASCII_QUERY = bytes(range(33, 127))
SENDING_SECONDS = 900.0  # for a whole file on its way out
PIECE = 65_536  # bytes of a file that are read at once
_SEND = SEND_HEADER.lower().encode("ascii")


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class _Room:
    """What bodies of one kind may take: each, together, and how long; `held` bytes wait now."""

    largest: int
    together: int
    seconds: float
    held: int = 0


class WholeRequests:
    """Wraps the ASGI application of the pages."""

    def __init__(self, pages: Any) -> None:
        self.pages = pages
        self.small = _Room(LARGEST_BODY, LARGEST_TOGETHER, BODY_SECONDS)
        largest = max(LARGEST_UPLOAD, settings.LARGEST_FILE) + LARGEST_BODY
        self.files = _Room(largest, FILES_TOGETHER, FILE_SECONDS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Reads the body, then asks the pages; 408 for a slow body, 413 for a large one, 503 for too many."""
        room = self.files if scope["method"] == "POST" and scope["path"] in FILE_PATHS else self.small
        body = bytearray()
        held = 0
        try:
            try:
                async with asyncio.timeout(room.seconds):
                    if not await _read(room, receive, body):
                        return  # the sender has gone
            except TimeoutError:
                raise _Refused(408) from None
            finally:
                held = len(body)
            again = _replay(bytes(body), receive)
            body.clear()  # one copy is enough
            await self.pages(_clean(scope), again, _FileSender(send))
        except _Refused as refused:
            await _answer(refused.status, send)
        finally:
            room.held -= held


async def _read(room: _Room, receive: Any, body: bytearray) -> bool:
    """Fills `body`; what is too large is not kept, but a file is read to its end, so that its sender hears why."""
    more, size = True, 0
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        part = message.get("body", b"")
        more, size = message.get("more_body", False), size + len(part)
        if size <= room.largest:
            body += part
            room.held += len(part)
        elif room.seconds <= BODY_SECONDS or size > LARGEST_REQUEST:
            raise _Refused(413)
        else:
            room.held -= len(body)
            body.clear()
        if room.held > room.together:
            raise _Refused(503)
    if size > room.largest:
        raise _Refused(413)
    return True


class _FileSender:
    """Sends an answer on; where it names a file of ours, that file's bytes in the place of its own."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._name = ""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name != _SEND]
            named = [value.decode("latin-1") for name, value in message["headers"] if name == _SEND]
            if named and message["status"] == 200:
                self._name = named[0]
            await self._send({**message, "headers": kept})
        elif not self._name:
            await self._send(message)
        elif not message.get("more_body", False):
            await self._send_file()

    async def _send_file(self) -> None:
        """A file that went meanwhile breaks the answer off: its length was promised."""
        loop, path = asyncio.get_running_loop(), path_of(self._name)
        file = await loop.run_in_executor(None, path.open, "rb")
        try:
            if PARCEL.fullmatch(self._name):
                await loop.run_in_executor(None, _drop, path)  # what is open stays readable
            async with asyncio.timeout(SENDING_SECONDS):
                while piece := await loop.run_in_executor(None, file.read, PIECE):
                    await self._send({"type": "http.response.body", "body": piece, "more_body": True})
                await self._send({"type": "http.response.body", "body": b""})
        finally:
            file.close()


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


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
