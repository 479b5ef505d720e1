"""Whose address a request comes from, and how an address is cut before it is kept (S14, SAFETY: X-Forwarded-For)."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_address(text: str) -> Address | None:
    """The address in `text` (a port, brackets and a zone are cut off; v4 inside v6 becomes v4), or None."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def find_address(*, remote: str, forwarded: Sequence[str], trusted: int) -> str:
    """The client's address: `trusted` steps to the left of the peer `remote` along X-Forwarded-For.

    `forwarded` holds the header's values in order. What stands further left was written by the client and is never
    read. A chain shorter than the proxies we trust, or a part that is no address, ends the walk at the last good one.
    Answers "" when not even the peer is an address (a Unix socket).
    """
    hops = [part for value in forwarded for part in value.split(",")]
    found = parse_address(remote)
    for part in reversed(hops[max(0, len(hops) - trusted) :] if trusted > 0 else []):
        address = parse_address(part)
        if address is None:
            break
        found = address
    return str(found) if found else ""


def client_address(request: HttpRequest) -> str:
    """The address of the person behind an HTTP request; "" where there is none."""
    return find_address(
        remote=request.META.get("REMOTE_ADDR", ""),
        forwarded=[request.META.get("HTTP_X_FORWARDED_FOR", "")],
        trusted=settings.TRUSTED_PROXY_COUNT,
    )


def scope_address(scope: Any) -> str:
    """The address of the person behind an ASGI connection; "" where there is none."""
    forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    remote = scope["client"][0] if scope.get("client") else ""
    return find_address(remote=remote, forwarded=forwarded, trusted=settings.TRUSTED_PROXY_COUNT)


def truncate_address(text: str) -> str:
    """The address with its last part cut off: IPv4 to /24, IPv6 to /48; "" for what is no address."""
    address = parse_address(text)
    if address is None:
        return ""
    network = ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False)
    return str(network.network_address)
