from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, Membership
from notifications.testing import switch_on
from outbox.models import Delivery
from reports.models import SummaryDay
from reports.testing import make_day

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("send_daily_summaries", *arguments, stdout=out)
    return out.getvalue()


def test_a_dry_run_says_what_would_be_sent_and_writes_nothing(acme: Account, alice_member: Membership) -> None:
    switch_on(alice_member)
    make_day(acme, datetime(2026, 5, 12, 9, tzinfo=UTC), chats=3, wait=34)
    said = run("--for", "2026-05-12", "--account", "acme-bikes", "--dry-run")
    assert "acme-bikes 2026-05-12 (UTC): 3 chats, 0 gave up, median wait 34 s; 1 people want it" in said
    assert "1 mails would be planned." in said
    assert not Delivery.objects.exists() and not SummaryDay.objects.exists()


def test_a_day_is_planned_once_however_often_it_is_asked_for(acme: Account, alice_member: Membership) -> None:
    switch_on(alice_member)
    assert "acme-bikes 2026-05-12: 1 mails" in run("--for", "2026-05-12", "--account", "acme-bikes")
    assert "planned already" in run("--for", "2026-05-12", "--account", "acme-bikes")
    assert Delivery.objects.count() == 1


def test_without_an_account_everybody_who_wants_it_is_served(
    alice_member: Membership, cakes: Account, acme: Account
) -> None:
    switch_on(alice_member)
    said = run("--for", "2026-05-12")
    assert "acme-bikes" in said and cakes.slug not in said


def test_an_account_that_is_not_there_is_said() -> None:
    with pytest.raises(CommandError, match="no account nobody"):
        run("--account", "nobody")
