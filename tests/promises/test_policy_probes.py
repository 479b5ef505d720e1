"""Probes of the records behind the policy, the time machine and the feed: each turns red when the product breaks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import StaffAssignment, User
from policies import queries
from policies.actions import publish_version, record_entity, record_framework
from policies.models import LegalEntity, Sentence, Version
from policies.testing import make_records, make_version

Watch = Callable[[str], Any]


def test_a_policy_that_names_another_company(site: None, turns_red: Watch):
    record_entity(name="Specimen Ltd", office="1 Example Street")
    publish_version(kind="policy")
    with turns_red("one_entity"):
        LegalEntity.objects.update(name="Other Ltd")


def test_a_company_that_took_over_in_silence(site: None, turns_red: Watch):
    record_entity(name="Specimen Ltd", office="1 Example Street")
    record_entity(name="Successor Ltd", office="2 Example Street")
    with turns_red("takeover_told"):
        Version.objects.filter(material=True).update(material=False)


def test_a_void_membership_that_is_shown_as_holding(site: None, turns_red: Watch, change_file: Any):
    today = timezone.now().date()
    record_framework(name="Void", certificate="C", since=today - timedelta(days=9), until=today - timedelta(days=1))
    with turns_red("frameworks_dated"):
        change_file("templates/policies/_who_we_are.html", 'data-state="{{ state }}"', 'data-state="active"')


def test_an_officer_who_is_none(site: None, turns_red: Watch, pia: User):
    make_records(pia)
    with turns_red("officer_holds_office"):
        StaffAssignment.objects.filter(user=pia).delete()


def test_a_principle_that_nobody_checks(site: None, turns_red: Watch):
    with turns_red("principles_kept"):
        Sentence.objects.update(rows=[])


def test_a_day_that_gives_another_text(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    Version.objects.filter(kind="policy").update(effective_at=timezone.now() - timedelta(days=9))
    second = make_version("Another text.")
    with turns_red("time_machine"):
        monkeypatch.setattr(queries, "find_version_on", lambda kind, day: second)


def test_a_version_that_the_feed_leaves_out(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("changes_fed"):
        monkeypatch.setattr(queries, "list_versions", lambda kind: [])
