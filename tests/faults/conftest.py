"""A site of its own for the fault tests; where Redis is configured, two web processes with services that may stop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

from bench.actors import CAST
from bench.stand import Stand, standing
from tests.faults.party import Party

OPERATORS = 50 if settings.REDIS_URL else 5
PACES = (1.0, 3.0, 0.0)  # seconds between two sweeps and two beats: 25 and 28 on a real site


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    """The running site; its database is not that of the other tests."""
    services = bool(settings.REDIS_URL)
    with standing(
        services=services,
        processes=2 if services else 1,
        paces=PACES,
        before=CAST % (1, OPERATORS),
        env={"SECRET_KEY": settings.SECRET_KEY},
    ) as site:
        yield site


@pytest.fixture
def party(stand: Stand) -> Callable[[Callable[[Party], Awaitable[Any]]], Any]:
    """Runs a scenario of people on the stand, ends their chats, and answers what the scenario answered."""

    def play(scenario: Callable[[Party], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            guests = Party(stand)
            await stand.proxy.start(stand.port)
            try:
                answer = await scenario(guests)
                await guests.end()
                return answer
            finally:
                await guests.leave()
                await stand.proxy.stop()

        stand.new_proxy()
        try:
            return asyncio.run(run())
        finally:
            stand.mend()

    return play
