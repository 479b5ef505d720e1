"""One form for each e-mail address, and the keyed hash under which it may be remembered after erasure (P5)."""

import hashlib
import hmac
import unicodedata
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from core.keys import keep_secret_file


def canonical(email: str) -> str:
    """The address without what mail servers ignore: blanks, case, look-alike forms, a +tag, Unicode in the domain.

    Raises ValueError when it is not an address.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email).casefold()).strip()
    local, at, domain = text.rpartition("@")
    name = local.split("+", 1)[0] or local
    if not at or not name or not domain:
        raise ValueError("not an e-mail address")
    return f"{name}@{domain.rstrip('.').encode('idna').decode('ascii')}"


def hash_address(email: str) -> str:
    """HMAC-SHA256 of the canonical address, as 64 hex digits, with the key that this site keeps in a file."""
    return hmac.new(address_key().encode(), canonical(email).encode(), hashlib.sha256).hexdigest()


def address_key() -> str:
    """The key of all hashes of addresses; it is never rotated, else suppressed addresses would be forgotten."""
    return _read_key(str(settings.ADDRESS_KEY_FILE))


@lru_cache(maxsize=4)
def _read_key(path: str) -> str:
    return keep_secret_file(Path(path))
