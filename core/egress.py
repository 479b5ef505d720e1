"""The outgoing HTTP door: nothing leaves but to the declared hosts of a recipient (S59, SAFETY: SSRF)."""

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from core.client_address import parse_address
from core.outbound import Disclosed, RecipientStopped, check_recipient, disclose, registry
from core.personal_data import Purpose

PORTS = {"http": 80, "https": 443}
SECONDS = 10.0  # for the whole exchange
LARGEST = 1_000_000  # bytes of an answer
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


class EgressRefused(Exception):
    """The door does not open: an undeclared recipient or host, another port, or an address that is not public."""


class EgressFailed(Exception):
    """The other side could not be reached, was too slow, or answered too much."""


@dataclass(frozen=True)
class Answer:
    """What came back. Redirects are not followed: they come back as they are."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    recipient_key: str,
    method: str,
    url: str,
    *,
    purpose: Purpose,
    subject: str,
    categories: tuple[str, ...],
    account_ref: int | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """One HTTP exchange with a declared recipient, written to the ledger before it begins.

    `subject` is the word of the person whose data leaves ("user:12"), `categories` what kinds. Raises EgressRefused
    for what is not declared, not public or stopped (S58), EgressFailed for faults, NoLedger when there is no ledger.
    """
    until = time.monotonic() + SECONDS
    scheme, host, target = _check(recipient_key, method, url, purpose)
    name, port = _split_port(scheme, host)
    if not is_here(host):
        try:
            check_recipient(recipient_key)
        except RecipientStopped as stopped:
            raise EgressRefused(str(stopped)) from stopped
    address = name if is_here(host) else resolve_public(name, port)
    disclose(
        [
            Disclosed(
                recipient=recipient_key,
                categories=categories,
                subject=subject,
                purpose=purpose,
                channel="http",
                account_ref=account_ref,
                reference=host,
            )
        ]
    )
    try:
        return _exchange(scheme, (name, address, port), method, target, dict(headers or {}), body, until)
    except (OSError, http.client.HTTPException) as error:
        raise EgressFailed(type(error).__name__) from error


def _check(recipient_key: str, method: str, url: str, purpose: Purpose) -> tuple[str, str, str]:
    recipient = registry.recipients.get(recipient_key)
    if recipient is None:
        raise EgressRefused(f"{recipient_key} is not a declared recipient")
    if purpose not in recipient.purposes:
        raise EgressRefused(f"{recipient_key} is not declared for {purpose.value}")
    if method not in METHODS or any(ord(sign) < 33 or ord(sign) == 127 for sign in url):
        raise EgressRefused("not a method or an address that may be used")
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise EgressRefused("not a port") from error
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme not in PORTS or parts.username is not None or parts.password is not None:
        raise EgressRefused("only http and https, without a name in the address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "http" and is_here(parts.netloc) and parts.netloc in recipient.all_hosts():
        return parts.scheme, parts.netloc, target
    if port not in (None, PORTS[parts.scheme]):
        raise EgressRefused("only ports 80 and 443")
    if host not in recipient.all_hosts():
        raise EgressRefused(f"{host} is not a declared host of {recipient_key}")
    return parts.scheme, host, target


def is_here(host: str) -> bool:
    """Whether `host` is "127.0.0.1:PORT" on a development site: a stand-in on this computer, never on a real site."""
    return bool(settings.DEV) and re.fullmatch(r"127\.0\.0\.1:\d{1,5}", host, re.ASCII) is not None


def _split_port(scheme: str, host: str) -> tuple[str, int]:
    if is_here(host):
        name, _, port = host.partition(":")
        return name, int(port)
    return host, PORTS[scheme]


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet; v4 inside v6 is looked at as v4."""
    address = parse_address(text)
    if address is None or not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner is None or is_public(str(inner))
    return True


def resolve_public(host: str, port: int) -> str:
    """One address of `host`, after all of them were looked at. Raises EgressRefused when any of them is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise EgressFailed("the name is unknown") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise EgressRefused(f"{host} does not lead to the open internet")
    return addresses[0]


def _exchange(
    scheme: str,
    place: tuple[str, str, int],
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes,
    until: float,
) -> Answer:
    """Talks to the checked address of `place` (name, address, port), whatever the name leads to by now.

    The certificate is checked for the name.
    """
    host, address, port = place
    link = socket.create_connection((address, port), timeout=_left(until))
    with contextlib.ExitStack() as stack:
        stack.callback(link.close)
        if scheme == "https":
            link = ssl.create_default_context().wrap_socket(link, server_hostname=host)
            stack.callback(link.close)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = link
        stack.callback(connection.close)
        link.settimeout(_left(until))
        connection.request(method, target, body=body or None, headers={**headers, "Connection": "close"})
        link.settimeout(_left(until))
        response = connection.getresponse()
        parts: list[bytes] = []
        size = 0
        while True:
            link.settimeout(_left(until))
            part = response.read1(65536)
            if not part:
                break
            size += len(part)
            if size > LARGEST:
                raise EgressFailed("the answer is too large")
            parts.append(part)
        return Answer(response.status, dict(response.getheaders()), b"".join(parts))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
