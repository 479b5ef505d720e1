"""The build probes of this folder, and how their results are kept and shown."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account
from accounts.scoping import account_scope, scopes_disabled
from chat.models import Message, Visitor, Widget
from chat.testing import make_widget
from core.promises import Outcome, registry, run_probe
from tests.browser import find_chromium
from tests.promises.plugin import write

ROOT = Path(__file__).resolve().parents[2]
GUARDED = """
import json, socket, sys
outside = []
def guard(name, at):
    real = getattr(socket.socket, name)
    def guarded(self, *args):
        where = args[at]
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(where[0]).startswith(("127.", "::1")):
            outside.append(str(where))
            raise OSError("no way out")
        return real(self, *args)
    setattr(socket.socket, name, guarded)
for name, at in (("connect", 0), ("connect_ex", 0), ("sendto", -1)):
    guard(name, at)
looked_up = socket.getaddrinfo
def no_names(host, *args, **options):
    if host not in (None, "127.0.0.1", "localhost", "::1", ""):
        outside.append(str(host))
        raise OSError("no names")
    return looked_up(host, *args, **options)
socket.getaddrinfo = no_names
import django
django.setup()
from django.core.management import call_command
call_command("check", verbosity=0)
call_command("migrate", verbosity=0)
call_command("publish_policy", verbosity=0)
from django.conf import settings
from django.test import Client
client = Client(HTTP_HOST=settings.PUBLIC_HOST)
pages = ["/", "/policy/", "/terms/", "/promises/", "/privacy/data/", "/account/signup/", "/account/login/", "/healthz"]
statuses = {page: client.get(page).status_code for page in pages}
company = {"name": "Pat", "surname": "Specimen", "email": "pat@specimen.example", "age": "on",
           "password1": "a bicycle for two people", "company": "Specimen", "address": "1 Sample Street", "website": "https://specimen.example",
           "policy": "policy:1,terms:1"}
statuses["sign up"] = client.post("/account/signup/", company).status_code
from accounts.models import User
from outbox.actions import deliver_due
sent = deliver_due()
from policies.proving import prove
prove()
try:
    socket.create_connection(("192.0.2.1", 9), timeout=1)
except OSError:
    pass
caught = outside == ["192.0.2.1"]
print(json.dumps({"statuses": statuses, "people": User.objects.count(), "sent": sent, "only_the_trial": caught,
                  "outside": outside}))
"""


@pytest.mark.promise("nothing_at_start")
@pytest.mark.once
def test_a_fresh_site_talks_to_nobody_outside(tmp_path: Path):
    env = {**os.environ, "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "livechat.settings", "LIVECHAT_DEV": "1"}
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_ORIGIN", "EMAIL_URL"):
        env.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", GUARDED], cwd=ROOT, env=env, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["only_the_trial"], seen["outside"]  # the guard caught the one connection that the test made itself
    assert set(seen["statuses"].values()) <= {200, 302}, seen["statuses"]
    assert (seen["people"], seen["sent"]) == (1, 1)


# ---- the button, in a real browser ----------------------------------------------------------------------
NO_STORAGE = """
if (window.top !== window) {
  for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
    Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
  Object.defineProperty(document, "cookie", { get() { throw new DOMException("denied", "SecurityError"); },
    set() { throw new DOMException("denied", "SecurityError"); } });
}
"""
KEPT = """async () => ({ cookie: document.cookie, local: { ...localStorage }, session: { ...sessionStorage },
  databases: (await indexedDB.databases()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length })"""


@pytest.fixture
def shop(acme: Account, site_server: str) -> Iterator[str]:
    """A customer's page with the button, on another site than ours."""
    widget = make_widget(acme)
    tag = f'<script src="{site_server}/widget/{widget.key}.js" async></script>'
    page = f'<!doctype html><html lang="en"><title>Acme</title><h1>Saddles</h1>{tag}</html>'.encode()

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    origin = f"http://localhost:{server.server_port}"
    with account_scope(acme):
        Widget.objects.filter(pk=widget.pk).update(allowed_origins=[origin])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield origin
    server.shutdown()
    server.server_close()


@pytest.mark.promise("nothing_before_the_click")
@pytest.mark.once
def test_nothing_is_stored_or_sent_before_the_click_and_the_chat_works_without_storage(
    browser: Any, shop: str, site_server: str
):
    window = browser.new_context()
    window.add_init_script(NO_STORAGE)
    page = window.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(f"{shop}/")
    button = page.get_by_role("button", name="Open chat")
    button.wait_for()
    button.hover()
    page.mouse.wheel(0, 400)
    page.keyboard.press("Tab")
    page.wait_for_timeout(2500)
    sent = [url for url in asked if not url.startswith(shop)]
    with scopes_disabled():
        assert sent == [f"{site_server}/widget/{Widget.objects.get().key}.js"]
    assert window.cookies() == []
    kept = page.evaluate(KEPT)
    assert kept == {"cookie": "", "local": {}, "session": {}, "databases": 0, "workers": 0}
    with scopes_disabled():
        assert not Visitor.objects.exists()

    button.click()
    frame = page.frame_locator("iframe")
    frame.locator("#w-text").fill("Does the saddle fit?")
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_text("You are number").wait_for(timeout=10_000)
    with scopes_disabled():
        assert Message.objects.filter(text="Does the saddle fit?").exists()
    assert window.cookies() == []
    assert page.evaluate(KEPT) == {**kept, "session": {"livechat": "1"}}  # the one declared mark, of this tab
    window.close()


def test_the_browser_is_there_where_the_tests_count():
    if os.environ.get("CI") == "true":
        assert find_chromium()


# ---- how results are kept -------------------------------------------------------------------------------
@pytest.fixture
def ledger(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ledger of build results, on the state "c1" of the code."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setenv("COMMIT", "c1")
    return tmp_path / "build" / "promises.json"


def outcome(key: str) -> tuple[Outcome, str]:
    result = run_probe(registry.find(key))
    return result.outcome, result.figure


def test_a_build_probe_is_late_until_its_tests_ran(ledger: Path):
    assert outcome("fences") == (Outcome.LATE, "not run on this code yet")
    write({"fences": {"a": True, "b": True}}, {"fences": 1.2})
    assert outcome("fences") == (Outcome.KEPT, "2 of 2 tests passed")


def test_a_build_probe_is_broken_when_one_of_its_tests_fails(ledger: Path):
    write({"fences": {"a": True, "b": False}, "backup": {"c": True}}, {"fences": 1, "backup": 1})
    assert outcome("fences") == (Outcome.BROKEN, "1 of 2 tests passed")
    assert outcome("backup")[0] is Outcome.KEPT


def test_a_build_result_of_another_state_of_the_code_is_late(ledger: Path, monkeypatch: pytest.MonkeyPatch):
    write({"fences": {"a": True}}, {"fences": 1})
    monkeypatch.setenv("COMMIT", "c2")
    assert outcome("fences") == (Outcome.LATE, "1 of 1 test passed")
    write({"backup": {"c": True}}, {"backup": 1})
    kept = json.loads(ledger.read_text())
    assert (kept["fences"]["commit"], kept["backup"]["commit"]) == ("c1", "c2")


def test_the_plugin_writes_what_marked_tests_found(tmp_path: Path):
    inner = tmp_path / "test_inner.py"
    inner.write_text(
        "import pytest\n"
        "@pytest.fixture(autouse=True)\ndef folder(): pass\n"
        "@pytest.mark.promise('fences')\ndef test_good(): pass\n"
        "@pytest.mark.promise('fences')\ndef test_bad(): assert False\n"
        "@pytest.mark.promise('backup')\ndef test_left_out(): pytest.skip('no')\n"
    )
    code = (
        "import sys, pytest\nfrom django.conf import settings\nsettings.BASE_DIR = sys.argv[2]\n"
        "sys.exit(pytest.main(['-p', 'tests.promises.plugin', '-p', 'no:django', '-p', 'no:cacheprovider', '-q',"
        " '--rootdir', sys.argv[2], '-c', '/dev/null', sys.argv[1]]))"
    )
    env = {**os.environ, "COMMIT": "c3"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(inner), str(tmp_path)], cwd=ROOT, env=env, capture_output=True
    )
    assert done.returncode == 1, done.stdout.decode() + done.stderr.decode()
    found = json.loads((tmp_path / "build" / "promises.json").read_text())
    assert (found["fences"]["passed"], found["fences"]["failed"], found["fences"]["commit"]) == (1, 1, "c3")
    assert (found["backup"]["passed"], found["backup"]["failed"]) == (0, 1)


def test_every_build_probe_has_a_marked_test():
    import re

    marked = set()
    for file in [*ROOT.glob("*/tests/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        marked |= set(re.findall(r'mark\.promise\("(\w+)"\)', file.read_text(encoding="utf-8")))
    known = {probe.key for probe in registry if probe.kind == "build"}
    assert known - marked == set(), "build probes without a test"
    assert marked - known == set(), "tests that prove no probe"
