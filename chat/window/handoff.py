"""The way of a name and an e-mail from the window of a service into the form before the chat: two minutes, once (S92).

The form makes the key and gives it to the window that it opened, from page to page of this site; so nobody else can
make the window hand over under a key of theirs. Here only its hash is known, and everything is in the cache.
"""

import hashlib
import json
import re

from django.core.cache import cache

from accounts.sealing import InvalidToken, seal, unseal
from core.errors import not_found

KEY = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits
BEGUN_SECONDS = 900  # a key is used for one way to a service
KEPT_SECONDS = 120


def begin(key: str) -> str:
    """The hash under which a form waits. Raises Refused `not_found` for what is no key, or one that was used."""
    hashed = _hash(key)
    if not KEY.fullmatch(key) or not cache.add(f"handoff-begun:{hashed}", 1, BEGUN_SECONDS):
        raise not_found()
    return hashed


def hand_over(hashed: str, chosen: dict[str, str]) -> None:
    """Lays down what the visitor chose, for the form that waits; {} says that it waits for nothing any more."""
    cache.set(_place(hashed), seal(json.dumps(chosen)), KEPT_SECONDS)


def take(key: str) -> dict[str, str] | None:
    """What was chosen for the form with this key, once; None while there is nothing, and for any other key."""
    place = _place(_hash(key))
    sealed = cache.get(place)
    if sealed is None or not cache.add(f"{place}:taken", 1, KEPT_SECONDS):
        return None
    cache.delete(place)
    try:
        chosen: dict[str, str] = json.loads(unseal(sealed))
    except InvalidToken:
        return None
    return chosen


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "ignore")).hexdigest()


def _place(hashed: str) -> str:
    return f"handoff:{hashed}"
