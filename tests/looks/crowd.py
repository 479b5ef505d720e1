"""Visitors with the chat open, over real sockets, so that there is somebody to see."""

import asyncio
import threading
import uuid
from types import TracebackType
from typing import Any, Self

from tests.wire import Wire, post_json

NAMES = ("Robin Mockup", "Kim Testcase", "Sky Demo", "Jo Fixture")
PAGES = (
    {"url": "https://acme-bikes.example/cargo", "title": "Cargo bikes", "referrer": "https://bikeclub.example/"},
    {"url": "https://acme-bikes.example/test-ride", "title": "Book a test ride", "referrer": ""},
    {"url": "https://acme-bikes.example/saddles", "title": "Saddles", "referrer": "https://search.example/"},
)


class Crowd:
    """`count` visitors of the demo company; every third one waits in the queue. They leave at the end of the block."""

    def __init__(self, origin: str, count: int) -> None:
        from accounts.models import Account
        from chat.models import Widget

        self.origin = origin
        self.count = count
        self.key = Widget.of(Account.objects.get(company="Acme Bikes")).first().key
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.sockets: list[Wire] = []

    def __enter__(self) -> Self:
        self.thread.start()
        for number in range(self.count):
            asyncio.run_coroutine_threadsafe(self._arrive(number), self.loop).result(20)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for wire in self.sockets:
            asyncio.run_coroutine_threadsafe(wire.close(), self.loop).result(20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _arrive(self, number: int) -> None:
        page = PAGES[number % len(PAGES)]
        body = {"key": self.key, "secret": None, "page": page}
        status, opened = await asyncio.to_thread(
            post_json, f"{self.origin}/widget/open/", body, {"Origin": self.origin}
        )
        assert status == 200, opened
        wire = await Wire.join(opened["socket"], self.origin, {"ticket": opened["ticket"], "since": 0})
        await wire.expect("ready")
        if number % 3 == 0:
            start: dict[str, Any] = {"name": NAMES[number % len(NAMES)], "email": "", "text": "Is it in stock?"}
            await wire.send(t="start", id=str(uuid.uuid4()), adult=True, page=page, **start)
            await wire.expect("ack")
        self.sockets.append(wire)
