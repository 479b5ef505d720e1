"""Redis and PostgreSQL go and come back under load: nothing is lost, and pages answer (SAFETY 2.2)."""

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings

from bench.people import ask
from bench.stand import Stand
from tests.faults.party import OPERATOR_PASSWORD, Party, listen

pytestmark = pytest.mark.timeout(300)  # the first of them starts a whole site
PAGES = ("/app/chats/", "/app/visitors/", "/app/archive/", "/app/settings/tags/", "/", "/readyz")


async def until_heard(heard: list[dict[str, Any]], seconds: float = 20, **match: Any) -> dict[str, Any]:
    """The first frame with these values, heard already or to come."""
    async with asyncio.timeout(seconds):
        while True:
            for frame in heard:
                if all(frame.get(name) == value for name, value in match.items()):
                    return frame
            await asyncio.sleep(0.05)


async def log_in(stand: Stand) -> int:
    """What an operator's log-in form answers: 302 when the password was right."""
    csrf = "d" * 32
    body = f"csrfmiddlewaretoken={csrf}&login=op0-0@soak.example&password={OPERATOR_PASSWORD}".encode()
    headers = {"Cookie": f"csrf={csrf}", "Content-Type": "application/x-www-form-urlencoded", "Origin": stand.origin}
    status, _, _ = await ask(stand.port, "POST", "/account/login/", body=body, headers=headers)
    return status


if settings.REDIS_URL:  # elsewhere there is one process and nothing beside it

    def test_with_redis_gone_everything_goes_on_between_two_processes_and_says_that_it_is_slower(
        stand: Stand, party: Any
    ) -> None:
        redis = stand.redis
        assert redis is not None

        async def scenario(guests: Party) -> None:
            agents = [await guests.operator(n, web=n % 2) for n in range(2)]
            shoppers = [await guests.visitor(agents[n % 2], web=(n + 1) % 2) for n in range(4)]
            frames = [listen(agent.person) for agent in agents]
            talks = [asyncio.create_task(guests.talk(agents[n % 2], one, 25, 0.2)) for n, one in enumerate(shoppers)]
            await asyncio.to_thread(redis.stop)
            for heard in frames:
                await until_heard(heard, t="set", slower=True)
            for path in PAGES:
                assert await guests.page(path, agents[0]) == 200, path
            assert await log_in(stand) == 302
            late = await guests.operator(2, web=0)
            assert late.person.is_ready.is_set() and (await says_slower(late)) is True
            await guests.visitor(late, web=1)  # queue and assignment go on, by the sweep
            await asyncio.gather(*talks)
            await guests.settle()  # everybody has everything while Redis is away
            assert not [person.name for person in guests.people if person.outbox]
            await asyncio.to_thread(redis.start)
            for heard in frames:
                await until_heard(heard, t="set", slower=False)
            assert await guests.assert_nothing_is_lost() >= 4 * 50

        async def says_slower(agent: Any) -> Any:
            heard = listen(agent.person)
            agent.person.drop()
            return (await until_heard(heard, t="ready"))["slower"]

        party(scenario)

    def test_after_redis_was_emptied_messages_and_presence_are_there(stand: Stand, party: Any) -> None:
        redis = stand.redis
        assert redis is not None

        async def scenario(guests: Party) -> None:
            agent = await guests.operator(0, web=0)
            shoppers = [await guests.visitor(agent, web=1) for _ in range(3)]
            talks = [asyncio.create_task(guests.talk(agent, one, 8, 0.1)) for one in shoppers]
            await asyncio.to_thread(redis.flush)
            await asyncio.gather(*talks)
            heard = listen(agent.person)
            await agent.person.say({"t": "watch", "on": True})
            snapshot = await until_heard(heard, t="visitors", total=3)
            assert {row["state"] for row in snapshot["rows"]} == {"open"}
            assert await guests.assert_nothing_is_lost() >= 3 * 16

        party(scenario)

    def test_a_restart_of_postgres_keeps_the_sockets_and_every_message(stand: Stand, party: Any) -> None:
        postgres = stand.postgres
        assert postgres is not None

        async def scenario(guests: Party) -> None:
            agents = [await guests.operator(n, web=n % 2) for n in range(2)]
            shoppers = [await guests.visitor(agents[n % 2], web=(n + 1) % 2) for n in range(4)]
            connections = [person.connections for person in guests.people]
            talks = [asyncio.create_task(guests.talk(agents[n % 2], one, 15, 0.2)) for n, one in enumerate(shoppers)]
            await asyncio.sleep(1)
            await asyncio.to_thread(postgres.stop)
            for method, path, body in (("GET", "/app/chats/", None), ("POST", "/app/ticket/", {})):
                status, head, answer = await ask(stand.port, method, path, headers=agents[0].headers, body=body)
                assert (status, 0 < int(head["retry-after"]) <= 5) == (503, True), path
                assert b"<h1>" in answer if body is None else json.loads(answer)["code"] == "busy"
            await asyncio.to_thread(postgres.start)
            await asyncio.gather(*talks)
            assert await guests.assert_nothing_is_lost() >= 4 * 30
            assert [person.connections for person in guests.people] == connections  # the sockets stayed
            assert await guests.page("/app/chats/", agents[0]) == 200

        party(scenario)

    def test_of_fifty_operators_on_two_processes_one_has_the_chat_and_the_others_read_a_sentence(
        stand: Stand, party: Any
    ) -> None:
        async def scenario(guests: Party) -> None:
            agents = [await guests.operator(n, web=n % 2) for n in range(50)]
            frames = [listen(agent.person) for agent in agents]
            shopper = await guests.visitor(web=0)
            assert shopper.person.chat is not None
            chat = shopper.person.chat["id"]
            await asyncio.gather(*(agent.person.say({"t": "accept", "chat": chat}) for agent in agents))

            def answers() -> list[dict[str, Any]]:
                return [frame for heard in frames for frame in heard if frame["t"] in ("took", "err")]

            async with asyncio.timeout(20):
                while len(answers()) < 50:
                    await asyncio.sleep(0.05)
            assert sorted(frame["t"] for frame in answers()) == ["err"] * 49 + ["took"]
            losers = [frame for frame in answers() if frame["t"] == "err"]
            assert {frame["code"] for frame in losers} == {"taken"}
            assert all(len(frame["message"]) > 10 for frame in losers)
            took = next(frame for frame in answers() if frame["t"] == "took")
            rows = await asyncio.to_thread(stand.rows, "SELECT public_id, operator_id FROM chat_chat")
            holders = {str(public_id): operator for public_id, operator in rows}
            assert holders[chat] == took["card"]["operator"]["id"]

        party(scenario)
