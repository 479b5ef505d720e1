"""People on the stand: visitors who have begun a chat, operators who have it, and the comparison at the end."""

import asyncio
import itertools
import random
from typing import Any

from bench.actors import Agent, Shopper, Stage
from bench.people import Person
from bench.soak import compare, read_database
from bench.stand import Stand

OPERATOR_PASSWORD = "Soak-operator-1"
_numbers = itertools.count(1)  # no two visitors of a run have the same address or write the same text


def listen(person: Person, heard: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Every frame that this person hears from now on."""
    heard = [] if heard is None else heard
    before = person.on_frame

    def hear(frame: dict[str, Any]) -> None:
        before(frame)
        heard.append(frame)

    person.on_frame = hear
    return heard


class Party:
    """Who takes part in one scenario. Everything is driven by the test: nobody writes unasked."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.stage = Stage(stand, random.Random(3))
        self.shoppers: list[Shopper] = []
        self.agents: list[Agent] = []

    @property
    def people(self) -> list[Person]:
        return [actor.person for actor in (*self.shoppers, *self.agents)]

    # ---- coming and going ----
    async def operator(self, number: int = 0, web: int | None = None) -> Agent:
        """A console on the web process with that number (None: whichever the balancer takes)."""
        agent = Agent(self.stage, f"operator {number}", self.stand.cast[0]["operators"][number])
        agent.headers["X-Forwarded-For"] = f"10.9.0.{number + 1}"
        self.agents.append(agent)
        await self._join(agent.person, web)
        return agent

    async def visitor(self, agent: Agent | None = None, web: int | None = None) -> Shopper:
        """A visitor who has begun a chat, which `agent` takes."""
        shopper = Shopper(self.stage, next(_numbers), self.stand.cast[0]["key"])
        self.shoppers.append(shopper)
        await self._join(shopper.person, web)
        await shopper._start()
        if agent is not None:
            await self.accept(agent, shopper)
        return shopper

    async def _join(self, person: Person, web: int | None) -> None:
        every, proxy = list(self.stand.proxy.ports), self.stand.proxy
        proxy.ports = every if web is None else [self.stand.webs[web].port]
        person.begin()
        async with asyncio.timeout(30):
            await person.is_ready.wait()
        proxy.ports = every

    async def accept(self, agent: Agent, shopper: Shopper, seconds: float = 40) -> None:
        """The operator takes the visitor's chat as soon as the console shows it."""
        assert shopper.person.chat is not None
        chat = shopper.person.chat["id"]
        async with asyncio.timeout(seconds):
            while chat not in agent.mine:
                if chat in agent.waiting:
                    await agent.person.say({"t": "accept", "chat": chat})
                await asyncio.sleep(0.2)
            while chat not in agent.person.views:
                await asyncio.sleep(0.05)

    # ---- writing ----
    async def talk(self, agent: Agent, shopper: Shopper, count: int, pause: float) -> None:
        """Both write in turn, whatever the network does to it."""
        assert shopper.person.chat is not None
        for _ in range(count):
            text = shopper._text()
            self.stage.texts[await shopper.person.must({"t": "msg", "text": text})] = text
            await asyncio.sleep(pause)
            text = f"{agent.name} says {next(_numbers)}"
            self.stage.texts[await agent.person.post(text, shopper.person.chat["id"])] = text
            await asyncio.sleep(pause)

    # ---- the end ----
    async def settle(self, seconds: float = 60) -> None:
        """Returns when everybody has everything; else the comparison that follows names what is missing."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            stored = await asyncio.to_thread(read_database, self.stand)
            if not any(
                person.outbox or any(view.last < len(stored.get(chat, {})) for chat, view in person.views.items())
                for person in self.people
            ):
                return
            await asyncio.sleep(0.3)

    async def assert_nothing_is_lost(self) -> int:
        """Every view is the database, what was acknowledged is what is stored; answers how many messages that were."""
        await self.settle()
        stored = await asyncio.to_thread(read_database, self.stand)
        found = compare(self.people, stored, self.stage.texts)
        assert (found.lost, found.doubled, found.out_of_order) == (0, 0, 0), found.words
        return sum(len(person.acked) for person in self.people)

    async def end(self) -> None:
        """Ends the chats, so that they stand in nobody's console in the next scenario."""
        for shopper in self.shoppers:
            if shopper.person.is_ready.is_set() and shopper.person.chat:
                await shopper.person.say({"t": "end"})
        await asyncio.sleep(0.3)

    async def leave(self) -> None:
        for person in self.people:
            await person.leave()

    async def page(self, path: str, agent: Agent | None = None, **headers: str) -> int:
        """The status of a page."""
        known = agent.headers if agent else {}
        status, _ = await self.stage.request("GET", path, headers={**known, **headers})
        return status
