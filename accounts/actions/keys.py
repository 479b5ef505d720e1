"""Writes of API keys: made, used, revoked."""

import datetime
import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Membership
from accounts.roles import SCOPES, can
from audit.actions import record
from core.errors import Refused, not_found

PREFIX = "lc_"
MOST_KEYS = 20  # open keys of one member
MOST_DAYS = 730
USED_SECONDS = 60  # "last used" is written at most once in these


def hash_key(secret: str) -> str:
    """The SHA-256 by which a key is found."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_api_key(
    *, membership: Membership, name: str, scopes: Iterable[str], days: int | None = None, now: Any = None
) -> tuple[ApiKey, str]:
    """Makes a key that acts as this member, and answers it with its secret, which is never shown again.

    `scopes` are words of SCOPES that the member's role allows; `days` until it expires (None: never). Refuses
    `not_found` for who may not, `bad_scope`, `no_name`, `bad_days` (1 to 730) and `too_many`.
    """
    now = now or timezone.now()
    wanted = set(scopes)
    name = " ".join(name.split())[:80]
    if not can(membership, "keys.own"):
        raise not_found()
    if not name:
        raise Refused("no_name", _("Give the key a name, so that you know it again"))
    if not wanted or not wanted <= set(SCOPES) or not all(can(membership, scope) for scope in wanted):
        raise Refused("bad_scope", _("Choose at least one thing that the key may do"))
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Refused("bad_days", _("A key can live from 1 to %(days)d days") % {"days": MOST_DAYS})
    locked = Membership.objects.select_for_update().filter(pk=membership.pk).first()
    if locked is None:
        raise not_found()
    keys = ApiKey.objects.filter(membership=locked, revoked_at=None)
    if keys.filter(Q(expires_at=None) | Q(expires_at__gt=now)).count() >= MOST_KEYS:
        raise Refused("too_many", _("You have %(count)d keys. Revoke one first.") % {"count": MOST_KEYS})
    prefix = f"{PREFIX}{secrets.token_hex(3)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        account_id=membership.account_id,
        membership=locked,
        name=name,
        prefix=prefix,
        secret_hash=hash_key(secret),
        scopes=" ".join(sorted(wanted)),
        created_at=now,
        expires_at=now + datetime.timedelta(days=days) if days else None,
    )
    _log(key, membership, "api_key.created", {"scopes": sorted(wanted), "days": days or 0})
    return key, secret


@transaction.atomic
def revoke_api_key(*, key: ApiKey, by: Membership, now: Any = None) -> None:
    """Ends a key at once. Its own member may, and who may edit all keys of the account; `not_found` for others."""
    mine = key.membership_id == by.pk and can(by, "keys.own")
    if key.account_id != by.account_id or not (mine or can(by, "keys.all")):
        raise not_found()
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now or timezone.now()):
        _log(key, by, "api_key.revoked", {})


def note_key_use(*, key: ApiKey, now: Any = None) -> None:
    """Notes that a key was used, at most once a minute."""
    now = now or timezone.now()
    before = now - datetime.timedelta(seconds=USED_SECONDS)
    if key.last_used_at is None or key.last_used_at <= before:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiKey.of(key.account).filter(stale, pk=key.pk).update(last_used_at=now)


def _log(key: ApiKey, by: Membership, action: str, facts: dict[str, Any]) -> None:
    record(
        account_ref=key.account_id,
        actor=f"user:{by.user_id}",
        subject=f"user:{key.membership.user_id}",
        action=action,
        facts={"key": key.prefix, **facts},
    )
