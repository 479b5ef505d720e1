"""`make soak`: minutes of mixed load with every fault in the middle; at the end nothing may be lost, doubled or swapped.

Visitors and operators of docs/protocol.md talk through our own fault proxy to two web processes with a PostgreSQL and a
Redis of their own (`--sqlite`: one process and a file). When it is quiet again, what each of them sees is compared
with the database, and what was acknowledged with what is stored. Exit 1 when something does not hold.
"""

import argparse
import asyncio
import json
import random
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import uvloop

from bench.actors import CAST, OPERATORS_AN_ACCOUNT, Agent, Shopper, Stage, read_pages
from bench.people import Person, View
from bench.stand import Stand, standing
from bench.storm import Fault, Storm, own_peak

ROWS = "SELECT c.public_id, m.seq, m.client_id, m.author, m.text, m.event, m.of_seq FROM chat_message m JOIN chat_chat c ON c.id = m.chat_id"
QUIET_SECONDS = 120.0  # in which everything must have arrived after the last message
LOOK_SECONDS = 2.0


@dataclass
class Line:
    """One stored line of a chat."""

    ident: str
    author: str
    text: str


@dataclass
class Findings:
    """What does not hold, with a few words about the first ones."""

    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    words: list[str] = field(default_factory=list)

    def add(self, kind: str, word: str, count: int = 1) -> None:
        if count:
            setattr(self, kind, getattr(self, kind) + count)
            self.words.append(f"{kind}: {word}")


def read_database(stand: Stand) -> dict[str, dict[int, Line]]:
    """chat -> number -> line, read beside the product."""
    stored: dict[str, dict[int, Line]] = {}
    for chat, seq, ident, author, text, event, of_seq in stand.rows(ROWS):
        said = "" if author == "system" or (of_seq is not None and event) else text
        stored.setdefault(str(uuid.UUID(str(chat))), {})[seq] = Line(str(uuid.UUID(str(ident))), author, said)
    return stored


def compare(people: list[Person], stored: dict[str, dict[int, Line]], texts: dict[str, str]) -> Findings:
    """Every view beside the database, and every acknowledgement beside what is stored."""
    found = Findings()
    for chat, lines in stored.items():
        if sorted(lines) != list(range(1, len(lines) + 1)):
            found.add("lost", f"chat {chat} has holes in its numbers")
        again = [ident for ident, n in Counter(line.ident for line in lines.values()).items() if n > 1]
        found.add("doubled", f"{again[:3]} in chat {chat}", len(again))
    said = Counter(line.text for lines in stored.values() for line in lines.values() if line.text)
    twice = [text for text, n in said.items() if n > 1]
    found.add("doubled", f"stored twice: {twice[:2]}", len(twice))
    for person in people:
        for chat, view in person.views.items():
            _compare_view(found, person.name, view, stored.get(chat, {}))
        _compare_sent(found, person, stored, texts)
        for problem in person.problems:
            found.add("out_of_order", problem)
    return found


def _compare_view(found: Findings, name: str, view: View, lines: dict[int, Line]) -> None:
    missing = len(lines) - len(view.ids)
    found.add("lost", f"{name} sees {len(view.ids)} of {len(lines)} lines", max(0, missing))
    wrong = [seq for seq, ident in view.ids.items() if seq not in lines or lines[seq].ident != ident]
    found.add("out_of_order", f"{name} has other lines at {wrong[:5]}", len(wrong))
    stale = [seq for seq, text in view.texts.items() if seq in lines and lines[seq].text != text]
    found.add("lost", f"{name} shows another text at {stale[:5]}", len(stale))


def _compare_sent(found: Findings, person: Person, stored: dict[str, dict[int, Line]], texts: dict[str, str]) -> None:
    found.add("lost", f"{person.name} still has {len(person.outbox)} unanswered", len(person.outbox))
    for ident, (chat, seq) in person.acked.items():
        line = stored.get(chat, {}).get(seq)
        if line is None or line.ident != ident:
            found.add("lost", f"{person.name} was told that {ident} is number {seq} of {chat}")
        elif ident in texts and line.text != texts[ident]:
            found.add("lost", f"{person.name} wrote {texts[ident][:40]!r}, stored is {line.text[:40]!r}")
    last: dict[str, int] = {}
    for idents in person.order.values():
        for chat, seq in (person.acked[ident] for ident in idents if ident in person.acked):
            found.add("out_of_order", f"{person.name} wrote {seq} after {last.get(chat)}", int(seq < last.get(chat, 0)))
            last[chat] = max(seq, last.get(chat, 0))


# ---- the run ----
async def run(stand: Stand, seconds: float, visitors: int, rate: float) -> tuple[dict[str, Any], Findings]:
    """Load and faults for `seconds`, then quiet, then the comparison."""
    await stand.proxy.start(stand.port)
    cast: list[dict[str, Any]] = stand.cast
    pause = 2 * visitors / rate
    stage = Stage(stand, random.Random(7), visitor_pause=pause, operator_pause=pause)
    if seconds < 240:
        stage.life = (0.3 * seconds, 0.8 * seconds)
    agents = [
        Agent(stage, f"operator {a}-{n}", session)
        for a, one in enumerate(cast)
        for n, session in enumerate(one["operators"])
    ]
    shoppers = [Shopper(stage, n, cast[n % len(cast)]["key"]) for n in range(visitors)]
    people = [actor.person for actor in (*agents, *shoppers)]
    storm = Storm(stand, seconds)
    gaps: list[tuple[float, int]] = []
    began = time.monotonic()
    looking = asyncio.create_task(_look(stand, storm, gaps, began))
    works = [asyncio.create_task(actor.live()) for actor in (*agents, *shoppers)]
    works.append(asyncio.create_task(read_pages(stage, cast[0]["key"], agents[0].headers)))
    works.append(asyncio.create_task(storm.run()))
    await asyncio.sleep(seconds)
    ended, stage.is_over = time.monotonic(), True
    await asyncio.wait(works, timeout=60)
    broken = [str(work.exception()) for work in works if work.done() and work.exception()]
    stored, quiet = await _grow_quiet(stand, people)
    await asyncio.sleep(12)  # two notes of the gap meter
    storm.look_at_memory()
    looking.cancel()
    found = compare(people, stored, stage.texts)
    for word in broken:
        found.add("lost", f"an actor ended: {word}")
    result = _sum_up(stage, storm, people, gaps, began, ended)
    result |= {"quiet_after_s": quiet, "stored_lines": sum(len(lines) for lines in stored.values())}
    for person in people:
        await person.leave()
    await stand.proxy.stop()
    return result, found


async def _look(stand: Stand, storm: Storm, gaps: list[tuple[float, int]], began: float) -> None:
    while True:
        gaps.append((round(time.monotonic() - began, 1), stand.count_late()))
        storm.look_at_memory()
        await asyncio.sleep(LOOK_SECONDS)


async def _grow_quiet(stand: Stand, people: list[Person]) -> tuple[dict[str, dict[int, Line]], float]:
    """Waits until everybody has everything, by the ways of the protocol alone; answers the database and the seconds."""
    began = time.monotonic()
    while True:
        stored = await asyncio.to_thread(read_database, stand)
        waits = [
            person
            for person in people
            if person.outbox
            or any(view.last < len(stored.get(chat, {})) or view.asking for chat, view in person.views.items())
        ]
        took = time.monotonic() - began
        if not waits or took > QUIET_SECONDS:
            return stored, round(took, 1)
        await asyncio.sleep(0.5)


# ---- figures ----
def percentile(values: list[float], share: float) -> float | None:
    """Milliseconds, or None of nothing."""
    if not values:
        return None
    return round(1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)


def _deliveries(stage: Stage, people: list[Person]) -> list[tuple[float, float]]:
    """(when it was written, when the other side first had it) of every message that somebody was there to read."""
    own = {ident for person in people for idents in person.order.values() for ident in idents}
    heard: dict[str, float] = {}
    for person in people:
        mine = {ident for idents in person.order.values() for ident in idents}
        for view in person.views.values():
            for ident, at in view.heard_at.items():
                if ident in own and ident not in mine:
                    heard[ident] = min(at, heard.get(ident, at))
    return sorted((at, heard[ident]) for ident, at in stage.written.items() if ident in heard)


def _sum_up(
    stage: Stage, storm: Storm, people: list[Person], gaps: list[tuple[float, int]], began: float, ended: float
) -> dict[str, Any]:
    deliveries = _deliveries(stage, people)
    latencies = [heard - at for at, heard in deliveries]
    calm = [heard - at for at, heard in deliveries if storm.is_calm(at)]
    calm_acks = [took for person in people for at, took in person.ack_seconds if storm.is_calm(at)]
    acked = sum(len(person.acked) for person in people)
    refused = Counter(code for person in people for code in person.refused)
    return {
        "seconds": round(ended - began), "people": len(people), "acknowledged": acked,
        "a_second": round(acked / (ended - began), 1), "chats": stage.chats_begun, "reloads": stage.reloads,
        "edits": stage.edits, "connections": sum(person.connections for person in people),
        "closes": dict(Counter(code for person in people for code, _ in person.closes)),
        "refused": dict(refused), "pages": dict(stage.statuses), "503_without_retry": stage.without_retry,
        "delivered_p50_ms": percentile(latencies, 0.5), "delivered_p99_ms": percentile(latencies, 0.99),
        "calm_p50_ms": percentile(calm, 0.5), "calm_p99_ms": percentile(calm, 0.99), "calm_deliveries": len(calm),
        "calm_ack_p50_ms": percentile(calm_acks, 0.5), "calm_ack_p99_ms": percentile(calm_acks, 0.99),
        "peak_mib": {name: round(kib / 1024) for name, kib in {**storm.peaks, "clients": own_peak()}.items()},
        "late_most": max((late for _, late in gaps), default=0), "late_end": gaps[-1][1] if gaps else 0,
        "late_over_time": _steps(gaps),
        "faults": [_felt(fault, deliveries, began) for fault in storm.faults],
    }  # fmt: skip


def _steps(gaps: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Only the moments at which the figure changed."""
    return [now for before, now in zip([(0.0, -1), *gaps], gaps, strict=False) if before[1] != now[1]]


def _felt(fault: Fault, deliveries: list[tuple[float, float]], began: float) -> dict[str, Any]:
    """How long after a fault began somebody read a message that was written after it, and the longest wait of all."""
    during = [(at, heard) for at, heard in deliveries if fault.began <= at <= fault.ended]
    following = [(at, heard) for at, heard in deliveries if at >= fault.began]
    heard = sorted(at for _, at in deliveries if fault.began <= at <= fault.ended + 5)
    silence = max((b - a for a, b in zip([fault.began, *heard], heard, strict=False)), default=None)
    return {
        "fault": fault.name, "at_s": round(fault.began - began), "lasted_s": round(fault.ended - fault.began, 1),
        "next_delivery_s": round(min((h for _, h in following), default=fault.began) - fault.began, 2),
        "longest_silence_s": None if silence is None else round(silence, 2),
        "longest_wait_s": round(max((h - at for at, h in during), default=0.0), 1),
        "p99_s": round((percentile([h - at for at, h in during], 0.99) or 0) / 1000, 2), **fault.facts,
    }  # fmt: skip


def judge(result: dict[str, Any], found: Findings) -> list[str]:
    """What does not hold, in words."""
    wrong = [f"{getattr(found, kind)} {kind}" for kind in ("lost", "doubled", "out_of_order") if getattr(found, kind)]
    errors = {code: n for code, n in result["pages"].items() if code.isdigit() and int(code) >= 500 and code != "503"}
    if errors:
        wrong.append(f"pages answered {errors}")
    if result["503_without_retry"]:
        wrong.append(f"{result['503_without_retry']} answers 503 without Retry-After")
    if result["late_end"]:
        wrong.append(f"the gap meter stands at {result['late_end']}")
    if not result["acknowledged"]:
        wrong.append("nothing was acknowledged")
    return wrong


def show(result: dict[str, Any], wrong: list[str], words: list[str]) -> None:
    """One line of JSON, then a table for people."""
    print(json.dumps(result), flush=True)
    print()
    for name in (
        "lost", "doubled", "out_of_order", "acknowledged", "a_second", "chats", "connections", "delivered_p50_ms",
        "delivered_p99_ms", "calm_p50_ms", "calm_p99_ms", "calm_ack_p50_ms", "calm_ack_p99_ms", "peak_mib", "late_most",
        "late_end", "late_over_time", "pages", "closes", "refused", "quiet_after_s",
    ):  # fmt: skip
        print(f"{name:20} {result[name]}")
    print(f"\n{'fault':30} {'at':>5} {'lasted':>7} {'next':>7} {'silence':>8} {'longest wait':>13} {'p99':>7}")
    known = ("fault", "at_s", "lasted_s", "next_delivery_s", "longest_silence_s", "longest_wait_s", "p99_s")
    for fault in result["faults"]:
        name, at, lasted, following, silence, longest, p99 = (fault[key] for key in known)
        facts = {key: value for key, value in fault.items() if key not in known}
        print(f"{name:30} {at:>4}s {lasted:>6}s {following:>6}s {silence!s:>7}s {longest:>12}s {p99:>6}s  {facts}")
    for word in words[:20]:
        print("  ", word)
    print("\nHOLDS" if not wrong else f"\nFAILS: {'; '.join(wrong)}")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=600)
    words.add_argument("--visitors", type=int, default=200)
    words.add_argument("--operators", type=int, default=20)
    words.add_argument("--rate", type=float, default=100, help="messages a second, of all together")
    words.add_argument("--sqlite", action="store_true", help="one process, SQLite, no Redis")
    chosen = words.parse_args()
    accounts = max(1, chosen.operators // OPERATORS_AN_ACCOUNT)
    cast = CAST % (accounts, chosen.operators // accounts)
    with (
        standing(services=not chosen.sqlite, processes=1 if chosen.sqlite else 2, before=cast) as stand,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        result, found = runner.run(run(stand, chosen.seconds, chosen.visitors, chosen.rate))
    result = {
        "soak": "sqlite" if chosen.sqlite else "postgres+redis", "lost": found.lost, "doubled": found.doubled,
        "out_of_order": found.out_of_order, **result,
    }  # fmt: skip
    wrong = judge(result, found)
    result["holds"] = not wrong
    show(result, wrong, found.words)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
