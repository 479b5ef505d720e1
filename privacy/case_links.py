"""Links of a case: the one that proves an address (48 hours, once), and the secret one of its page.

The secret is made again when a mail leaves and stored only as a hash.
"""

import uuid
from typing import Any

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse

from accounts.links import absolute
from core import secret_links

SALT = b"privacy.case.link"
CONFIRM_SALT = "privacy.case.confirm"
CONFIRM_HOURS = 48


def make_secret(case: Any) -> str:
    """The secret of a case."""
    return secret_links.make_secret(SALT, case.public_id)


def find_secret(case: Any) -> str:
    """The secret of a case, "" when the site's keys are all newer."""
    return secret_links.find_secret(SALT, case.public_id, case.secret_hash)


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
