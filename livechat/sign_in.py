"""Reads SIGN_IN_PROVIDERS: the services with whose accounts people may log in."""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
GOOGLE = "https://accounts.google.com"
GRAPH = "v24.0"  # of Facebook; "version" in the entry names another one
KNOWN = frozenset({"kind", "slug", "name", "issuer", "client_id", "secret", "trusted", "hosts", "version", "endpoints"})
ENDPOINTS = ("authorize", "token", "profile")


def read_providers(text: str, *, dev: bool = False, more: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """The entries of `text`, then those of `more`, with everything filled in.

    Each has kind, slug, name, issuer, client_id, secret, trusted, hosts, endpoints.

    Raises ImproperlyConfigured with the number of the entry and what is wrong with it.
    """
    try:
        entries = json.loads(text.strip() or "[]")
    except ValueError:
        raise ImproperlyConfigured("SIGN_IN_PROVIDERS is no JSON") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ImproperlyConfigured("SIGN_IN_PROVIDERS is a JSON list of objects")
    found = [_read(number, entry, dev) for number, entry in enumerate([*entries, *more], 1)]
    for name in ("slug", "issuer"):
        values = [entry[name] for entry in found if entry[name]]
        if len(values) != len(set(values)):
            raise ImproperlyConfigured(f"SIGN_IN_PROVIDERS: two entries have the same {name}")
    return found


def _read(number: int, entry: dict[str, Any], dev: bool) -> dict[str, Any]:
    def wrong(what: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"SIGN_IN_PROVIDERS, entry {number}: {what}")

    if set(entry) - KNOWN:
        raise wrong(f"nobody knows {', '.join(sorted(set(entry) - KNOWN))}")
    filled = {**_preset(entry), **entry}
    kind = filled.get("kind")
    if kind not in ("openid", "google", "facebook", "x"):
        raise wrong("kind is openid, google, facebook or x")
    if not filled.get("client_id") or not isinstance(filled["client_id"], str):
        raise wrong("client_id is missing")
    if not SLUG.fullmatch(str(filled.get("slug", ""))):
        raise wrong("slug is a short word of a-z, 0-9 and -")
    places = [filled["issuer"]] if kind in ("openid", "google") else list(filled["endpoints"].values())
    if not all(is_fit(place, dev) for place in places):
        raise wrong("an address begins with https://, and holds neither ? nor #")
    return {
        "kind": kind,
        "slug": filled["slug"],
        "name": str(filled.get("name") or filled["slug"])[:40],
        "issuer": filled.get("issuer", ""),
        "client_id": filled["client_id"],
        "secret": str(filled.get("secret", "")),
        "trusted": filled.get("trusted") is True,
        "hosts": tuple(filled.get("hosts", ())) + tuple(urlsplit(place).netloc for place in places),
        "endpoints": dict(filled.get("endpoints", {})),
    }


def _preset(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry.get("kind")
    if kind == "google":
        hosts = ("oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com")
        return {"slug": "google", "name": "Google", "issuer": GOOGLE, "hosts": hosts}
    if kind == "facebook":
        version = entry.get("version", GRAPH)
        graph = f"https://graph.facebook.com/{version}"
        return {
            "slug": "facebook",
            "name": "Facebook",
            "endpoints": {
                "authorize": f"https://www.facebook.com/{version}/dialog/oauth",
                "token": f"{graph}/oauth/access_token",
                "profile": f"{graph}/me",
            },
        }
    if kind == "x":
        return {
            "slug": "x",
            "name": "X",
            "endpoints": {
                "authorize": "https://x.com/i/oauth2/authorize",
                "token": "https://api.x.com/2/oauth2/token",
                "profile": "https://api.x.com/2/users/me",
            },
        }
    return {"issuer": ""}


def is_fit(address: Any, dev: bool = False) -> bool:
    """Whether an address is one of https; on a development site one of this computer may be without."""
    parts = urlsplit(str(address))
    safe = parts.scheme == "https" or (dev and parts.scheme == "http" and parts.hostname == "127.0.0.1")
    return safe and bool(parts.netloc) and parts.username is None and not parts.query and not parts.fragment
