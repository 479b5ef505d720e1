"""Reads about people's accounts with other services."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.provider_list import list_providers
from core.errors import not_found

WORDS = {"name": _("first name"), "surname": _("surname"), "email": _("e-mail")}


@dataclass(frozen=True)
class Connection:
    """A service in the profile: connected (then with `pk`), or one that could be."""

    name: str
    icon: str
    slug: str  # empty: it is not configured any more
    pk: int | None = None
    since: datetime | None = None
    gave: tuple[Any, ...] = ()


def find_noted(key: str, uid: str) -> dict[str, Any]:
    """What was noted about a connection when it was made; {} for a new one."""
    found = SocialAccount.objects.filter(provider=key, uid=uid).values_list("extra_data", flat=True).first()
    return dict(found or {})


def list_connections(user: User) -> list[Connection]:
    """The person's accounts elsewhere, and the configured services that they have not connected."""
    rows = list(SocialAccount.objects.filter(user_id=user.pk).order_by("date_joined", "pk"))
    providers = {one.key: one for one in list_providers()}
    found = []
    for row in rows:
        one = providers.get(row.provider)
        gave = tuple(WORDS[name] for name in row.extra_data.get("gave", []) if name in WORDS)
        name, icon, slug = (one.name, one.icon, one.slug) if one else (row.provider, "openid", "")
        found.append(Connection(name, icon, slug, row.pk, row.date_joined, gave))
    connected = {row.provider for row in rows}
    return found + [Connection(one.name, one.icon, one.slug) for key, one in providers.items() if key not in connected]


def find_connection(user: User, pk: int) -> SocialAccount:
    """One of the person's own connections. Refuses `not_found`."""
    found = SocialAccount.objects.filter(user_id=user.pk, pk=pk).first()
    if found is None:
        raise not_found()
    return found


def is_last_way_in(account: SocialAccount) -> bool:
    """Whether the person would be left with no password, no passkey and no other connection."""
    others = SocialAccount.objects.filter(user_id=account.user_id).exclude(pk=account.pk).exists()
    keys = Authenticator.objects.filter(user_id=account.user_id, type=Authenticator.Type.WEBAUTHN).exists()
    return not (others or keys or User.objects.get(pk=account.user_id).has_usable_password())


def find_unproved(email: str) -> User | None:
    """Who signed up with this address, never proved it and never logged in: perhaps somebody else's doing."""
    user = User.objects.filter(email=email.strip().lower(), last_login=None, is_staff=False).first()
    if user is None or EmailAddress.objects.filter(user=user, verified=True).exists():
        return None
    return user
