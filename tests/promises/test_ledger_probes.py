"""The probes of recipients and of staff access by grant turn red when the product is broken on purpose."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from accounts.testing import make_agent, make_officer
from audit.models import Entry, RecipientRecord
from core.outbound import Recipient, registry
from core.personal_data import Purpose
from privacy.actions.disclosing import approve_demand, note_sent, record_demand
from privacy.models import LegalDisclosure
from support.actions.access import give_access, note_look

Watch = Callable[[str], Any]


def test_a_review_that_is_overdue(site: None, turns_red: Watch):
    with turns_red("recipients_reviewed"):
        RecipientRecord.objects.filter(key="mail").update(review_on="2020-01-01")


def test_a_recipient_without_a_record(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("recipients_reviewed"):
        monkeypatch.setitem(registry.recipients, "new", Recipient("new", "New", (Purpose.SERVICE,), "nothing"))


def test_a_recipient_that_the_public_list_leaves_out(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from privacy.views import recipients

    with turns_red("recipients_listed"):
        monkeypatch.setattr(recipients, "list_rows", lambda: [])


def test_a_look_after_the_end_of_its_grant(site: None, company: Account, turns_red: Watch):
    with account_scope(company):
        owner = Membership.objects.select_related("account", "user").get(account=company)
        grant = give_access(by=owner, hours=1, reason="Look at chat 12 please")
    agent = make_agent()
    note_look(agent=agent, grant=grant)
    with turns_red("chats_by_grant"), account_scope(company):
        grant.ends_at = grant.starts_at + timedelta(microseconds=1)
        grant.save(update_fields=["ends_at"])


@pytest.fixture
def disclosed(site: None) -> LegalDisclosure:
    """A demand that two officers looked at and that was answered, with a day until which nobody may be told."""
    first, second = make_officer(), make_officer()
    demand = record_demand(by=first, ground="court", requester="A court", reference="", scope="Log-ins", user=None)
    approve_demand(by=second, found=demand)
    until = timezone.now().date() + timedelta(days=9)
    return note_sent(by=first, found=demand, copy=b"What was sent", silent_until=until)


def test_a_disclosure_that_the_ledger_does_not_know(disclosed: LegalDisclosure, turns_red: Watch):
    with turns_red("legal_two_people"):
        Entry.objects.filter(action="disclosed.legal").delete()


def test_a_disclosure_of_more_than_was_approved(disclosed: LegalDisclosure, turns_red: Watch):
    with turns_red("legal_two_people"):
        LegalDisclosure.objects.update(scope="Log-ins and all chats")


def test_a_person_whom_nobody_told_when_the_silence_was_over(disclosed: LegalDisclosure, turns_red: Watch):
    with turns_red("legal_two_people"):
        LegalDisclosure.objects.update(silent_until=timezone.now().date() - timedelta(days=4))


def test_controls_that_nobody_looked_at_for_a_year(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from privacy import security
    from privacy.promises import pages

    old = security.read_log()
    late = replace(old, controls=tuple(replace(one, checked=date(2020, 1, 1)) for one in old.controls))
    with turns_red("security_log"):
        monkeypatch.setattr(pages, "read_log", lambda: late)
