"""`manage.py run`: the whole site with one command, and one Ctrl-C ends it."""

import errno
import http.client
import io
import ipaddress
import json
import os
import socket
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connections

from livechat.supervisor import Part, Supervisor, run_once

PARTS = ("web", "worker")


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Command(BaseCommand):
    help = "Runs the site: web, worker and clock. PORT, HOST and VAR say where. Ctrl-C ends it."
    requires_system_checks: list[str] = []  # the preparing process runs them, and ends with its memory

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--part", choices=PARTS, help="only this part, as on a site of several machines")
        parser.add_argument("--no-demo", action="store_true", help="do not fill an empty development site")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
        if settings.DEV and not is_loopback(host):
            raise CommandError(
                f"A development site is only for this computer, and HOST={host} is not. "
                "Set HOST=127.0.0.1, or LIVECHAT_DEV=0 and the settings of docs/deploying.md."
            )
        self.near = "127.0.0.1" if host in ("0.0.0.0", "::", "localhost") else host  # noqa: S104  where we ask ourselves
        self.port, self.only = port, options["part"]
        self.started, self.ready = time.monotonic(), False
        listeners = self._open(host, port)
        if run_once(partial(self._prepare, demo=not options["no_demo"])) != 0:
            raise CommandError("The site was not started; the reason stands above.")
        self._load()
        parts = self._parts(*listeners)
        Supervisor(parts, self._say).run(self._look_ready)
        self._say("Stopped.")

    def _open(self, host: str, port: int) -> list[socket.socket | None]:
        from livechat.demo_openid import is_installed
        from livechat.web import open_socket

        if self.only == "worker":
            return [None, None, None]
        demo = settings.DEV and settings.DEMO_ORIGIN and find_spec("livechat.demo") is not None
        openid = settings.DEV and urlsplit(settings.DEMO_OPENID_ORIGIN).port == port + 2 and is_installed()
        wanted = (True, demo, openid)
        try:
            return [open_socket(host, port + place) if wants else None for place, wants in enumerate(wanted)]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise CommandError(
                f"Port {port}, {port + 1} or {port + 2} is taken. Choose another: PORT=8010 make run"
            ) from error

    def _parts(
        self, listener: socket.socket | None, demo: socket.socket | None, openid: socket.socket | None
    ) -> list[Part]:
        from livechat.demo_openid import run_provider

        def web() -> int:
            from livechat.web import run_web

            assert listener is not None
            return run_web(listener, demo)

        def worker() -> int:
            from livechat.worker import run_worker

            for unused in (listener, demo, openid):
                if unused is not None:
                    unused.close()
            return run_worker()

        runs: list[tuple[str, Callable[[], int]]] = []
        if self.only != "worker":
            names = ["web"] if settings.WEB_PROCESSES == 1 else [f"web {n + 1}" for n in range(settings.WEB_PROCESSES)]
            runs += [(name, web) for name in names]
        if self.only != "web":
            runs.append(("worker", worker))
        parts = [Part(name, run) for name, run in runs]
        if openid is not None:
            parts.append(Part("Demo OpenID", partial(run_provider, openid), wakes_on=openid))
        return parts

    def _prepare(self, *, demo: bool) -> int:
        """In a process of its own: checks, migrations, and the demo on an empty development site."""
        try:
            self.check()
        except SystemCheckError as error:
            self.stderr.write(str(error))
            return 1
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder that is not there
        if self.only == "worker":
            return self._wait_for_tables()
        call_command("migrate", verbosity=0, interactive=False)
        if settings.DEV and demo and "seed_demo" in get_commands():
            from accounts.models import Account

            if not Account.objects.exists():
                self._say("Filling the empty site with a demo (once) ...")
                call_command("seed_demo", stdout=io.StringIO())  # what it says stands in the lines at the end
        return 0

    def _wait_for_tables(self) -> int:
        """The web part migrates; a worker that starts beside it waits until it has."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                call_command("migrate", check_unapplied=True, verbosity=0, stdout=io.StringIO())
            except (SystemExit, DatabaseError):
                connections.close_all()
                time.sleep(1)
            else:
                return 0
        self.stderr.write("The database is not migrated: run the web part, or manage.py migrate.")
        return 1

    def _load(self) -> None:
        """Imports what the children share, so that its memory is there once."""
        from django.urls import get_resolver

        import livechat.worker  # noqa: F401  celery's consumer and beat
        from livechat.celery import app

        get_resolver().url_patterns  # noqa: B018  the views of every app
        app.loader.import_default_modules()
        app.finalize()
        if self.only != "worker":
            import livechat.asgi  # noqa: F401  starts no thread and opens nothing before its lifespan begins

    def _look_ready(self) -> None:
        if self.ready:
            return
        if self.only != "worker" and not self._answers():
            return
        self.ready = True
        for line in self._lines():
            self._say(line)

    def _answers(self) -> bool:
        link = http.client.HTTPConnection(self.near, self.port, timeout=1)
        try:
            headers = {"Host": settings.PUBLIC_HOST, "X-Forwarded-Proto": "https"}
            link.request("GET", "/readyz", headers=headers)
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def _lines(self) -> list[str]:
        seconds = time.monotonic() - self.started
        if self.only == "worker":
            return ["The worker runs."]
        lines = ["", f"Ready after {seconds:.1f} s. Ctrl-C ends it."]
        rows = [("Site", settings.PUBLIC_ORIGIN + "/")]
        if settings.DEV:
            if settings.DEMO_ORIGIN:
                rows.append(("A customer's page with the chat", settings.DEMO_ORIGIN + "/demo/"))
            if any(entry["issuer"] == settings.DEMO_OPENID_ORIGIN for entry in settings.SIGN_IN_PROVIDERS):
                rows.append(("Log in with Demo OpenID", settings.PUBLIC_ORIGIN + "/account/login/"))
            rows.append(("Mail", settings.PUBLIC_ORIGIN + "/dev/mail/"))
            rows.append(("Admin", settings.PUBLIC_ORIGIN + "/admin/"))
            rows += _demo_logins()
        return lines + [f"  {label + ':':34}{value}" for label, value in rows] + [""]

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _demo_logins() -> list[tuple[str, str]]:
    """What seed_demo wrote down for people: VAR/demo.json, [{"label", "email", "password", some "second_step"}]."""
    try:
        rows = json.loads((settings.VAR / "demo.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    lines = []
    for row in rows:
        lines.append((f"Log in as {row['label']}", f"{row['email']}  {row['password']}"))
        if row.get("second_step"):
            lines.append(("  its second step", f"make code, or {row['second_step']} in an authenticator app"))
    return lines
