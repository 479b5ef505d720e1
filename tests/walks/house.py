"""The whole product as a newcomer starts it: `manage.py run` on an empty folder, with a real mail server."""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outbox.testing import Sink, smtp_sink

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class House:
    """A running site: where it answers, what it mailed, and its data."""

    origin: str
    demo: str
    sink: Sink
    env: dict[str, str]
    process: "subprocess.Popen[str]"
    log: Path

    def script(self, code: str) -> str:
        """Runs Python on the site's own data; answers what it prints."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", f"import django\ndjango.setup()\n{code}"],
            cwd=ROOT, env=self.env, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def mail(self, to: str, subject: str, seconds: float = 30) -> Any:
        """The first mail to an address whose subject contains the words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for mail in list(self.sink.mails):
                if to in str(mail["To"]) and subject.lower() in str(mail["Subject"]).lower():
                    return mail
            time.sleep(0.2)
        raise AssertionError(f"no mail to {to} about {subject}: {[str(m['Subject']) for m in self.sink.mails]}")


def link_in(mail: Any, part: str) -> str:
    """The first web address in the text of a mail that contains `part`."""
    text = mail.get_body(("plain",)).get_content()
    found = [link for link in re.findall(r"https?://\S+", text) if part in link]
    assert found, text
    return str(found[0])


def free_ports() -> int:
    """The first of three free neighbours, below the range from which the system itself takes ports."""
    while True:
        port = random.randrange(20_000, 32_000, 4)
        try:
            for number in (port, port + 1, port + 2):
                socket.create_server(("127.0.0.1", number)).close()
        except OSError:
            continue
        return port


@contextlib.contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """The settings of an empty database of the kind that this test run uses."""
    base = os.environ.get("DATABASE_URL", "")
    if not base.startswith("postgres"):
        yield {}
        return
    import psycopg

    name = f"livechat_walk_{os.getpid()}"
    with psycopg.connect(base, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield {"DATABASE_URL": f"{base.rsplit('/', 1)[0]}/{name}"}
    finally:
        with psycopg.connect(base, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def running_house(folder: Path) -> Iterator[House]:
    """Starts `manage.py run` and waits until it says that it is ready; Ctrl-C at the end ends all of it."""
    log, port = folder / "run.log", free_ports()
    with smtp_sink() as sink, own_database() as database, log.open("w") as out:
        env = {name: value for name, value in os.environ.items() if name not in ("LIVECHAT_DEV", "DATABASE_URL")}
        env |= {
            "PORT": str(port), "VAR": str(folder / "var"), "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "LOG_LEVEL": "WARNING", **database,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "manage.py", "run"], cwd=ROOT, env=env, stdout=out, stderr=out, text=True
        )
        origin = f"http://127.0.0.1:{port}"
        try:
            _wait(f"{origin}/readyz", process, log)
            more = {"LIVECHAT_DEV": "1", "PUBLIC_ORIGIN": origin, "DJANGO_SETTINGS_MODULE": "livechat.settings"}
            yield House(origin, f"http://127.0.0.1:{port + 1}/demo/", sink, {**env, **more}, process, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _wait(url: str, process: "subprocess.Popen[str]", log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())
