"""Servers and numbers for benchmarks: our own server beside a raw uvicorn echo, both on loopback, in their own process."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of one process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pss_kib(pid: int) -> int:
    """Proportional set size of one process, KiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


class Site:
    """A running site: its process, its address, its folder."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, var: Path, env: dict[str, str]) -> None:
        self.process, self.port, self.var, self.env = process, port, var, env
        self.origin = f"http://127.0.0.1:{port}"
        self.socket_origin = f"ws://127.0.0.1:{port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def manage(self, *words: str, **options: Any) -> str:
        """Runs a management command on this site's data."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
            **options,
        ).stdout

    def script(self, code: str) -> Any:
        """Runs Python inside Django on this site's data; answers the JSON that it prints last."""
        done = subprocess.run(
            [sys.executable, "-c", "import django\ndjango.setup()\n" + code],
            cwd=ROOT, env=self.env, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout.strip().splitlines()[-1])


def wait_until_ready(url: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


def site_env(var: Path, port: int, **changes: str) -> dict[str, str]:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "livechat.settings", "LIVECHAT_DEV": "1", "VAR": str(var),
           "PUBLIC_ORIGIN": f"http://127.0.0.1:{port}", "SOCKET_LIMIT_FACTOR": "1000000", "LOG_LEVEL": "WARNING"}  # fmt: skip
    env.pop("DATABASE_URL", None)
    env.pop("REDIS_URL", None)
    return {**env, **changes}


@contextmanager
def running_site(
    *,
    core: int | None = None,
    env: dict[str, str] | None = None,
    app: str = "livechat.asgi:application",
    collect: bool = False,
) -> Iterator[Site]:
    """Our server (uvicorn with the options of `run`) on a fresh data folder; ended by its own process id."""
    with tempfile.TemporaryDirectory(prefix="livechat-bench-") as folder:
        port = free_port()
        full = site_env(Path(folder), port, **(env or {}))
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=full, check=True)
        if collect:
            subprocess.run(
                [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0", "--skip-checks"],
                cwd=ROOT,
                env=full,
                check=True,
            )
        with serving(app, port, full, core) as process:
            yield Site(process, port, Path(folder), full)


@contextmanager
def second_process(site: Site, core: int | None = None) -> Iterator[Site]:
    """Another web process of the same site: the same data, another port, the same public origin."""
    port = free_port()
    with serving("livechat.asgi:application", port, site.env, core) as process:
        other = Site(process, port, site.var, site.env)
        other.origin = site.origin
        yield other


SERVE = (
    "import sys, importlib; from livechat.web import make_server, open_socket, settle_memory; "
    "module, name = sys.argv[1].split(':'); "
    "application = getattr(importlib.import_module(module), name); settle_memory(); "
    "make_server(application).run(sockets=[open_socket('127.0.0.1', int(sys.argv[2]))])"
)


@contextmanager
def serving(app: str, port: int, env: dict[str, str], core: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """One server process for an ASGI application; floor and product are served by the same lines."""
    command = [sys.executable, "-W", "ignore", "-c", SERVE, app, str(port)]
    if core is not None:
        command = ["taskset", "-c", str(core), *command]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/healthz")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def raw_echo(core: int | None = None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The floor: a raw uvicorn WebSocket echo."""
    port = free_port()
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "livechat.settings", "LIVECHAT_DEV": "1"}
    with serving("bench.echo:application", port, env, core) as process:
        yield process, f"ws://127.0.0.1:{port}/"


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database (BENCH_POSTGRES names the server), dropped afterwards."""
    import psycopg

    base = os.environ.get("BENCH_POSTGRES", "postgres://root@127.0.0.1:5432")
    name = f"livechat_bench_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{base}/{name}"
    finally:
        with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# a conversation is a visitor with an open chat and its operator; tickets are signed in the site's own process space
MAKE_CHATS = """
import json, sys, uuid
from django.utils import timezone
from django.core.cache import cache
from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.models import *
from operators.models import Operator
COUNT, PER_ACCOUNT = %d, %d
answer = []
for a in range((COUNT + PER_ACCOUNT - 1) // PER_ACCOUNT):
    user = User.objects.create_user(f"op{a}-{uuid.uuid4().hex[:8]}@bench.example", None, name="Bench", surname=str(a))
    account = Account.objects.create(slug=f"bench-{a}-{uuid.uuid4().hex[:8]}", company="Bench", address="x", website="https://bench.example")
    member = Membership.objects.create(user=user, account=account, role="owner")
    with account_scope(account):
        operator = Operator.objects.create(account=account, membership=member, display_name=f"Op {a}", chat_limit=50)
        widget = Widget.objects.create(account=account, name="w", allowed_origins=["https://bench.example"])
        Board.objects.create(account=account)
        n = min(PER_ACCOUNT, COUNT - a * PER_ACCOUNT)
        visitors = Visitor.objects.bulk_create([Visitor(account=account, widget=widget, number=i + 1, secret_hash=uuid.uuid4().hex) for i in range(n)])
        chats = Chat.objects.bulk_create([Chat(account=account, widget=widget, visitor=v, operator=operator, state="open", accepted_at=timezone.now()) for v in visitors])
    answer.append({"membership": member.pk, "user": user.pk, "chats": [[c.pk, str(c.public_id), v.pk] for c, v in zip(chats, visitors)]})
from django.contrib.sessions.backends.db import SessionStore
for row in answer:
    s = SessionStore(); s["x"] = 1; s.create(); row["session"] = s.session_key
print(json.dumps(answer))
"""


def make_chats(site: Site, count: int, per_account: int = 1) -> list[dict[str, Any]]:
    """Open conversations in the site's database: one operator for each `per_account` of them."""
    return site.script(MAKE_CHATS % (count, per_account))  # type: ignore[no-any-return]


class Tickets:
    """Signs socket tickets with the site's own key, as the HTTP doors do."""

    def __init__(self, site: Site) -> None:
        key = (site.var / "secret_key").read_text().strip()
        from django.conf import settings

        if not settings.configured:
            settings.configure(SECRET_KEY=key)
        else:
            settings.SECRET_KEY = key

    def make(self, kind: str, **claims: Any) -> str:
        from core.tickets import issue_ticket

        return issue_ticket(kind, **claims)
