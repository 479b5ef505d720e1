"""`manage.py run`: one command starts everything, keeps it running, and ends it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from livechat.start import set_run_defaults
from tests.walks.house import free_ports

ROOT = Path(__file__).parent.parent.parent
pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


class Site:
    """A site in processes of its own."""

    def __init__(self, var: Path, *arguments: str, **environment: str) -> None:
        self.port = free_ports()
        self.log = var / "run.log"
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "run", *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(var),
                "VAR": str(var / "var"),
                "PORT": str(self.port),
                **{name: os.environ[name] for name in ("REDIS_URL",) if name in os.environ},
                **environment,
            },
            stdout=open(self.log, "wb"),  # noqa: SIM115  the child keeps it
            stderr=subprocess.STDOUT,
            cwd=var,
        )

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, happened: Callable[[], Any], seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < until, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.05)

    def wait_ready(self) -> None:
        self.wait_for(lambda: "Ready after" in self.said)

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def wait_light(self) -> None:
        """Until the supervisor has nothing loaded but itself."""
        command = Path(f"/proc/{self.process.pid}/cmdline")
        self.wait_for(lambda: b"supervisor.py" in command.read_bytes())

    def get(self, path: str) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request("GET", path)
            return link.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            link.close()

    def pss(self) -> float:
        """Proportional memory of all processes, in MiB."""
        total = 0
        for pid in [self.process.pid, *self.children()]:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            assert found is not None
            total += int(found[1])
        return total / 1024


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(*arguments: str, **environment: str) -> Site:
        folder = tmp_path / str(len(sites))
        folder.mkdir()
        sites.append(Site(folder, *arguments, **environment))
        return sites[-1]

    yield make
    for site in sites:
        site.process.kill()
        site.process.wait()


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_demo_openid_is_started_by_its_first_visitor(start: Callable[..., Site]) -> None:
    site = start()
    site.wait_ready()
    assert "Log in with Demo OpenID" in site.said
    before = len(site.children())
    site.wait_light()
    link = http.client.HTTPConnection("127.0.0.1", site.port + 2, timeout=30)
    link.request("GET", "/.well-known/openid-configuration")
    answer = link.getresponse()
    assert json.loads(answer.read())["issuer"] == f"http://127.0.0.1:{site.port + 2}"
    assert "default-src 'none'" in (answer.getheader("Content-Security-Policy") or "")
    assert len(site.children()) == before + 1
    link.close()


def test_it_starts_survives_the_death_of_its_parts_and_ends(start: Callable[..., Site]) -> None:
    site = start()
    site.wait_ready()
    assert f"http://127.0.0.1:{site.port}/" in site.said
    assert site.get("/readyz") == 200
    assert site.get("/dev/mail/") == 200
    web, worker = site.children()
    site.wait_light()
    if "REDIS_URL" not in os.environ:  # the default installation
        assert site.pss() <= 160  # G19
    os.kill(web, signal.SIGKILL)
    site.wait_for(lambda: "The web process ended (killed by SIGKILL). Starting it again." in site.said)
    site.wait_for(lambda: site.get("/readyz") == 200)
    assert worker in site.children()
    os.kill(worker, signal.SIGKILL)
    site.wait_for(lambda: "The worker process ended (killed by SIGKILL). Starting it again." in site.said)
    site.wait_for(lambda: len(site.children()) == 2)

    site.wait_light()
    children = site.children()
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(14) == 0
    assert site.said.rstrip().endswith("Stopped.")
    assert all(is_gone(pid) for pid in children)
    kept = json.loads((site.log.parent / "var" / "ticks.json").read_text())
    assert "reports.tasks.plan_summaries" in kept
    assert sorted(path.name for path in site.log.parent.iterdir()) == ["run.log", "var"]


def test_nothing_stays_behind_when_the_supervisor_is_killed(start: Callable[..., Site]) -> None:
    site = start("--no-demo")
    site.wait_ready()
    children = site.children()
    assert len(children) == 2
    site.process.kill()
    until = time.monotonic() + 14
    while not all(is_gone(pid) for pid in children):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_development_site_refuses_to_be_public(start: Callable[..., Site]) -> None:
    site = start(HOST="0.0.0.0")
    assert site.process.wait(30) == 1
    assert "only for this computer" in site.said


def test_a_site_that_is_not_safe_does_not_start(start: Callable[..., Site]) -> None:
    site = start(LIVECHAT_DEV="0", SECRET_KEY="change-me", PUBLIC_ORIGIN="http://chat.example.org")
    assert site.process.wait(30) == 1
    for code in ("core.E004", "core.E005", "core.E006"):
        assert code in site.said


def test_a_port_that_is_taken_is_said(start: Callable[..., Site]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        site = start(PORT=str(taken.getsockname()[1]))
        assert site.process.wait(30) == 1
    assert "is taken" in site.said


def test_a_real_site_is_never_taken_for_a_development_one() -> None:
    real = {"PUBLIC_ORIGIN": "https://chat.example.org"}
    set_run_defaults(real)
    assert "LIVECHAT_DEV" not in real
    ours: dict[str, str] = {"PORT": "8010"}
    set_run_defaults(ours)
    assert (ours["LIVECHAT_DEV"], ours["PUBLIC_ORIGIN"]) == ("1", "http://127.0.0.1:8010")
    assert ours["DEMO_ORIGIN"] == "http://127.0.0.1:8011"
