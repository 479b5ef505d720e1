"""Links of a case: the one that proves an address (48 hours, once), and the secret one of its page.

The secret is made again when a mail leaves and stored only as a hash.
"""

import hashlib
import hmac
import uuid
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse

from accounts.links import absolute

SALT = b"privacy.case.link"
CONFIRM_SALT = "privacy.case.confirm"
CONFIRM_HOURS = 48


def make_secret(case: Any) -> str:
    """The secret of a case (64 hexadecimal digits), from the site's key and the case's random id."""
    return _secret(settings.SECRET_KEY, case.public_id.hex)


def hash_secret(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "ignore")).hexdigest()


def find_secret(case: Any) -> str:
    """The secret that fits what is stored; "" when the site's keys are all newer."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _secret(key, case.public_id.hex)
        if hmac.compare_digest(hash_secret(secret), case.secret_hash):
            return secret
    return ""


def page_url(case: Any) -> str:
    """The address of its page in a mail: behind the log-in of whoever has one, else the secret link."""
    secret = "" if case.user_id else find_secret(case)
    if secret:
        return absolute(reverse("privacy:case_page", args=[secret]))
    return absolute(reverse("privacy:cases") + f"#{case.label}")


def make_confirm_token(case: Any) -> str:
    """The word in the link that proves the address."""
    return TimestampSigner(salt=CONFIRM_SALT).sign(case.public_id.hex)


def confirm_url(case: Any) -> str:
    """The link that proves the address; it is made when the mail leaves, so that its hours count from then."""
    return absolute(reverse("privacy:case_confirm", args=[make_confirm_token(case)]))


def read_confirm_token(token: str) -> tuple[uuid.UUID, bool] | None:
    """The public id that a word stands for and whether its 48 hours are over; None for one that we did not make."""
    signer = TimestampSigner(salt=CONFIRM_SALT)
    try:
        return uuid.UUID(signer.unsign(token, max_age=CONFIRM_HOURS * 3600)), False
    except SignatureExpired:
        return uuid.UUID(signer.unsign(token)), True
    except (BadSignature, ValueError):
        return None


def _secret(key: Any, ident: str) -> str:
    return hmac.new(SALT + str(key).encode(), ident.encode(), hashlib.sha256).hexdigest()
