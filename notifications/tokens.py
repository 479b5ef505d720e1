"""The token of an unsubscribe link: names the list and the person, is opaque, signed, and does not expire."""

import base64
import binascii
import uuid
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.errors import not_found
from notifications.addresses import address_key


@dataclass(frozen=True)
class Subscription:
    """Which list of which account reaches which person, by public ids: they outlive the rows that they name."""

    kind: str
    user: uuid.UUID
    account: uuid.UUID


def make_token(subscription: Subscription) -> str:
    """The token for a subscription. Its key is the site's address key, which is never rotated."""
    body = subscription.user.bytes + subscription.account.bytes + subscription.kind.encode()
    return _signer().sign(base64.urlsafe_b64encode(body).decode().rstrip("="))


def read_token(token: str) -> Subscription:
    """The subscription of a token. Raises Refused not_found for one that we did not make."""
    try:
        text = _signer().unsign(token)
        body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return Subscription(body[32:].decode(), uuid.UUID(bytes=body[:16]), uuid.UUID(bytes=body[16:32]))
    except (BadSignature, binascii.Error, ValueError) as error:
        raise not_found() from error


def unsubscribe_url(subscription: Subscription) -> str:
    """The absolute address of the page with the button; a POST to it unsubscribes at once (RFC 8058)."""
    return settings.PUBLIC_ORIGIN + _path().replace("TOKEN", make_token(subscription))


@lru_cache(maxsize=1)
def _path() -> str:
    """Resolved once: a batch of mails has hundreds of links."""
    return reverse("notifications:unsubscribe", args=["TOKEN"])


def _signer() -> Signer:
    return Signer(key=address_key(), sep=".", salt="notifications.unsubscribe")
