"""Secrets that must be stored and read again: encrypted with a key derived from SECRET_KEY (S74)."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

__all__ = ["InvalidToken", "seal", "unseal"]


def seal(text: str) -> str:
    """The text, encrypted; SECRET_KEY_FALLBACKS still open what an older key sealed."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` took. Raises InvalidToken for anything else, and when the key was changed without a fallback."""
    return _cipher().decrypt(sealed.encode()).decode()


def _cipher() -> MultiFernet:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.blake2b(key.encode(), digest_size=32, person=b"mfa-secrets").digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
