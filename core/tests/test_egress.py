"""The outgoing door: shut, but for declared hosts on the open internet."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from audit.actions import add_missing_recipients
from audit.models import Entry
from core import egress
from core.egress import EgressFailed, EgressRefused, fetch, is_public
from core.outbound import Recipient, registry
from core.personal_data import Purpose

pytestmark = pytest.mark.django_db
FACTS: dict[str, Any] = {"purpose": Purpose.SERVICE, "subject": "user:1", "categories": ("contact",)}


@pytest.fixture
def recipient(db: None) -> Iterator[None]:
    registry.register(Recipient("test", "Test", (Purpose.SERVICE,), "nothing", ("api.example.org",)))
    add_missing_recipients()
    yield
    del registry.recipients["test"]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["Host"]))  # type: ignore[attr-defined]
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1/secret")
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (2_000_000 if self.path == "/large" else 5))

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def elsewhere(recipient: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """A server on loopback that stands for the open internet: name and port lead to it, nothing else is changed."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(egress, "resolve_public", lambda host, port: "127.0.0.1")
    monkeypatch.setattr(egress, "PORTS", {"http": server.server_port})
    yield server.seen  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_a_declared_host_is_reached_and_the_ledger_knows(elsewhere: list[tuple[str, str]]) -> None:
    answer = fetch("test", "GET", "http://api.example.org/a?b=c", **FACTS)
    assert (answer.status, answer.body) == (200, b"xxxxx")
    assert elsewhere[0][0] == "/a?b=c"
    assert elsewhere[0][1].startswith("api.example.org")
    [entry] = Entry.objects.filter(kind=Entry.Kind.DISCLOSURE)
    assert (entry.action, entry.facts["recipient"]) == ("disclosed.http", "test")


def test_a_redirect_is_not_followed(elsewhere: list[tuple[str, str]]) -> None:
    assert fetch("test", "GET", "http://api.example.org/away", **FACTS).status == 302
    assert len(elsewhere) == 1


def test_a_large_answer_is_cut_off(elsewhere: list[tuple[str, str]]) -> None:
    with pytest.raises(EgressFailed, match="too large"):
        fetch("test", "GET", "http://api.example.org/large", **FACTS)


def test_a_slow_answer_ends_in_time(elsewhere: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "SECONDS", 0.5)
    started = time.monotonic()
    with pytest.raises(EgressFailed):
        fetch("test", "GET", "http://api.example.org/slow", **FACTS)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example.org/",
        "http://api.example.org.evil.example/",
        "http://api.example.org:8080/",
        "http://api.example.org@127.0.0.1/",
        "http://user:pass@api.example.org/",
        "ftp://api.example.org/",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://api.example.org/\r\nX: y",
        "http://api.example.org:99999/",
        "//api.example.org/",
    ],
)
def test_nothing_else_is_reached(recipient: None, url: str) -> None:
    with pytest.raises(EgressRefused):
        fetch("test", "GET", url, **FACTS)
    assert not Entry.objects.exists()


def test_an_undeclared_recipient_or_purpose_is_refused(recipient: None) -> None:
    with pytest.raises(EgressRefused, match="not a declared recipient"):
        fetch("nobody", "GET", "http://api.example.org/", **FACTS)
    with pytest.raises(EgressRefused, match="marketing"):
        fetch("test", "GET", "http://api.example.org/", **{**FACTS, "purpose": Purpose.MARKETING})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "100.64.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "nonsense",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


def test_one_inside_address_among_many_shuts_the_door(recipient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def two(host: str, port: int, **kwargs: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", two)  # the name server is somebody else's
    with pytest.raises(EgressRefused, match="open internet"):
        fetch("test", "GET", "http://api.example.org/", **FACTS)


def test_a_service_on_this_computer_is_reached_by_a_development_site_only(recipient: None, settings: Any) -> None:
    here = replace(registry.recipients["test"], hosts=("127.0.0.1:9", "localhost:9", "10.0.0.1:9"))
    registry.recipients["test"] = here
    settings.DEV = True
    with pytest.raises(EgressFailed):  # the door opened, and nobody is there
        fetch("test", "GET", "http://127.0.0.1:9/", purpose=Purpose.SERVICE, subject="", categories=())
    for host in ("127.0.0.1:10", "localhost:9", "10.0.0.1:9"):
        with pytest.raises(EgressRefused):
            fetch("test", "GET", f"http://{host}/", purpose=Purpose.SERVICE, subject="", categories=())
    settings.DEV = False
    with pytest.raises(EgressRefused):
        fetch("test", "GET", "http://127.0.0.1:9/", purpose=Purpose.SERVICE, subject="", categories=())
