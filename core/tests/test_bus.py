"""Two sites on one Redis, told apart by the number of the database, do not hear each other."""

import asyncio
import contextlib
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings

from core.bus import RedisBus, redis_channel

FRAME = {"rooms": ["chat:1"], "frame": '{"t":"msg"}', "note": None}


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("redis://h:6379/3", "livechat:hub:3"),
        ("redis://h:6379", "livechat:hub:0"),
        ("redis://h/3?x=1", "livechat:hub:3"),
    ],
)
def test_a_channel_has_the_number_of_its_database(url: str, channel: str, settings: Any) -> None:
    settings.REDIS_URL = url
    assert redis_channel() == channel


if settings.REDIS_URL:

    @pytest.mark.parametrize(("step", "heard"), [(0, [FRAME]), (1, [])])
    def test_a_frame_reaches_the_same_site_only(step: int, heard: list[Any], settings: Any) -> None:
        own = settings.REDIS_URL
        number = int(urlsplit(own).path.strip("/") or 0)
        received: list[Any] = []

        async def listen() -> None:
            told: list[bool] = []
            bus = RedisBus(received.append, told.append)
            bus.start()
            async with asyncio.timeout(10):
                while not bus.connected:
                    await asyncio.sleep(0.05)
            settings.REDIS_URL = urlsplit(own)._replace(path=f"/{number + step}").geturl()
            with redis.from_url(settings.REDIS_URL) as client:  # as another process would
                client.publish(redis_channel(), json.dumps({"from": "another process", "items": [FRAME]}))
            await asyncio.sleep(0.5)
            assert told == []  # it is told of a loss, and of the end of one
            await bus.stop()

        asyncio.run(listen())
        assert received == heard


async def test_it_ends_although_a_command_under_way_took_the_first_cancellation_for_a_time_out() -> None:
    async def deaf() -> None:
        for _ in range(2):  # what redis-py does at times: the cancellation comes out as a TimeoutError, and is survived
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
        await asyncio.sleep(3600)

    bus = RedisBus(lambda item: None, lambda is_heard: None)
    bus._tasks = [asyncio.create_task(deaf())]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await bus.stop()
    assert bus._tasks[0].cancelled()
