"""A whole site on a bench: web processes behind the proxy, databases of its own, everything ended by its own ids."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.harness import ROOT, Site, free_port, site_env, wait_until_ready
from bench.proxy import Proxy
from bench.services import OwnPostgres, OwnRedis, own_services

FRESH_SECONDS = 30  # an older note is of a process that was killed

# argv: port, seconds between sweeps, beats, and after which a reader is late (0: as on a real site)
SERVE = """
import sys
from livechat.asgi import application
import chat.realtime.gaps, chat.realtime.live, core.realtime
from livechat.web import open_socket, run_web
sweep, beat, late = (float(word) for word in sys.argv[2:5])
if sweep:
    chat.realtime.live.SWEEP_SECONDS = sweep
if beat:
    core.realtime.BEAT_SECONDS = int(beat)
    core.realtime.hub._wheel = [set() for _ in range(int(beat))]
if late:
    chat.realtime.gaps.LATE_SECONDS, chat.realtime.gaps.NOTE_SECONDS = late, late / 4
sys.exit(run_web(open_socket("127.0.0.1", int(sys.argv[1]))))
"""


class Web:
    """One web process of the stand; it keeps its port over restarts."""

    def __init__(self, stand: "Stand", port: int) -> None:
        self.stand, self.port = stand, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **env: str) -> None:
        """Starts it and returns when it answers."""
        self.launch(**env)
        wait_until_ready(f"http://127.0.0.1:{self.port}/healthz", 60)

    def launch(self, **env: str) -> None:
        words = [str(self.port), *(str(pace) for pace in self.stand.paces)]
        with self.stand.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", SERVE, *words],
                cwd=ROOT, env={**self.stand.env, **env}, stdout=log, stderr=log,
            )  # fmt: skip

    def end(self, number: int = signal.SIGTERM, seconds: float = 20) -> int:
        """Ends it by a signal and answers its exit code."""
        process = self.process
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            self.process = None


class Stand:
    """The running site. `proxy` is started by whoever has the loop: `await stand.proxy.start(stand.port)`."""

    def __init__(
        self,
        var: Path,
        services: tuple[OwnPostgres, OwnRedis] | None,
        paces: tuple[float, float, float],
        processes: int,
        env: dict[str, str],
    ) -> None:
        self.var, self.paces = var, paces
        self.log = var / "web.log"  # of all processes; what a fault makes them say is no news to who made it
        self.port = free_port()
        self.origin, self.sockets = f"http://127.0.0.1:{self.port}", f"ws://127.0.0.1:{self.port}"
        self.postgres, self.redis = services or (None, None)
        changes = {
            "TRUSTED_PROXY_COUNT": "1",
            "LOG_LEVEL": os.environ.get("STAND_LOG", "CRITICAL"),
            "WEB_PROCESSES": str(processes),
        }
        if self.postgres is not None and self.redis is not None:
            changes |= {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.redis.url}
        self.env = site_env(var, self.port, **changes, **env)
        self.webs = [Web(self, free_port()) for _ in range(processes)]
        self.proxy = self.new_proxy()
        self.cast: Any = None  # what the preparing script answered

    def new_proxy(self, seed: int = 1) -> Proxy:
        """A proxy over every web process, in fair weather."""
        self.proxy = Proxy([web.port for web in self.webs], seed)
        return self.proxy

    def script(self, code: str) -> Any:
        """Runs Python inside Django on this site's data; answers the JSON that it prints last."""
        return Site(subprocess.Popen(["true"]), self.port, self.var, self.env).script(code)

    def mend(self) -> None:
        """Starts whatever does not run."""
        for service in (self.redis, self.postgres):
            if service is not None and service.process is None:
                service.start()
        for web in self.webs:
            if web.process is None or web.process.poll() is not None:
                web.start()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Reads the database itself, beside the product."""
        if self.postgres is not None:
            import psycopg

            with psycopg.connect(self.postgres.url) as link:
                return link.execute(statement.encode()).fetchall()
        with contextlib.closing(sqlite3.connect(self.var / "livechat.sqlite3", timeout=20)) as file:
            return file.execute(statement).fetchall()

    def count_late(self) -> int:
        """The gap meter: late readers of all processes, as their notes say."""
        late = 0
        for file in (self.var / "gaps").glob("*.json"):
            with contextlib.suppress(OSError, ValueError):
                note = json.loads(file.read_text())
                late += note["late"] if time.time() - note["at"] < FRESH_SECONDS else 0
        return late


@contextlib.contextmanager
def standing(
    *,
    services: bool,
    processes: int,
    paces: tuple[float, float, float] = (0, 0, 0),
    before: str = "",
    env: dict[str, str] | None = None,
) -> Iterator[Stand]:
    """A migrated, running stand. `before` is Python that runs inside Django before the web processes start."""
    with contextlib.ExitStack() as stack:
        var = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="livechat-stand-", ignore_cleanup_errors=True))
        )
        both = stack.enter_context(own_services()) if services else None
        stand = Stand(var, both, paces, processes, env or {})
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=stand.env, check=True
        )
        stand.cast = stand.script(before) if before else None
        try:
            for web in stand.webs:
                web.launch()
            for web in stand.webs:
                wait_until_ready(f"http://127.0.0.1:{web.port}/healthz", 60)
            yield stand
        finally:
            for web in stand.webs:
                web.end()
