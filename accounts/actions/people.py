"""Writes of a person: profile, proof of the address, leave and return, staff rights."""

import datetime
import zoneinfo
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.actions.changes import note_change
from accounts.events import person_renamed
from accounts.models import Account, Membership, StaffAssignment, User
from audit.actions import forget_subjects, record
from core.errors import Refused
from core.realtime import close_user_sockets

UNVERIFIED_DAYS = 7  # a sign-up whose address is not confirmed is removed after these days


@transaction.atomic
def change_profile(*, user: User, name: str, surname: str, language: str, time_zone: str = "") -> User:
    """Changes a person's own names, language and time zone; the old values are kept for the person (S98).

    Without a time zone of their own they see that of the account. Refuses `bad_language`, `bad_time_zone`.
    """
    if language not in dict(settings.LANGUAGES):
        raise Refused("bad_language", _("Choose a language from the list"))
    if time_zone and time_zone not in zoneinfo.available_timezones():
        raise Refused("bad_time_zone", _("Choose a time zone from the list"))
    wanted = {"name": name, "surname": surname, "language": language, "time_zone": time_zone}
    old = {field: str(getattr(user, field)) for field, value in wanted.items() if getattr(user, field) != value}
    if old:
        for field in old:
            setattr(user, field, wanted[field])
        user.save(update_fields=list(old))
        note_change(user_id=user.pk, what="profile.changed", old_values=old, facts={"fields": sorted(old)})
        name_changed = {"name", "surname"} & set(old)
        if name_changed:
            transaction.on_commit(lambda: person_renamed.send_robust(sender=User, user_id=user.pk))
    return user


@transaction.atomic
def confirm_first_address(*, user: User, proved_here: bool) -> bool:
    """Called when a person's first address was confirmed. Returns whether the password was taken away.

    Unless the same browser session signed up or logged in with the password (`proved_here`), whoever chose the
    password may be somebody else who typed this address (SAFETY: pre-hijack): it is made useless and every session
    ends. A second trial for a website of another confirmed account ends when that one's does.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.last_login is not None:
        return False
    for membership in Membership.objects.filter(user=locked, role=Membership.Role.OWNER).select_related("account"):
        _share_trial(membership.account)
    if proved_here:
        return False
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    SocialAccount.objects.filter(user=locked).delete()  # it was connected by whoever typed the address
    user.password = locked.password  # the caller may go on to log this object in
    close_user_sockets(locked.pk)
    _log(locked, locked.pk, "password.discarded", {"reason": "address confirmed in another browser"})
    return True


def _share_trial(account: Account) -> None:
    """Two sign-ups for one website that were both unconfirmed share the trial of the first one to be confirmed."""
    if account.trial_ends_at is None:
        return
    first = queries.find_first_account_of_website(account.website, besides=account.pk)
    if first is not None and first.trial_ends_at and first.trial_ends_at < account.trial_ends_at:
        account.trial_ends_at = first.trial_ends_at
        account.save(update_fields=["trial_ends_at"])


@transaction.atomic
def deactivate_user(*, user: User, by_user_id: int) -> None:
    """Ends a person's access: log-in refused, sessions and sockets closed. Refuses `last_owner`, `self_staff`."""
    if user.is_staff and user.pk == by_user_id:
        raise Refused("self_staff", _("You cannot deactivate yourself here."))
    for owned in Membership.objects.filter(user=user, role=Membership.Role.OWNER):
        Account.objects.select_for_update().filter(pk=owned.account_id).first()
        others = Membership.objects.filter(
            account_id=owned.account_id, role=Membership.Role.OWNER, user__is_active=True
        ).exclude(user=user)
        if not others.exists() and Membership.objects.filter(account_id=owned.account_id).count() > 1:
            raise Refused("last_owner", _("An account needs an owner. Make somebody else owner first."))
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        end_sessions(user_id=user.pk)
        _log(user, by_user_id, "user.deactivated", {})


@transaction.atomic
def reactivate_user(*, user: User, by_user_id: int) -> None:
    """Gives a deactivated person their access back."""
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True, erase_at=None):
        _log(user, by_user_id, "user.reactivated", {})


@transaction.atomic
def set_staff(*, user: User, is_staff: bool, by_user_id: int) -> None:
    """Makes a person one of our staff, or no longer: then their roles go too. Refuses `self_staff`."""
    if user.pk == by_user_id:
        raise Refused("self_staff", _("You cannot change your own staff rights."))
    changes = {"is_staff": is_staff} if is_staff else {"is_staff": False, "is_superuser": False}
    if User.objects.filter(pk=user.pk).exclude(is_staff=is_staff).update(**changes):
        if not is_staff:
            StaffAssignment.objects.filter(user_id=user.pk).delete()
        end_sessions(user_id=user.pk)
        _log(user, by_user_id, "staff.added" if is_staff else "staff.removed", {})


@transaction.atomic
def end_sessions(*, user_id: int) -> int:
    """Ends every session of a person, with its sockets: they log in again, under new session keys. Returns how many."""
    keys = list(UserSession.objects.filter(user_id=user_id).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    close_user_sockets(user_id)
    return len(keys)


def end_sockets(*, user_id: int) -> None:
    """Closes every socket of a person: after log-out, a changed password, ended sessions."""
    close_user_sockets(user_id)


@transaction.atomic
def end_some_sessions(*, user: User, but: str = "", only: int | None = None) -> int:
    """Ends the person's other log-ins, all but the session with the key `but`, or only the listed one `only`.

    Sockets of the ended ones close; those of this browser connect again. Returns how many ended.
    """
    sessions = UserSession.objects.filter(user_id=user.pk).exclude(session_key=but)
    if only is not None:
        sessions = sessions.filter(pk=only)
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    if keys:
        close_user_sockets(user.pk)
        note_change(user_id=user.pk, what="sessions.ended", facts={"count": len(keys)})
    return len(keys)


@transaction.atomic
def record_sign_in_change(*, user_id: int, action: str, old_values: dict[str, str] | None = None) -> None:
    """Notes a change of how a person logs in (password, second step, passkey, address)."""
    note_change(user_id=user_id, what=action, old_values=old_values)


@transaction.atomic
def remove_unverified_accounts(*, now: datetime.datetime | None = None, limit: int = 500) -> int:
    """Deletes sign-ups whose address was not confirmed within 7 days, with their company. Returns how many."""
    before = (now or timezone.now()) - datetime.timedelta(days=UNVERIFIED_DAYS)
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    stale = list(
        User.objects.filter(~Exists(verified), date_joined__lt=before, last_login=None, is_staff=False)
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )
    if stale:
        _remove_sign_ups(stale)
        record(account_ref=None, actor="system", action="signups.expired", facts={"people": len(stale)})
    return len(stale)


@transaction.atomic
def remove_unproved(*, user: User) -> None:
    """Removes a sign-up whose address somebody else has just proved to own, with password, sessions and company.

    Whoever typed this address first keeps no way in (SAFETY: pre-hijack). Refuses `taken` for anybody who has
    proved the address or logged in meanwhile.
    """
    locked = User.objects.select_for_update().filter(pk=user.pk, last_login=None, is_staff=False).first()
    if locked is None or EmailAddress.objects.filter(user=locked, verified=True).exists():
        raise Refused("taken", _("This e-mail cannot be used."))
    end_sessions(user_id=locked.pk)
    _remove_sign_ups([locked.pk])
    record(account_ref=None, actor="system", action="signup.displaced", facts={})


def _remove_sign_ups(stale: list[int]) -> None:
    others = Membership.objects.filter(account=OuterRef("pk")).exclude(user_id__in=stale)
    accounts = Account.objects.filter(~Exists(others), memberships__user_id__in=stale)
    account_ids = list(accounts.values_list("pk", flat=True))
    User.objects.filter(pk__in=stale).delete()
    Account.objects.filter(pk__in=account_ids).delete()
    forget_subjects(subjects=[f"user:{pk}" for pk in stale])  # their entries stay and mean nobody


def _log(user: User, by_user_id: int, action: str, facts: dict[str, Any]) -> None:
    record(account_ref=None, actor=f"user:{by_user_id}", subject=f"user:{user.pk}", action=action, facts=facts)
