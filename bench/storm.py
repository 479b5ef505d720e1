"""The faults of a soak, one after the other, and what people felt of each."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.proxy import FAULTS, Weather
from bench.stand import Stand, Web

RECOVERY = 35.0  # seconds after a fault that still belong to it: the longest way back is a sweep of 25 s and a beat
SUPERVISOR_SECONDS = 1.0  # until a process that died is started again


@dataclass
class Fault:
    """One fault: when it began and was over (monotonic), and what it says about itself."""

    name: str
    began: float
    ended: float = 0.0
    facts: dict[str, object] = field(default_factory=dict)


class Storm:
    """Brings the faults over a stand in the given share of the time; `faults` says what was done when."""

    def __init__(self, stand: Stand, seconds: float) -> None:
        self.stand, self.seconds = stand, seconds
        self.faults: list[Fault] = []
        self.peaks: dict[str, int] = {}  # process -> KiB
        self.now: Fault | None = None

    def plan(self) -> list[tuple[float, str, Callable[[Fault], Awaitable[None]]]]:
        """(share of the whole time, name, what happens)."""
        if self.stand.redis is None:
            return [
                (0.20, "network flaps", self.flap),
                (0.55, "SIGTERM and start", self.roll),
                (0.72, "SIGKILL and start", self.kill),
            ]
        return [
            (0.12, "network flaps", self.flap),
            (0.30, "Redis stopped, started empty", self.lose_redis),
            (0.47, "FLUSHALL", self.flush_redis),
            (0.54, "PostgreSQL restarted", self.restart_postgres),
            (0.64, "rolling restart (SIGTERM)", self.roll),
            (0.76, "SIGKILL of one process", self.kill),
        ]

    async def run(self) -> None:
        began = time.monotonic()
        for share, name, happen in self.plan():
            await asyncio.sleep(max(0.0, began + share * self.seconds - time.monotonic()))
            self.now = Fault(name, time.monotonic())
            self.faults.append(self.now)
            await happen(self.now)
            self.now.ended = time.monotonic()
            self.now = None

    def is_calm(self, at: float) -> bool:
        return not any(f.began - 1 <= at <= (f.ended or at) + RECOVERY for f in self.faults)

    # ---- the faults ----
    async def flap(self, fault: Fault) -> None:
        """Drops, half-open links, delays of up to 10 s and cuts inside a frame, for a share of all connections."""
        proxy = self.stand.proxy
        seconds, cut = 0.12 * self.seconds, 0
        proxy.weather = Weather(share=0.3)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            links = list(proxy.links)
            for link in proxy.rng.sample(links, len(links) // 10):
                link.abort()
                cut += 1
            await asyncio.sleep(min(5.0, seconds / 4))
        proxy.weather = Weather()
        for link in list(proxy.links):
            if link.fault:  # what is still ill goes with the weather
                link.abort()
        fault.facts = {**{name: proxy.hits[name] for name in FAULTS}, "cut by hand": cut}

    async def lose_redis(self, fault: Fault) -> None:
        redis = self.stand.redis
        assert redis is not None
        await asyncio.to_thread(redis.stop)
        seconds = min(60.0, 0.1 * self.seconds)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(redis.start)
        fault.facts = {"away_s": round(seconds)}

    async def flush_redis(self, fault: Fault) -> None:
        assert self.stand.redis is not None
        await asyncio.to_thread(self.stand.redis.flush)

    async def restart_postgres(self, fault: Fault) -> None:
        postgres = self.stand.postgres
        assert postgres is not None
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        fault.facts = {"away_s": round(time.monotonic() - fault.began, 1)}

    async def roll(self, fault: Fault) -> None:
        """A deploy: one process after the other ends by SIGTERM and starts again."""
        took, codes = [], []
        for web in self.stand.webs:
            self.look_at_memory()
            began = time.monotonic()
            codes.append(await asyncio.to_thread(web.end, signal.SIGTERM))
            took.append(round(time.monotonic() - began, 1))
            await asyncio.to_thread(web.start)
            await asyncio.sleep(min(10.0, self.seconds / 60))
        fault.facts = {"ended_in_s": took, "exit_codes": codes}

    async def kill(self, fault: Fault) -> None:
        self.look_at_memory()
        web = self.stand.webs[0]
        await asyncio.to_thread(web.end, signal.SIGKILL)
        await asyncio.sleep(SUPERVISOR_SECONDS)
        await asyncio.to_thread(web.start)
        fault.facts = {"away_s": round(time.monotonic() - fault.began, 1)}

    # ---- looking ----
    def look_at_memory(self) -> None:
        """Notes the largest resident size that each process has had so far."""
        for number, web in enumerate(self.stand.webs, 1):
            self._note_peak(f"web {number}", web)

    def _note_peak(self, name: str, web: Web) -> None:
        if web.process is None:
            return
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{web.process.pid}/status") as status:
                found = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
            self.peaks[name] = max(self.peaks.get(name, 0), found)


def own_peak() -> int:
    """The largest resident size of this process, KiB."""
    with open(f"/proc/{os.getpid()}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
