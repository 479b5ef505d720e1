"""Writes of leaving: a person deactivates their login or comes back, an owner closes an account or opens it again."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import deactivate_user
from accounts.models import Account, ApiKey, Membership, User
from accounts.roles import can
from audit.actions import record, record_export
from core.errors import Refused, not_found
from core.personal_data import Purpose
from core.realtime import close_room_sockets, close_user_sockets
from outbox.actions import NewDelivery, enqueue_many

GRACE_DAYS = 30  # so long everything can be undone; then it is erased


@transaction.atomic
def leave(*, user: User, now: datetime.datetime | None = None) -> datetime.datetime:
    """Deactivates the person's own login: sessions, keys and sockets end now; after GRACE_DAYS it is erased.

    An account in which nobody else works is closed with it. A mail with the way back goes out; the instant of the
    erasure is answered. Refuses `last_owner` and `self_staff` as `deactivate_user` does.
    """
    now = now or timezone.now()
    until = now + datetime.timedelta(days=GRACE_DAYS)
    deactivate_user(user=user, by_user_id=user.pk)
    if not User.objects.filter(pk=user.pk, is_active=False, erase_at=None).update(erase_at=until):
        raise not_found()
    for membership in Membership.objects.filter(user=user).select_related("account"):
        keys = ApiKey.of(membership.account).filter(membership=membership, revoked_at=None)
        keys.update(revoked_at=now)
        alone = not Membership.objects.filter(account_id=membership.account_id).exclude(pk=membership.pk).exists()
        if membership.role == Membership.Role.OWNER and alone:
            _close(membership.account, by_user_id=user.pk, until=until)
    send_way_back(user=user, until=until)
    return until


@transaction.atomic
def send_way_back(*, user: User, until: datetime.datetime) -> int:
    """Queues the mail with the link by which the person comes back; once an hour at most."""
    hour = timezone.now().strftime("%Y-%m-%dT%H")
    return enqueue_many(
        [
            NewDelivery(
                kind="accounts.way_back",
                key=f"{until.isoformat()}:{hour}",
                recipient=f"user:{user.pk}",
                payload={},
                expires_at=until,
            )
        ]
    )


@transaction.atomic
def come_back(*, user: User, now: datetime.datetime | None = None) -> None:
    """Undoes `leave`, with the accounts that were closed by it. Refuses `not_found` once the time is over."""
    locked = User.objects.select_for_update().filter(pk=user.pk, is_active=False).first()
    if locked is None or locked.erase_at is None or locked.erase_at <= (now or timezone.now()):
        raise not_found()
    owned = Account.objects.filter(memberships__user=locked, memberships__role=Membership.Role.OWNER)
    for account in owned.filter(erase_at=locked.erase_at):
        _reopen(account, by_user_id=locked.pk)
    locked.is_active, locked.erase_at = True, None
    locked.save(update_fields=["is_active", "erase_at"])
    record(account_ref=None, actor=f"user:{locked.pk}", subject=f"user:{locked.pk}", action="user.came_back")


def note_account_export(*, by: Membership) -> None:
    """Notes in the ledger that an owner took everything of the account (P3)."""
    record_export(
        by=f"user:{by.user_id}", subject=f"account:{by.account_id}", account_ref=by.account_id, why="account.zip",
        purpose=Purpose.ACCOUNT,
    )  # fmt: skip


@transaction.atomic
def close_account(*, by: Membership, now: datetime.datetime | None = None) -> datetime.datetime:
    """An owner closes the whole account: the widget is closed now, everything is erased after GRACE_DAYS.

    Every owner gets a mail. Refuses `not_found` for who may not, and `closed` when it is closed already.
    """
    account = _lock_owned(by)
    if account.erase_at is not None:
        raise Refused("closed", _("This account is closed already."))
    until = (now or timezone.now()) + datetime.timedelta(days=GRACE_DAYS)
    _close(account, by_user_id=by.user_id, until=until)
    owners = Membership.objects.filter(account=account, role=Membership.Role.OWNER, user__is_active=True)
    enqueue_many(
        [
            NewDelivery(
                kind="accounts.account_closed",
                key=f"account:{account.pk}:{until.isoformat()}",
                recipient=f"user:{owner.user_id}",
                payload={"account": account.pk},
                account_ref=account.pk,
                expires_at=until,
            )
            for owner in owners
        ]
    )
    return until


@transaction.atomic
def reopen_account(*, by: Membership, now: datetime.datetime | None = None) -> None:
    """An owner undoes `close_account` before the date; twice is harmless. Refuses `not_found` for who may not."""
    account = _lock_owned(by)
    if account.erase_at is None:
        return
    if account.erase_at <= (now or timezone.now()):
        raise not_found()
    _reopen(account, by_user_id=by.user_id)


def _lock_owned(by: Membership) -> Account:
    fresh = Membership.objects.filter(pk=by.pk, user__is_active=True).first()
    if not can(fresh, "account.close"):
        raise not_found()
    return Account.objects.select_for_update().get(pk=by.account_id)


def _close(account: Account, *, by_user_id: int, until: datetime.datetime) -> None:
    Account.objects.filter(pk=account.pk).update(erase_at=until)
    account.erase_at = until
    close_room_sockets(f"visitors:{account.pk}")  # their windows say that the company takes no chats
    _after(account, by_user_id, "account.closed", {"until": until.isoformat(timespec="seconds")})


def _reopen(account: Account, *, by_user_id: int) -> None:
    Account.objects.filter(pk=account.pk).update(erase_at=None)
    account.erase_at = None
    _after(account, by_user_id, "account.reopened", {})


def _after(account: Account, by_user_id: int, action: str, facts: dict[str, Any]) -> None:
    """The log's line; open consoles connect again and see the account as it is now."""
    record(
        account_ref=account.pk,
        actor=f"user:{by_user_id}",
        subject=f"account:{account.pk}",
        action=action,
        facts=facts,
    )
    for user_id in Membership.objects.filter(account=account).values_list("user_id", flat=True):
        close_user_sockets(user_id)
