"""Links into accounts, always below PUBLIC_ORIGIN, with tokens made when they are needed."""

from typing import Any
from uuid import UUID

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import signing
from django.urls import reverse

RECOVERY_SALT = "access.recovery"


def absolute(path: str) -> str:
    """A path of this site as a URL: never from the Host header of a request (SAFETY: reset poisoning)."""
    return f"{settings.PUBLIC_ORIGIN}{path}"


def confirmation_url(address: EmailAddress) -> str:
    """The link that confirms an address; valid for three days, once."""
    return absolute(reverse("account_confirm_email", args=[EmailConfirmationHMAC.create(address).key]))


def password_reset_path(user: Any) -> str:
    """The path at which this person sets a new password; valid until the password or the address changes."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})


def password_reset_url(user: Any) -> str:
    """`password_reset_path` as a link for a mail."""
    return absolute(password_reset_path(user))


def sign_in_url(slug: str) -> str:
    """Where a service sends the browser back to; it is registered there, so it never depends on a request."""
    return absolute(reverse("accounts:sign_in_back", args=[slug]))


def recovery_url(link: Any) -> str:
    """The link that opens an account's access to everyone again; made when the mail leaves, never stored."""
    token = signing.dumps(link.public_id.hex, salt=RECOVERY_SALT)
    return absolute(reverse("accounts:recover", args=[token]))


def read_recovery_token(token: str) -> UUID | None:
    """The public id in a token of `recovery_url`; None when it is forged. Its age and use are in the row."""
    try:
        return UUID(signing.loads(token, salt=RECOVERY_SALT))
    except (signing.BadSignature, ValueError):
        return None


WAY_BACK = "accounts.way_back"


def way_back_url(user: Any) -> str:
    """The link by which a person who left comes back; it dies with the date for which it was made."""
    token = signing.dumps({"user": user.pk, "until": user.erase_at.isoformat()}, salt=WAY_BACK)
    return absolute(reverse("accounts:come_back", args=[token]))


def read_way_back(token: str) -> tuple[int, str] | None:
    """The person and the date of a way-back link; None for a wrong one."""
    try:
        told = signing.loads(token, salt=WAY_BACK)
        return int(told["user"]), str(told["until"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def version_url(version: Any) -> str:
    """The absolute address of what a version of policy or terms changes."""
    return absolute(reverse(f"policies:{version.kind}_diff", args=[version.number - 1, version.number]))
