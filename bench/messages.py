"""G1, G2, G3, G6, G7, G8: messages. Each round measures the raw echo and our server one after the other."""

import argparse
import asyncio
import json
import os
import random
import statistics
import time
import uuid
from typing import Any

from bench.client import Client
from bench.harness import Site, Tickets, cpu_seconds, make_chats, postgres, raw_echo, running_site, second_process

TEXT = "x" * 120
SERVER_CORE, CLIENT_CORE = 0, 1


class Talker:
    """A visitor or an echo client that sends, waits for the answer, and sends again."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.answered = asyncio.Event()
        self.count = 0
        self.end = 0.0
        self.finished = asyncio.get_running_loop().create_future()

    def hear(self, text: str) -> None:
        if text[6:9] == "ack" or text[6:9] == "msg" and self.echo:
            self.count += 1
            self.next()

    echo = False

    def next(self) -> None:
        assert self.client is not None
        if time.monotonic() < self.end:
            self.client.send(f'{{"t":"msg","id":"{uuid.uuid4()}","text":"{TEXT}"}}')
        elif not self.finished.done():
            self.finished.set_result(None)


async def in_waves(works: list[Any], at_once: int = 50) -> list[Any]:
    gate = asyncio.Semaphore(at_once)

    async def one(work: Any) -> Any:
        async with gate:
            return await work

    return await asyncio.gather(*(one(work) for work in works))


async def settled(site: Site) -> None:
    """Returns when the server has had nothing to do for a second."""
    while True:
        before = cpu_seconds(site.pid)
        await asyncio.sleep(1)
        if cpu_seconds(site.pid) - before < 0.05:
            return


class Conversations:
    """Open sockets of every conversation: `visitors[i]` talks to the operator of its account."""

    def __init__(self) -> None:
        self.visitors: list[Client] = []
        self.operators: list[Client] = []
        self.chats: list[str] = []
        self.operator_frames = 0

    async def open(
        self,
        site: Site,
        rows: list[dict[str, Any]],
        hear: Any = None,
        hear_operator: Any = None,
        operators_on: Site | None = None,
    ) -> "Conversations":
        """Joins every operator (on `operators_on` where it is another process), then every visitor."""
        console = operators_on or site
        tickets = Tickets(site)

        def count(text: str) -> None:
            self.operator_frames += 1

        async def operator(row: dict[str, Any]) -> Client:
            hello = {
                "ticket": tickets.make("console", membership=row["membership"], session=row["session"]),
                "cursor": 0,
            }
            return await Client.join(console.socket_origin + "/ws/console/", site.origin, hear_operator or count, hello)

        async def visitor(pk: int, chat: str) -> Client:
            hello = {"ticket": tickets.make("widget", visitor=pk), "since": 0}
            on_text = hear(chat) if hear else None
            return await Client.join(
                site.socket_origin + "/ws/widget/", site.origin, on_text, hello, offer_deflate=True
            )

        self.operators = await in_waves([operator(row) for row in rows])
        pairs = [(pk, chat) for row in rows for _, chat, pk in row["chats"]]
        self.visitors = await in_waves([visitor(pk, chat) for pk, chat in pairs])
        self.chats = [chat for _, chat in pairs]
        await settled(site)  # the reads of every hello are over before anything is measured
        return self

    def close(self) -> None:
        for client in [*self.visitors, *self.operators]:
            client.close()


async def closed_loop(pids: list[int], talkers: list[Talker], seconds: float) -> tuple[float, float]:
    """(CPU microseconds of the server per message, messages per second)."""
    started, before = time.monotonic(), sum(cpu_seconds(pid) for pid in pids)
    for talker in talkers:
        talker.count, talker.end = 0, started + seconds
        talker.finished = asyncio.get_running_loop().create_future()
        talker.next()
    await asyncio.gather(*(talker.finished for talker in talkers))
    await asyncio.sleep(0.1)
    count = sum(talker.count for talker in talkers)
    return (sum(cpu_seconds(pid) for pid in pids) - before) / count * 1e6, count / (time.monotonic() - started)


async def cost_of_a_message(
    site: Site, operators_on: Site, pids: list[int], rounds: int, seconds: float, echo: tuple[int, str]
) -> dict[str, Any]:
    """Rounds of floor, then product: 50 conversations, closed loop. `pids` are the server processes that share the work."""
    rows = make_chats(site, 50, 1)
    talkers = [Talker() for _ in range(50)]
    order = iter(talkers)
    conversations = await Conversations().open(
        site, rows, hear=lambda chat: next(order).hear, operators_on=operators_on
    )
    for talker, client in zip(talkers, conversations.visitors, strict=True):
        talker.client = client
    echoes = [Talker() for _ in range(50)]
    for talker in echoes:
        talker.echo = True
        talker.client = await Client.join(echo[1], site.origin, talker.hear)
    ratios, ours, floors = [], [], []
    for _ in range(rounds):
        floor, _rate = await closed_loop([echo[0]], echoes, seconds)
        cost, rate = await closed_loop(pids, talkers, seconds)
        ratios.append(cost / floor)
        ours.append((cost, rate))
        floors.append(floor)
    conversations.close()
    for talker in echoes:
        assert talker.client is not None
        talker.client.close()
    return {
        "ratio": round(statistics.median(ratios), 2),
        "spread": [round(min(ratios), 2), round(max(ratios), 2)],
        "us_per_message": round(statistics.median(c for c, _ in ours)),
        "floor_us": round(statistics.median(floors), 1),
        "messages_per_s": round(statistics.median(r for _, r in ours)),
        "delivered_to_operators": conversations.operator_frames,
    }


async def g1(rounds: int, seconds: float) -> dict[str, Any]:
    """G1: CPU per stored and delivered message on SQLite, one process."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    with running_site(core=SERVER_CORE) as site, raw_echo(SERVER_CORE) as (echo, url):
        found = await cost_of_a_message(site, site, [site.pid], rounds, seconds, (echo.pid, url))
    return {"goal": "G1", "limit": "<= 12x raw echo", **found, "holds": found["ratio"] <= 12}


async def g2(rounds: int, seconds: float) -> dict[str, Any]:
    """G2: the same on PostgreSQL and Redis with two processes: visitors on one, operators on the other."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    redis = os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/9")
    with postgres() as database:
        env = {"DATABASE_URL": database, "REDIS_URL": redis, "WEB_PROCESSES": "2"}
        with (
            running_site(core=SERVER_CORE, env=env) as site,
            second_process(site, SERVER_CORE) as other,
            raw_echo(SERVER_CORE) as (echo, url),
        ):
            found = await cost_of_a_message(site, other, [site.pid, other.pid], rounds, seconds, (echo.pid, url))
    return {"goal": "G2", "limit": "<= 20x raw echo", **found, "holds": found["ratio"] <= 20}


class Listener:
    """The operators' side of the open loop: when each message arrived, in which order."""

    def __init__(self) -> None:
        self.sent_at: dict[str, float] = {}
        self.latency: list[float] = []
        self.seen: set[str] = set()
        self.last: dict[str, int] = {}
        self.doubled = self.disordered = 0

    def hear(self, text: str) -> None:
        if text[6:9] != "msg":
            return
        now = time.monotonic()
        frame = json.loads(text)
        ident, seq = frame["line"]["id"], frame["line"]["seq"]
        due = self.sent_at.get(ident)
        if due is None:
            return
        if ident in self.seen:
            self.doubled += 1
            return
        self.seen.add(ident)
        if seq <= self.last.get(frame["chat"], 0):
            self.disordered += 1
        self.last[frame["chat"]] = seq
        self.latency.append(now - due)


async def open_loop(
    pids: list[int], conversations: Conversations, listener: Listener, rate: float, seconds: float
) -> dict[str, float]:
    """Poisson arrivals at `rate` a second; latency from the scheduled moment, percentiles in ms."""
    listener.latency.clear()
    before, sent = sum(map(cpu_seconds, pids)), 0
    start = due = time.monotonic()
    while due < start + seconds:
        due += random.expovariate(rate)
        pause = due - time.monotonic()
        if pause > 0:
            await asyncio.sleep(pause)
        ident = str(uuid.uuid4())
        listener.sent_at[ident] = due
        random.choice(conversations.visitors).send(f'{{"t":"msg","id":"{ident}","text":"{TEXT}"}}')
        sent += 1
    took = time.monotonic() - start
    share = (sum(map(cpu_seconds, pids)) - before) / took
    await asyncio.sleep(2)
    ordered = sorted(listener.latency)
    return {
        "sent": sent, "delivered": len(ordered), "p50": ordered[len(ordered) // 2] * 1000,
        "p99": ordered[int(len(ordered) * 0.99)] * 1000, "core": share,
    }  # fmt: skip


CONVERSATIONS, RATE = 1000, 500


async def delivery(site: Site, other: Site, pids: list[int], runs: int, seconds: float) -> dict[str, Any]:
    """From visitors to operators (of `other`): 1,000 conversations, 500 messages a second, open loop."""
    listener = Listener()
    rows = make_chats(site, CONVERSATIONS, 1)
    conversations = await Conversations().open(site, rows, hear_operator=listener.hear, operators_on=other)
    found = [await open_loop(pids, conversations, listener, RATE, seconds) for _ in range(runs)]
    conversations.close()
    sent, delivered = sum(f["sent"] for f in found), len(listener.seen)
    p50, p99 = statistics.median(f["p50"] for f in found), statistics.median(f["p99"] for f in found)
    share = statistics.median(f["core"] for f in found)
    return {
        "conversations": CONVERSATIONS, "sent": int(sent), "delivered": delivered, "doubled": listener.doubled,
        "disordered": listener.disordered, "p50_ms": round(p50, 1), "p99_ms": round(p99, 1), "core": round(share, 2),
        "holds": delivered == sent and not listener.doubled and not listener.disordered and p99 <= 100,
    }  # fmt: skip


G3 = "100 %, in order, once; p99 <= 100 ms"


async def g3(runs: int, seconds: float) -> dict[str, Any]:
    """G3 on SQLite, one process."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    with running_site(core=SERVER_CORE) as site:
        found = await delivery(site, site, [site.pid], runs, seconds)
    found["holds"] = found["holds"] and found["p50_ms"] <= 10 and found["core"] <= 0.6
    return {"goal": "G3", "limit": f"SQLite: {G3}, p50 <= 10 ms, <= 0.6 core", **found}


async def g3pg(runs: int, seconds: float) -> dict[str, Any]:
    """G3 on PostgreSQL and Redis: visitors on one process, operators on the other; both, and the database, on two cores."""
    redis = os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/9")
    with postgres() as database:
        env = {"DATABASE_URL": database, "REDIS_URL": redis, "WEB_PROCESSES": "2"}
        with running_site(env=env) as site, second_process(site) as other:
            found = await delivery(site, other, [site.pid, other.pid], runs, seconds)
    return {"goal": "G3", "limit": f"PostgreSQL + Redis, two processes: {G3}", **found}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("goals", nargs="*", default=["g1", "g2", "g3"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    for goal in given.goals:
        print(json.dumps(asyncio.run(globals()[goal](given.rounds, given.seconds))), flush=True)


if __name__ == "__main__":
    main()
