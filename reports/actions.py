"""Writes of reports: claims a local day of an account and puts its summary mails into the outbox, once (S41)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from audit.actions import record, record_export
from core.errors import Refused
from core.faults import fault_point
from core.personal_data import Purpose
from notifications.models import Preference
from outbox.actions import NewDelivery, enqueue_many
from reports import queries
from reports.models import SummaryDay
from reports.periods import LATEST, DueDay, list_due_days, period_of, zone_named

ACCOUNTS_AT_ONCE = 500
WITH_NAMES = frozenset({"operators"})  # tables that name people


def plan_summaries(now: datetime | None = None) -> int:
    """Puts the summaries that are due into the outbox and answers how many mails; run again, it adds nothing.

    Due is the day before, from settings.SUMMARY_HOUR in the account's time zone, for 24 hours. Each batch of 500
    accounts is one transaction: killed in the middle, the next run goes on with the accounts that are not claimed.
    Costs two statements when nothing is due, else at most 2 + 8 for each batch (G15).
    """
    now = now or timezone.now()
    due = list_due_days(now, queries.list_zones_in_use())
    planned = 0
    while due:
        recipients = queries.list_due_recipients(due, accounts=ACCOUNTS_AT_ONCE)
        if recipients:
            planned += _claim(recipients=recipients, due=due, now=now)
            fault_point("reports.after_batch")
        if len({row.account_id for row in recipients}) < ACCOUNTS_AT_ONCE:
            break
    return planned


@transaction.atomic
def plan_day(*, account: Account, day: date, now: datetime | None = None) -> int:
    """Plans one local day of one account by hand, however old; answers how many mails. They may leave for 24 hours.

    Raises Refused `not_over` for a day that has not ended there, `taken` for one that was planned before.
    """
    now = now or timezone.now()
    zone = zone_named(account.time_zone)
    if period_of(day, zone).end > now:
        raise Refused("not_over", _("That day is not over yet in the account's time zone."))
    if queries.has_claimed(account, day):
        raise Refused("taken", _("The summary of that day was planned already."))
    due = {account.time_zone: DueDay(day, now, None)}
    return _claim(recipients=queries.list_recipients(account), due=due, now=now, account=account)


@transaction.atomic
def _claim(
    *, recipients: Sequence[Preference], due: Mapping[str, DueDay], now: datetime, account: Account | None = None
) -> int:
    """Claims (account, day) and writes the outbox rows in one transaction. Two unique keys guard it: the claim's and
    the outbox row's, so that two planners at once plan each mail once.
    """
    claims, rows = [], []
    if account is not None and not recipients:
        claims.append(SummaryDay(account=account, day=due[account.time_zone].day, claimed_at=now))
    for account_id, group in groupby(recipients, key=lambda row: row.account_id):
        members = list(group)
        owner = members[0].account
        assert owner is not None  # noqa: S101  switched_on() leaves the others out
        entry = due[owner.time_zone]
        # an account that has stopped has no day to tell about, and is not looked at again
        has_stopped = owner.is_read_only(period_of(entry.day, zone_named(owner.time_zone)).start)
        letters = [] if has_stopped else [_delivery(row, owner, entry) for row in members]
        claims.append(SummaryDay(account_id=account_id, day=entry.day, claimed_at=now, mails=len(letters)))
        rows += letters
    SummaryDay.objects.bulk_create(claims, ignore_conflicts=True)
    fault_point("reports.after_claim")
    return enqueue_many(rows)


def _delivery(row: Preference, account: Account, entry: DueDay) -> NewDelivery:
    return NewDelivery(
        kind=queries.KIND,
        key=f"{account.pk}:{entry.day.isoformat()}",
        recipient=f"user:{row.user_id}",
        payload={"day": entry.day.isoformat(), "zone": account.time_zone},
        account_ref=account.pk,
        expires_at=entry.due_at + LATEST,
    )


def note_export(*, by: Membership, table: str, kind: str, rows: int) -> None:
    """Notes in the account's log that somebody downloaded a table of figures; a table with names is a disclosure."""
    record(
        account_ref=by.account_id,
        actor=f"user:{by.user_id}",
        action="reports.exported",
        facts={"table": table, "kind": kind, "rows": rows},
    )
    if table in WITH_NAMES:
        record_export(
            by=f"user:{by.user_id}", subject=f"account:{by.account_id}", account_ref=by.account_id,
            why=f"report.{table}", purpose=Purpose.CHAT,
        )  # fmt: skip
