"""Pytest plugin: the real site on a loopback port and a real browser in front of it."""

import contextlib
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

INSTALL = "apt-get install -y --no-install-recommends chromium"


class SiteServer:
    """The ASGI application in a thread of this process, so that both see the same database."""

    def __init__(self, sock: socket.socket) -> None:
        from livechat.asgi import application
        from livechat.web import make_server

        self.sock = sock
        self.origin = f"http://127.0.0.1:{sock.getsockname()[1]}"
        self.server = make_server(application)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [sock]}, daemon=True)

    def start(self) -> None:
        self.thread.start()
        for _ in range(200):
            if self.server.started:
                return
            time.sleep(0.05)
        raise RuntimeError("the site did not start within 10 s")

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        if self.thread.is_alive():
            self.server.force_exit = True
            self.thread.join(10)
        self.sock.close()


@pytest.fixture
def site_server(transactional_db: None, settings: Any) -> Iterator[str]:
    """The origin of the running site, as `settings.PUBLIC_ORIGIN` names it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    server = SiteServer(sock)
    old_socket_origin = settings.SOCKET_ORIGIN
    settings.PUBLIC_ORIGIN = server.origin
    settings.SOCKET_ORIGIN = server.origin.replace("http", "ws", 1)
    settings.CSRF_TRUSTED_ORIGINS = [server.origin]
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    directives = dict(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
    directives["connect-src"] = [
        settings.SOCKET_ORIGIN if source == old_socket_origin else source for source in directives["connect-src"]
    ]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    server.start()
    try:
        yield server.origin
    finally:
        server.stop()
        _end_left_connections()


def _end_left_connections() -> None:
    """The threads of the server keep connections; PostgreSQL would not drop or flush the test database beside them."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def find_chromium() -> str | None:
    """The browser of the machine: $CHROMIUM, else one on the path."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium. Skips where there is none, and fails in CI."""
    path = find_chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Chromium: {INSTALL}")
        pytest.skip(f"no Chromium: {INSTALL}")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django would take the test itself for a coroutine
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            yield chromium
            chromium.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before
        _forget_ended_connection()


def _forget_ended_connection() -> None:
    """Beside Playwright's loop Django gave this thread a second connection, which ended the first one; open it anew."""
    from django.db import connection

    if connection.vendor == "postgresql":
        connection.close()


@dataclass
class Complaints:
    """What the browser's console said about our pages, and what a test expects it to say."""

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        """A complaint that contains `part` belongs to this test (a page that answers 404, say)."""
        self.expected.append(part)

    def unexpected(self) -> list[str]:
        return [line for line in self.seen if not any(part in line for part in self.expected)]


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


OpenPage = Callable[..., Any]


@pytest.fixture
def page_at(browser: Any, site_server: str, complaints: Complaints) -> Iterator[OpenPage]:
    """`page_at(width, theme, user=None, **context)` opens a fresh browser window on the site.

    With `user` it is signed in. A CSP report, an error of a script or in the console fails the test.
    """
    windows: list[Any] = []

    def open_page(width: int = 1440, theme: str = "light", *, user: Any = None, height: int = 900, **more: Any) -> Any:
        options = {"base_url": site_server, "color_scheme": theme, "reduced_motion": "reduce", **more}
        window = browser.new_context(viewport={"width": width, "height": height}, **options)
        windows.append(window)
        if user is not None:
            sign_in(window, site_server, user)
        page = window.new_page()
        page.set_default_timeout(30_000)  # of patience on a machine with much to do
        page.on("pageerror", lambda error: complaints.seen.append(f"script: {error}"))
        page.on("console", lambda message: _note(complaints, message))
        return page

    yield open_page
    for window in windows:
        with contextlib.suppress(Exception):  # a test may have closed it
            window.close()
    assert not complaints.unexpected(), "\n".join(complaints.unexpected())


def _note(complaints: Complaints, message: Any) -> None:
    if message.type == "error":
        complaints.seen.append(f"console: {message.text} ({message.location.get('url', '')})")


def sign_in(window: Any, origin: str, user: Any) -> None:
    """Gives the window the session of a person who has just signed in."""
    from django.conf import settings
    from django.test import Client

    client = Client(HTTP_HOST=origin.removeprefix("http://"))
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    window.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": origin}])
