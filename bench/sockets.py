"""G5, G6, G7, G8: many sockets that say little."""

import argparse
import asyncio
import json
import os
import statistics
import time
import urllib.request
from typing import Any

from bench.client import Client
from bench.harness import Site, Tickets, cpu_seconds, make_chats, pss_kib, running_site
from bench.messages import CLIENT_CORE, SERVER_CORE, Conversations, Talker, closed_loop, in_waves

COUNTING = "bench.counting:application"
ONE_OPERATOR = 10_000  # conversations of one account in a bench: everybody belongs to the same one


def ask(site: Site) -> dict[str, Any]:
    """Statements, frames and sockets of the server so far."""
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/bench/", timeout=20) as response:
        return json.loads(response.read())  # type: ignore[no-any-return]


async def join_visitors(site: Site, pairs: list[list[Any]], on_text: Any = None) -> list[Client]:
    """Sockets of visitors; deflate is offered, as every browser does."""
    tickets = Tickets(site)

    async def one(visitor: int) -> Client:
        hello = {"ticket": tickets.make("widget", visitor=visitor), "since": 0}
        ready = asyncio.get_running_loop().create_future()

        def hear(text: str) -> None:
            if not ready.done():
                ready.set_result(None)
            if on_text is not None:
                on_text(text)

        client = await Client.join(site.socket_origin + "/ws/widget/", site.origin, hear, hello, offer_deflate=True)
        await ready
        return client

    return await in_waves([one(visitor) for _, _, visitor in pairs], 100)


async def g5(rounds: int, seconds: float) -> dict[str, Any]:
    """G5: memory of an idle, signed-in socket with a chat."""
    count = 10_000
    with running_site(core=SERVER_CORE) as site:
        rows = make_chats(site, count, ONE_OPERATOR)
        warm = await join_visitors(site, rows[0]["chats"][:200])
        for client in warm:
            client.close()
        await asyncio.sleep(1)
        before = pss_kib(site.pid)
        clients = await join_visitors(site, rows[0]["chats"])
        await asyncio.sleep(2)
        after, held = pss_kib(site.pid), ask_sockets(site)
        for client in clients:
            client.close()
    each = (after - before) / count
    return {
        "goal": "G5", "limit": "<= 32 KiB PSS a socket, 10,000 in <= 400 MiB", "kib_a_socket": round(each, 1),
        "per_gib": int(1024 * 1024 / each), "sockets": held, "all_mib": round(after / 1024),
        "holds": each <= 32 and after / 1024 <= 400,
    }  # fmt: skip


def ask_sockets(site: Site) -> int:
    """Established connections of the server, from /proc."""
    return sum(1 for name in os.listdir(f"/proc/{site.pid}/fd") if os.path.islink(f"/proc/{site.pid}/fd/{name}")) - 20


async def g6(rounds: int, seconds: float) -> dict[str, Any]:
    """G6: what 3,000 idle sockets cost a message, and whether connecting gets slower with many."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    with running_site(core=SERVER_CORE) as site:
        idle = make_chats(site, 10_000, ONE_OPERATOR)[0]["chats"]
        talkers = [Talker() for _ in range(50)]
        order = iter(talkers)
        busy = await Conversations().open(site, make_chats(site, 50, 1), hear=lambda chat: next(order).hear)
        for talker, client in zip(talkers, busy.visitors, strict=True):
            talker.client = client
        ratios = []
        for _ in range(rounds):
            alone, _rate = await closed_loop([site.pid], talkers, seconds)
            others = await join_visitors(site, idle[:3000])
            beside, _rate = await closed_loop([site.pid], talkers, seconds)
            for client in others:
                client.close()
            await asyncio.sleep(2)
            ratios.append(beside / alone)
        began = time.monotonic()
        thousand = await join_visitors(site, idle[:1000])
        first = 1000 / (time.monotonic() - began)
        rest = await join_visitors(site, idle[1000:])
        every = 10_000 / (time.monotonic() - began)
        for client in [*thousand, *rest]:
            client.close()
        busy.close()
    cost, connecting = statistics.median(ratios), every / first
    return {
        "goal": "G6", "limit": "message CPU <= 1.25; connect rate >= 0.5", "cpu_ratio": round(cost, 2),
        "connect_ratio": round(connecting, 2), "connects_per_s_at_1000": round(first), "over_10000": round(every),
        "holds": cost <= 1.25 and connecting >= 0.5,
    }  # fmt: skip


async def g7(rounds: int, seconds: float) -> dict[str, Any]:
    """G7: a server where nobody types: 1,000 sockets, 100 open chats."""
    with running_site(core=SERVER_CORE, app=COUNTING) as site:
        chats = make_chats(site, 100, 1)
        everybody = await Conversations().open(site, chats)
        more = await join_visitors(site, make_chats(site, 800, ONE_OPERATOR)[0]["chats"])
        await asyncio.sleep(5)
        before, cpu, began = ask(site), cpu_seconds(site.pid), time.monotonic()
        await asyncio.sleep(60)
        after, took = ask(site), time.monotonic() - began
        share = (cpu_seconds(site.pid) - cpu) / took
        everybody.close()
        for client in more:
            client.close()
    statements, frames = after["all"] - before["all"], (after["frames"] - before["frames"]) / took
    return {
        "goal": "G7", "limit": "0 statements in the web process, <= 40 frames/s, <= 2 % of a core",
        "sockets": before["sockets"], "statements": statements, "frames_per_s": round(frames, 1),
        "core_percent": round(share * 100, 2), "holds": statements == 0 and frames <= 40 and share <= 0.02,
    }  # fmt: skip


async def g8(rounds: int, seconds: float) -> dict[str, Any]:
    """G8: typing and presence of 10 and of 10,000 visitors: frames to one operator, and writes."""
    found: dict[str, Any] = {}
    with running_site(core=SERVER_CORE, app=COUNTING) as site:
        row = make_chats(site, 10_000, ONE_OPERATOR)[0]
        frames = 0

        def hear(text: str) -> None:
            nonlocal frames
            frames += text[6:12] in ("typing", "visito")

        hello = {
            "ticket": Tickets(site).make("console", membership=row["membership"], session=row["session"]),
            "cursor": 0,
        }
        operator = await Client.join(site.socket_origin + "/ws/console/", site.origin, hear, hello)
        operator.send('{"t":"watch","on":true}')
        clients: list[Client] = []
        for count in (10, 10_000):
            clients += await join_visitors(site, row["chats"][len(clients) : count])
            for client in clients:  # the first preview of each chat reads who has it
                client.send('{"t":"typing","text":"warm"}')
            await asyncio.sleep(5)
            frames, before, began = 0, ask(site), time.monotonic()
            while time.monotonic() - began < 10:
                for index, client in enumerate(clients):
                    client.send(f'{{"t":"typing","text":"{index}"}}')
                    if index % 200 == 0:
                        await asyncio.sleep(0)
                await asyncio.sleep(2)
            took = time.monotonic() - began
            after = ask(site)
            found[str(count)] = {
                "frames_per_s": round(frames / took, 2),
                "writes": after["writes"] - before["writes"],
            }
        operator.close()
        for client in clients:
            client.close()
    worst = max(f["frames_per_s"] for f in found.values())
    return {
        "goal": "G8", "limit": "0 writes; <= 2 frames/s to one operator, 10 or 10,000 visitors", "visitors": found,
        "holds": worst <= 2 and not any(f["writes"] for f in found.values()),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("goals", nargs="*", default=["g5", "g6", "g7", "g8"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    for goal in given.goals:
        print(json.dumps(asyncio.run(globals()[goal](given.rounds, given.seconds))), flush=True)


if __name__ == "__main__":
    main()
