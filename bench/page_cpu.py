"""G11: CPU of a page in our web process, beside the same page under gunicorn's threads and beside a bare page."""

import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.harness import ROOT, Site, cpu_seconds, free_port, running_site, serving, wait_until_ready
from bench.memory import tree

# an account with twenty open chats and two hundred closed ones, and the cookie of its owner
FILL = """
import json
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from accounts.testing import make_owner
from chat.actions.chats import close_chat
from chat.models import Chat
from chat.testing import make_chat, make_operator, say
from accounts.models import Membership
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import make_texts
make_texts()
owner = make_owner(email="owner@bench.example", name="Bench", surname="Owner", company="Bench", website="https://bench.example")
member = Membership.objects.select_related("account", "user").get(user=owner)
operator = make_operator(member)
with account_scope(member.account):
    type(operator).objects.filter(pk=operator.pk).update(chat_limit=50)
for number in range(220):
    chat = make_chat(member.account, text=f"Question {number}", operator=operator, name=f"Pat {number}")
    say(chat, "An answer", operator=operator)
    if number < 200:
        with scopes_disabled():
            close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=operator)
browser = Client()
browser.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[0])
print(json.dumps(f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"))
"""
PAGES = {"inbox": "/app/chats/", "visitors": "/app/visitors/"}
REQUESTS, ROUNDS = 60, 5


@contextmanager
def gunicorn(site: Site) -> Iterator[tuple[int, int]]:
    """Pid and port of the same pages under gunicorn: one process, the threads of ours."""
    port = free_port()
    words = [
        "-m",
        "gunicorn",
        "-k",
        "gthread",
        "-w",
        "1",
        "--threads",
        "8",
        "-b",
        f"127.0.0.1:{port}",
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", *words, "bench.wsgi:application"], cwd=ROOT, env=site.env
    )
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/healthz")
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def cost(pid: int, port: int, path: str, cookie: str, host: str) -> float:
    """CPU of one request, ms: mean of REQUESTS one after the other, over the process and its children."""
    pids = tree(pid)
    before = sum(map(cpu_seconds, pids))
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for _ in range(REQUESTS):
        link.request("GET", path, headers={"Cookie": cookie, "Host": host})
        answer = link.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status, answer.getheader("Location"))
    link.close()
    return (sum(map(cpu_seconds, pids)) - before) / REQUESTS * 1000


def g11() -> list[dict[str, Any]]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "livechat.settings"
    with running_site() as site:
        cookie, host = site.script(FILL), site.origin.removeprefix("http://")
        bare_port = free_port()
        bare_env = {**site.env, "DJANGO_SETTINGS_MODULE": "bench.bare"}
        with gunicorn(site) as (pid, port), serving("livechat.asgi:application", bare_port, bare_env) as bare:
            found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in PAGES}
            for path in PAGES.values():  # the first requests fill caches
                cost(site.pid, site.port, path, cookie, host)
                cost(pid, port, path, cookie, host)
            for _ in range(ROUNDS):
                for name, path in PAGES.items():
                    found[name].append(
                        (
                            cost(site.pid, site.port, path, cookie, host),
                            cost(pid, port, path, cookie, host),
                            cost(bare.pid, bare_port, "/bare/", cookie, host),
                        )
                    )
    results = []
    for name, rounds in found.items():
        ours, threads, floor = (statistics.median(column) for column in zip(*rounds, strict=True))
        to_threads = statistics.median(one / two for one, two, _ in rounds)
        to_bare = statistics.median(one / three for one, _, three in rounds)
        results.append(
            {
                "goal": "G11", "limit": f"{name}: <= 1.3x under gunicorn gthread" + (", <= 3x a bare page" if name == "inbox" else ""),
                "cpu_ms": round(ours, 2), "gunicorn_ms": round(threads, 2), "bare_ms": round(floor, 2),
                "to_gunicorn": round(to_threads, 2), "to_bare": round(to_bare, 2),
                "holds": to_threads <= 1.3 and (name != "inbox" or to_bare <= 3),
            }
        )  # fmt: skip
    return results


if __name__ == "__main__":
    for result in g11():
        print(json.dumps(result), flush=True)
