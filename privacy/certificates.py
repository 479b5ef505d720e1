"""Signed certificates: Ed25519 over the exact text that the certificate carries, so that any tool can check it."""

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from core.keys import keep_secret_file

ALGORITHM = "Ed25519"
LONGEST = 200_000  # characters of a certificate that is looked at


def _make_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _private_key() -> Ed25519PrivateKey:
    text = keep_secret_file(settings.VAR / "keys" / "certificates.pem", make=_make_key)
    key = load_pem_private_key(text.encode() + b"\n", password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def public_key() -> str:
    """The key with which everybody can check a certificate of this site, as PEM."""
    return _private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(body: dict[str, Any]) -> str:
    """A certificate as JSON text: `signed` is the body as the text that was signed, `signature` is Base64."""
    signed = json.dumps(body, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    signature = base64.b64encode(_private_key().sign(signed.encode())).decode()
    return json.dumps({"algorithm": ALGORITHM, "signature": signature, "signed": signed}, ensure_ascii=False, indent=1)


def read_certificate(text: str, key: str = "") -> dict[str, Any] | None:
    """The body of a certificate whose signature fits the public key (PEM; this site's by default); else None."""
    try:
        if len(text) > LONGEST:
            return None
        certificate = json.loads(text)
        public = load_pem_public_key((key or public_key()).encode())
        assert isinstance(public, Ed25519PublicKey) and certificate["algorithm"] == ALGORITHM
        public.verify(base64.b64decode(certificate["signature"], validate=True), certificate["signed"].encode())
        body = json.loads(certificate["signed"])
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError, InvalidSignature, RecursionError):
        return None
    return body if isinstance(body, dict) else None
