"""Secret links to one row: 256 bits from the site's key and the row's random id, stored only as a hash.

The same secret is made again when a mail leaves, so that it stands nowhere. `salt` tells one kind of link from another.
"""

import hashlib
import hmac
import uuid

from django.conf import settings


def make_secret(salt: bytes, public_id: uuid.UUID) -> str:
    """The secret of a row (64 hexadecimal digits)."""
    return _secret(salt, settings.SECRET_KEY, public_id)


def hash_secret(secret: str) -> str:
    """What is stored of a secret: SHA-256, as 256 random bits need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "ignore")).hexdigest()


def find_secret(salt: bytes, public_id: uuid.UUID, secret_hash: str) -> str:
    """The secret that fits what is stored, made with the key of that time; "" when the site's keys are all newer."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _secret(salt, key, public_id)
        if hmac.compare_digest(hash_secret(secret), secret_hash):
            return secret
    return ""


def _secret(salt: bytes, key: object, public_id: uuid.UUID) -> str:
    return hmac.new(salt + str(key).encode(), public_id.hex.encode(), hashlib.sha256).hexdigest()
