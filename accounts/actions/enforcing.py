"""Writes of suspensions by our staff: an account that is read-only, a member who cannot write in public (S53)."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, User
from audit.actions import record


@transaction.atomic
def set_account_suspended(*, account: Account, is_suspended: bool, by_user_id: int) -> None:
    """The account can be read and exported and its widget is closed; or it is as before. Again changes nothing."""
    at = timezone.now() if is_suspended else None
    if Account.objects.filter(pk=account.pk, suspended_at__isnull=is_suspended).update(suspended_at=at):
        action = "account.suspended" if is_suspended else "account.suspension_lifted"
        record(account_ref=account.pk, actor=f"user:{by_user_id}", action=action, subject=f"account:{account.pk}")
    account.suspended_at = at


@transaction.atomic
def set_member_suspended(*, user: User, is_suspended: bool, by_user_id: int) -> None:
    """The member reads and does not write in public; log-in, requests and export stay. Again changes nothing."""
    at = timezone.now() if is_suspended else None
    if User.objects.filter(pk=user.pk, suspended_at__isnull=is_suspended).update(suspended_at=at):
        action = "person.suspended" if is_suspended else "person.suspension_lifted"
        record(account_ref=None, actor=f"user:{by_user_id}", action=action, subject=f"user:{user.pk}")
    user.suspended_at = at
