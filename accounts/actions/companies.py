"""Writes of a company: its data, its end, the reminders of the trial's end."""

import datetime
import zoneinfo
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import events
from accounts.models import Account, Membership
from accounts.roles import can
from accounts.websites import read_website
from audit.actions import record
from core.errors import Refused, not_found
from outbox.actions import NewDelivery, enqueue_many

REMINDER_DAYS = (7, 1)  # days before the end of the trial on which the owners are written to (S11)
EDITABLE = ("company", "address", "website", "time_zone", "chat_keep_days", "truncate_addresses")


@transaction.atomic
def change_company(*, by: Membership, **changes: Any) -> Account:
    """Changes the company's data: any of company, address, website, time_zone, chat_keep_days, truncate_addresses.

    Refuses `not_found` for who may not, `bad_website`, `bad_time_zone`, `bad_keep_days` (7 to 730). The log names the
    fields, never the values (S98).
    """
    if not can(by, "account.edit"):
        raise not_found()
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not fields of a company: {sorted(unknown)}")
    account = Account.objects.select_for_update().get(pk=by.account_id)
    if "website" in changes:
        changes["website"] = read_website(changes["website"])
    if "time_zone" in changes and changes["time_zone"] not in zoneinfo.available_timezones():
        raise Refused("bad_time_zone", _("Choose a time zone from the list"))
    if not 7 <= changes.get("chat_keep_days", account.chat_keep_days) <= 730:
        raise Refused("bad_keep_days", _("Chats can be kept from 7 to 730 days"))
    changed = [name for name, value in changes.items() if getattr(account, name) != value]
    if not changed:
        return account
    for name in changed:
        setattr(account, name, changes[name])
    account.save(update_fields=changed)
    record(
        account_ref=account.pk,
        actor=f"user:{by.user_id}",
        subject=f"account:{account.pk}",
        action="account.changed",
        facts={"fields": sorted(changed)},
    )
    if "time_zone" in changed:
        transaction.on_commit(partial(events.zone_changed.send_robust, Account, account_id=account.pk))
    return account


@transaction.atomic
def set_active_until(*, account_id: int, until: datetime.datetime | None, by_user_id: int) -> Account:
    """An administrator sets (or with None clears) the instant until which the account is active."""
    account = Account.objects.select_for_update().get(pk=account_id)
    before = account.active_until
    if before == until:
        return account
    account.active_until = until
    account.save(update_fields=["active_until"])
    record(
        account_ref=account.pk,
        actor=f"user:{by_user_id}",
        subject=f"account:{account.pk}",
        action="account.prolonged",
        facts={"from": before.isoformat() if before else "", "until": until.isoformat() if until else ""},
    )
    return account


@transaction.atomic
def prolong_account(*, account_id: int, days: int, by_user_id: int) -> Account:
    """Prolongs an account by `days` from its end, or from now when it has ended. Refuses `no_end` without a trial."""
    account = Account.objects.get(pk=account_id)
    if account.ends_at is None:
        raise Refused("no_end", _("This account has no end."))
    start = max(account.ends_at, timezone.now())
    return set_active_until(account_id=account_id, until=start + datetime.timedelta(days=days), by_user_id=by_user_id)


@transaction.atomic
def send_trial_reminders(*, now: datetime.datetime | None = None) -> int:
    """Queues the mails 7 days and 1 day before the end of a trial, once per owner and day (S11). Returns how many."""
    now = now or timezone.now()
    horizon = now + datetime.timedelta(days=max(REMINDER_DAYS))
    owners = (
        Membership.objects.filter(
            role=Membership.Role.OWNER,
            user__is_active=True,
            account__trial_ends_at__gt=now,
            account__trial_ends_at__lte=horizon,
        )
        .select_related("account")
        .order_by("pk")
    )
    rows = []
    for owner in owners.iterator(chunk_size=500):
        left = owner.account.trial_days_left(now)
        if left is None:  # an administrator prolonged it
            continue
        day = min(day for day in REMINDER_DAYS if left <= day)
        rows.append(
            NewDelivery(
                kind="accounts.trial_ending",
                key=f"account:{owner.account_id}:{day}",
                recipient=f"user:{owner.user_id}",
                payload={"account": owner.account_id},
                account_ref=owner.account_id,
                expires_at=owner.account.trial_ends_at,
            )
        )
    return enqueue_many(rows)
