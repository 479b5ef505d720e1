"""Pytest plugin: a real OpenID Connect provider as a process of its own on loopback, and a stand-in for Facebook."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def ask(method: str, url: str, body: str = "", kind: str = "application/x-www-form-urlencoded") -> Any:
    """One request, redirects not followed: (status, headers, text)."""
    parts = urlsplit(url)
    link = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        link.request(method, f"{parts.path}?{parts.query}", body, {"Content-Type": kind})
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        link.close()


class OpenIDProvider:
    """The process; `person` tells it whom it knows, `consent` is what a browser does there."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port), "--require-nonce", "true"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                ask("GET", f"{self.issuer}/.well-known/openid-configuration")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the provider did not start within 30 s")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def entry(self, **changes: Any) -> dict[str, Any]:
        """The provider as a line of SIGN_IN_PROVIDERS."""
        entry = {
            "kind": "openid",
            "slug": "demo",
            "name": "Demo OpenID",
            "issuer": self.issuer,
            "client_id": "livechat",
        }
        return {**entry, "secret": "a secret of the tests", "trusted": True, **changes}

    def person(self, sub: str, **claims: Any) -> None:
        status, _headers, text = ask("PUT", f"{self.issuer}/users/{sub}", json.dumps(claims), "application/json")
        assert status < 300, text

    def consent(self, url: str, sub: str) -> str:
        """What the person's browser does at the provider; answers where it is sent back to."""
        status, headers, text = ask("POST", url, urlencode({"sub": sub}))
        assert status == 302, text
        return str(headers["Location"])

    def refuse(self, url: str) -> str:
        return str(ask("POST", url, urlencode({"action": "deny"}))[1]["Location"])


@pytest.fixture(scope="session")
def openid() -> Iterator[OpenIDProvider]:
    provider = OpenIDProvider()
    try:
        provider.wait()
        yield provider
    finally:
        provider.stop()


def use_providers(settings: Any, *entries: dict[str, Any]) -> None:
    """Puts these lines into SIGN_IN_PROVIDERS, read as the site reads them."""
    from livechat.sign_in import read_providers

    settings.SIGN_IN_PROVIDERS = read_providers(json.dumps(entries), dev=True)


class Facebook(ThreadingHTTPServer):
    """Stands in for Facebook's three endpoints and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FacebookHandler)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.told: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    def entry(self) -> dict[str, Any]:
        names = {"authorize": "/dialog/oauth", "token": "/oauth/access_token", "profile": "/me"}
        endpoints = {name: self.origin + path for name, path in names.items()}
        return {"kind": "facebook", "client_id": "1234", "secret": "an app secret", "endpoints": endpoints}


class FacebookHandler(BaseHTTPRequestHandler):
    server: Facebook

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query)
        self.server.asked.append((parts.path, asked))
        if parts.path == "/dialog/oauth":
            back = f"{asked['redirect_uri'][0]}?{urlencode({'code': 'a-code', 'state': asked['state'][0]})}"
            return self._answer(302, b"", back)
        return self._answer(200, json.dumps(self.server.told).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, parse_qs(body)))
        self._answer(200, json.dumps({"access_token": "a-token", "token_type": "bearer", "expires_in": 60}).encode())

    def _answer(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def facebook() -> Iterator[Facebook]:
    server = Facebook()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
