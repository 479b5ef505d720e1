"""Writes of memberships: join, change of role, leave, the active account of a session."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.events import membership_created, membership_removed
from accounts.models import Account, Membership, User
from accounts.roles import can
from audit.actions import record
from core.errors import Refused, not_found
from core.realtime import close_user_sockets


@transaction.atomic
def add_member(*, account: Account, user: User, role: str, by: Membership | None) -> Membership:
    """Makes `user` a member of `account`; `by` is who did it, None for a command of the site.

    Refuses `not_found` for who may not (only an owner makes owners), `taken` for a person who is a member already.
    """
    if by is not None:
        _check_right(by, account.pk, role)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(user=user, account=account, role=role)
    except IntegrityError:
        raise Refused("taken", _("This person is a member already.")) from None
    _log(membership, by, "membership.added", {"role": role})
    transaction.on_commit(lambda: membership_created.send_robust(sender=Membership, membership_id=membership.pk))
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: Membership) -> Membership:
    """Gives a member another role. Refuses `not_found` for who may not, `last_owner`, `bad_role`."""
    if role not in Membership.Role.values:
        raise Refused("bad_role", _("Choose a role from the list"))
    locked = _lock(membership)
    _check_right(by, locked.account_id, role, locked.role)
    if locked.role == role:
        return locked
    if locked.role == Membership.Role.OWNER:
        _check_not_last_owner(locked)
    before = locked.role
    locked.role = role
    locked.save(update_fields=["role"])
    _log(locked, by, "membership.role_changed", {"from": before, "to": role})
    close_user_sockets(locked.user_id)
    return locked


@transaction.atomic
def remove_member(*, membership: Membership, by: Membership) -> None:
    """Ends a membership; the person's sockets are closed. Refuses `not_found` for who may not, and `last_owner`."""
    locked = _lock(membership)
    if by.pk != locked.pk:  # anybody may leave
        _check_right(by, locked.account_id, locked.role)
    if locked.role == Membership.Role.OWNER:
        _check_not_last_owner(locked)
    _log(locked, by, "membership.removed", {"role": locked.role})
    told = {"membership_id": locked.pk, "user_id": locked.user_id, "account_id": locked.account_id}
    locked.delete()
    close_user_sockets(told["user_id"])
    transaction.on_commit(lambda: membership_removed.send_robust(sender=Membership, **told))


@transaction.atomic
def hand_over_ownership(*, to: Membership, by: Membership) -> None:
    """Makes another member owner and the giver an admin, both or neither. Refuses `not_found` for who is no owner."""
    if to.pk == by.pk or to.account_id != by.account_id or not to.user.is_active:
        raise not_found()
    change_role(membership=to, role=Membership.Role.OWNER, by=by)
    change_role(membership=by, role=Membership.Role.ADMIN, by=by)


def choose_account(*, session: Any, user: User, public_id: Any) -> Membership:
    """Makes another of the person's accounts the active one of this session. Refuses `not_found`."""
    membership = Membership.objects.filter(user=user, account__public_id=public_id).select_related("account").first()
    if membership is None:
        raise not_found()
    session["membership"] = membership.pk
    return membership


def _lock(membership: Membership) -> Membership:
    """The membership as it is now, with its account locked, so that two changes cannot both spare the last owner.

    Rows of the account may be added meanwhile: a chat that is being handed over would else wait for us, and we for it.
    """
    Account.objects.select_for_update(no_key=True).filter(pk=membership.account_id).first()
    locked = Membership.objects.filter(pk=membership.pk).first()
    if locked is None:
        raise not_found()
    return locked


def _check_right(by: Membership, account_id: int, *roles: str) -> None:
    """Refuses `not_found` unless `by` may edit this account's team; owners are made and changed by owners only."""
    fresh = Membership.objects.filter(pk=by.pk, account_id=account_id, user__is_active=True).first()
    action = "owners.edit" if Membership.Role.OWNER in roles else "team.edit"
    if fresh is None or not can(fresh, action):
        raise not_found()


def _check_not_last_owner(membership: Membership) -> None:
    others = Membership.objects.filter(
        account_id=membership.account_id, role=Membership.Role.OWNER, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise Refused("last_owner", _("An account needs an owner. Make somebody else owner first."))


def _log(membership: Membership, by: Membership | None, action: str, facts: dict[str, Any]) -> None:
    record(
        account_ref=membership.account_id,
        actor=f"user:{by.user_id}" if by else "system",
        subject=f"user:{membership.user_id}",
        action=action,
        facts=facts,
    )
