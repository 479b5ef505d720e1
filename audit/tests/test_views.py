"""Who of our staff saw a person's data stands in the ledger, once an hour, and the person can read it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from accounts.testing import TOTP_SECRET
from audit.actions import forget_subjects, record_export, record_view
from audit.models import Entry
from audit.queries import list_disclosures_about, verify_all
from core.personal_data import Purpose

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


def test_looks_of_one_hour_are_one_line_and_each_export_is_its_own():
    for _look in range(3):
        record_view(staff_user_id=5, subject="user:12", account_ref=None, why="support.desk")
    record_view(staff_user_id=6, subject="user:12", account_ref=None, why="support.desk")
    Entry.objects.update(at=timezone.now() - timedelta(minutes=61))
    record_view(staff_user_id=5, subject="user:12", account_ref=None, why="support.desk")
    for _taken in range(2):
        record_export(by="user:5", subject="user:12", account_ref=None, why="case", purpose=Purpose.RIGHTS)
    found = list_disclosures_about(["user:12"])
    assert sorted(one.channel for one in found) == ["export", "export", "view", "view", "view"]
    assert {str(one.recipient_name) for one in found} == {"a member of our staff"}


def test_nobody_reads_the_lines_of_another_and_none_are_left_after_erasure():
    record_view(staff_user_id=5, subject="user:12", account_ref=None, why="support.desk")
    assert list_disclosures_about(["user:13"]) == []
    forget_subjects(subjects=["user:12"])
    assert list_disclosures_about(["user:12"]) == []
    assert list(verify_all()) == []


def test_an_administrator_who_opens_a_persons_record_is_in_their_ledger(
    ada: User, bob_member: Membership, client_of: Browser
):
    browser = client_of(ada)
    assert browser.get(f"/admin/accounts/user/{bob_member.user_id}/change/").status_code == 302, "no second factor yet"
    assert list_disclosures_about([f"user:{bob_member.user_id}"]) == []
    TOTP.activate(ada, TOTP_SECRET)
    assert browser.get(f"/admin/accounts/user/{bob_member.user_id}/change/").status_code == 200
    assert browser.get(f"/admin/accounts/membership/{bob_member.pk}/change/").status_code == 200
    found = list_disclosures_about([f"user:{bob_member.user_id}"])
    assert [(one.channel, one.reference) for one in found] == [("view", "membership"), ("view", "user")]
