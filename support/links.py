"""The secret link of a guest's request: 256 bits that are made again when a mail leaves and stored only as a hash."""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.links import absolute

SALT = b"support.request.link"


def make_secret(request: Any) -> str:
    """The secret of a request (64 hexadecimal digits), from the site's key and the request's random id."""
    return _secret(settings.SECRET_KEY, request.public_id.hex)


def hash_secret(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "ignore")).hexdigest()


def find_secret(request: Any) -> str:
    """The secret that fits what is stored, made with the key of that time; "" when the site's keys are all newer."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _secret(key, request.public_id.hex)
        if hmac.compare_digest(hash_secret(secret), request.secret_hash):
            return secret
    return ""


def link_of(request: Any) -> str:
    """The address in a mail: a guest's secret link; for a member the page behind their own log-in."""
    secret = "" if request.user_id else find_secret(request)
    if secret:
        return absolute(reverse("support:open", args=[secret]))
    return absolute(reverse("support:request", args=[request.number]))


def _secret(key: Any, ident: str) -> str:
    return hmac.new(SALT + str(key).encode(), ident.encode(), hashlib.sha256).hexdigest()
