"""Web processes that die, end and come back, and networks that break: nothing is lost or doubled (SAFETY 2.2)."""

import asyncio
import json
import signal
from typing import Any

import pytest
from django.conf import settings

from bench.harness import MAKE_CHATS
from bench.people import Person
from bench.proxy import Weather
from bench.stand import Stand
from core.tickets import issue_ticket
from tests.faults.party import Party, listen

pytestmark = pytest.mark.timeout(300)  # the first of them starts a whole site
BATCHES = 40  # of the writer until the process dies
CROWD = 150


def test_a_process_that_dies_after_the_commit_and_before_anybody_is_told(stand: Stand, party: Any) -> None:
    last = len(stand.webs) - 1  # with several processes the operator is on another one than the visitor
    dying = stand.webs[0]

    async def scenario(guests: Party) -> None:
        await asyncio.to_thread(dying.end)
        await asyncio.to_thread(dying.start, LIVECHAT_FAULT=f"after_commit_before_publish:{BATCHES}")
        agent = await guests.operator(web=last)
        shopper = await guests.visitor(agent, web=0)
        assert dying.process is not None and shopper.person.chat is not None
        chat, sent = shopper.person.chat["id"], ""
        while dying.process.poll() is None:
            text = shopper._text()
            sent = await shopper.person.must({"t": "msg", "text": text})
            guests.stage.texts[sent] = text
            while sent in shopper.person.outbox and dying.process.poll() is None:
                await asyncio.sleep(0.005)
        assert dying.process.returncode == -signal.SIGKILL
        assert sent not in shopper.person.acked  # the visitor was not told
        rows = await asyncio.to_thread(stand.rows, "SELECT client_id FROM chat_message ORDER BY id DESC LIMIT 1")
        assert str(rows[0][0]).replace("-", "") == sent.replace("-", "")  # and it is stored
        if last == 0:
            await asyncio.to_thread(dying.start)
        async with asyncio.timeout(30):
            while sent not in agent.person.views[chat].heard_at:
                await asyncio.sleep(0.1)
        if last > 0:
            await asyncio.to_thread(dying.start)
        assert await guests.assert_nothing_is_lost() > 10

    party(scenario)


def test_a_rolling_restart_sends_everybody_away_for_a_spread_time_and_loses_nothing(stand: Stand, party: Any) -> None:
    async def scenario(guests: Party) -> None:
        agents = [await guests.operator(n, web=n % len(stand.webs)) for n in range(2)]
        shoppers = [await guests.visitor(agents[n % 2], web=n % len(stand.webs)) for n in range(6)]
        talks = [
            asyncio.create_task(guests.talk(agents[n % 2], one, 12, 0.2 + n / 100)) for n, one in enumerate(shoppers)
        ]
        for web in stand.webs:
            await asyncio.sleep(0.5)
            assert await asyncio.to_thread(web.end, signal.SIGTERM, 10) == 0
            await asyncio.to_thread(web.start)
        await asyncio.gather(*talks)
        assert await guests.assert_nothing_is_lost() >= 6 * 24
        closes = [close for person in guests.people for close in person.closes]
        assert len(closes) >= len(guests.people) and {code for code, _ in closes} == {1012}
        times = [json.loads(reason)["in"] for _, reason in closes]
        assert all(0 <= seconds <= 5 for seconds in times) and len(set(times)) > len(times) / 3

    party(scenario)


def test_a_network_that_drops_delays_halves_and_cuts_loses_nothing(stand: Stand, party: Any) -> None:
    async def scenario(guests: Party) -> dict[str, int]:
        agents = [await guests.operator(n) for n in range(2)]
        shoppers = [await guests.visitor(agents[n % 2]) for n in range(6)]
        proxy = stand.proxy
        proxy.weather = Weather(share=0.8, longest_delay=1.5, after_bytes=(1_500, 5_000))
        proxy.cut_all()
        await asyncio.gather(
            *(guests.talk(agents[n % 2], one, 15, 0.1 + n / 100) for n, one in enumerate(shoppers)),
        )
        proxy.weather = Weather()
        for link in list(proxy.links):
            if link.fault:
                link.abort()
        assert await guests.assert_nothing_is_lost() >= 6 * 30
        return proxy.hits

    hits = party(scenario)
    assert sum(hits.values()) >= 3, hits


def test_hundreds_who_lose_their_connection_at_once_are_all_back_and_can_write(stand: Stand, party: Any) -> None:
    account = stand.script(MAKE_CHATS % (CROWD, CROWD))[0]

    def visitor(pk: int, chat: str) -> Person:
        async def hello() -> dict[str, Any]:
            return {"ticket": issue_ticket("widget", visitor=pk)}

        return Person(f"visitor {pk}", f"{stand.sockets}/ws/widget/", stand.origin, hello, [chat])

    async def scenario(guests: Party) -> None:
        crowd = [visitor(pk, chat) for _, chat, pk in account["chats"]]
        try:
            for person in crowd:
                person.begin()
            async with asyncio.timeout(60):
                await asyncio.gather(*(person.is_ready.wait() for person in crowd))
            before = [person.connections for person in crowd]
            stand.proxy.cut_all()
            sent = [await person.must({"t": "msg", "text": f"{person.name} is back"}) for person in crowd]
            async with asyncio.timeout(60):
                while any(person.outbox for person in crowd):
                    await asyncio.sleep(0.1)
            assert all(person.connections > n for person, n in zip(crowd, before, strict=True))
            assert all(ident in person.acked for person, ident in zip(crowd, sent, strict=True))
            assert not [close for person in crowd for close in person.closes if close[0] in (4401, 4408, 4429)]
        finally:
            for person in crowd:
                await person.leave()

    party(scenario)


if not settings.REDIS_URL:
    BUSY_WRITER = """
import json, time
from django.db import transaction
from django.db.models import F
from accounts.scoping import scopes_disabled
from chat.models import Board
until, count = time.monotonic() + 8, 0
while time.monotonic() < until:
    with scopes_disabled(), transaction.atomic():
        Board.objects.update(cursor=F("cursor"))
        time.sleep(0.03)
    count += 1
    time.sleep(0.02)
print(json.dumps(count))
"""

    def test_sqlite_is_never_locked_at_twenty_messages_a_second_beside_another_writer(stand: Stand, party: Any) -> None:
        async def scenario(guests: Party) -> None:
            refused: list[dict[str, Any]] = []
            agents = [await guests.operator(n) for n in range(2)]
            shoppers = [await guests.visitor(agents[n % 2]) for n in range(4)]
            for person in guests.people:
                listen(person, refused)
            worker = asyncio.create_task(asyncio.to_thread(stand.script, BUSY_WRITER))
            await asyncio.gather(
                *(guests.talk(agents[n % 2], one, 15, 0.2) for n, one in enumerate(shoppers)),
            )
            assert await worker > 20  # raises where that writer met a locked database
            assert [frame for frame in refused if frame["t"] == "err"] == []
            assert await guests.assert_nothing_is_lost() >= 4 * 30

        party(scenario)
