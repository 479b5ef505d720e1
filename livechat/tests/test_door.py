"""What stands between the network and the page threads."""

import asyncio
import socket
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from livechat import door


def scope(**more: Any) -> dict[str, Any]:
    return {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b"", **more}


def ask(pages: Any, messages: list[dict[str, Any]], held: int = 0, **more: Any) -> list[dict[str, Any]]:
    """What the door answers to these messages; after the last one nothing comes."""
    sent: list[dict[str, Any]] = []
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(60)
        return left.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def run() -> None:
        gate = door.WholeRequests(pages)
        gate.small.held = held
        await gate(scope(**more), receive, send)
        assert (gate.small.held, gate.files.held) == (held, 0)

    asyncio.run(run())
    return sent


def part(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_bodies_that_never_come_hold_no_thread(site_server: str) -> None:
    where = urlsplit(site_server)
    links = []
    try:
        for _ in range(settings.WEB_THREADS + 2):
            link = socket.create_connection((str(where.hostname), where.port or 0))
            head = f"POST /widget/open/ HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
            link.sendall(f"{head}Content-Length: 500\r\n\r\n{{".encode())
            links.append(link)
        time.sleep(0.5)
        with urllib.request.urlopen(f"{site_server}/healthz", timeout=5) as answer:
            assert answer.status == 200
    finally:
        for link in links:
            link.close()


def test_slow_large_and_too_many_bodies_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pages(*args: Any) -> None:
        pytest.fail("half a request came to the pages")

    monkeypatch.setattr(door, "BODY_SECONDS", 0.05)
    assert ask(pages, [part(b"half")])[0]["status"] == 408
    assert ask(pages, [part(b"x" * (door.LARGEST_BODY + 1))])[0]["status"] == 413
    assert ask(pages, [part(b"x")], held=door.LARGEST_TOGETHER)[0]["status"] == 503
    assert ask(pages, [{"type": "http.disconnect"}]) == []


def test_pages_see_the_whole_body_and_no_header_that_passes_for_another() -> None:
    seen: dict[str, Any] = {}

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, body=(await receive())["body"])

    headers = [(b"x-forwarded-for", b"198.51.100.7"), (b"x_forwarded_for", b"203.0.113.66")]
    ask(pages, [part(b"one "), part(b"two", more=False)], headers=headers, query_string=b"q=%20caf\xc3\xa9&a=1+2")
    assert seen["body"] == b"one two"
    assert seen["headers"] == headers[:1]
    assert seen["query_string"] == b"q=%20caf%C3%A9&a=1+2"
