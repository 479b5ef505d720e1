"""Short tickets that carry a right from an HTTP answer into the first frame of a socket: 30 s, once."""

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.cache import cache

LIFE_SECONDS = 30
YOUR_DATA, YOUR_DATA_SECONDS = "your_data", 600  # from a chat to the page of everything that is held about its visitor


def issue_ticket(kind: str, **claims: Any) -> str:
    """A ticket of that kind, which its bearer cannot read: claims may name a session. Never personal data."""
    return _cipher(kind).encrypt(json.dumps({**claims, "n": secrets.token_urlsafe(12)}).encode()).decode()


def redeem_ticket(kind: str, ticket: str, life: int | None = None) -> dict[str, Any] | None:
    """The claims of a good ticket; None when it is forged, older than `life` s (30), of another kind or used before."""
    life = LIFE_SECONDS if life is None else life
    try:
        claims: dict[str, Any] = json.loads(_cipher(kind).decrypt(ticket.encode("utf-8", "ignore"), life))
    except InvalidToken:
        return None
    if not cache.add(f"ticket:{claims['n']}", 1, life + 5):
        return None
    return claims


def _cipher(kind: str) -> MultiFernet:
    keys = [f"{kind}:{key!s}".encode() for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.blake2b(key, digest_size=32, person=b"ticket").digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
