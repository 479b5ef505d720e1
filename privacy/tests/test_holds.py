"""A legal hold keeps rows from erasure and retention until its day, and an officer sees it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.actions import erase_what_is_due, leave
from accounts.actions.erasing import erase_account
from accounts.models import Account, User
from accounts.scoping import scopes_disabled
from chat.models import Visitor
from chat.testing import make_chat
from core.errors import Refused
from core.personal_data import Subject, SubjectRef
from privacy.actions import erasing, holds
from privacy.actions.retention import apply_retention
from privacy.models import Hold
from privacy.persons import person_of_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR, settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path, tmp_path / "media", tmp_path / "files"


def hold(pia, ref, days=60):
    day = timezone.now().date() + timedelta(days=days)
    return holds.place_hold(refs=[ref], reason="A claim is open.", owner=pia, review_on=day)


def test_a_held_person_is_not_erased_until_the_hold_ends(bob, bob_member, pia):
    placed = hold(pia, SubjectRef(Subject.USER, bob.pk))
    with pytest.raises(Refused, match="on_hold"):
        erasing.plan_erasure(person=person_of_user(bob))
    leave(user=bob)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert erase_what_is_due()["people"] == 0 and User.objects.filter(pk=bob.pk).exists()
        holds.end_hold(hold=placed, by=f"user:{pia.pk}")
        assert erase_what_is_due()["people"] == 1
    assert not User.objects.filter(pk=bob.pk).exists()


def test_a_hold_that_comes_between_plan_and_run_stops_the_run(bob, bob_member, pia):
    plan = erasing.begin_erasure(person=person_of_user(bob))
    hold(pia, SubjectRef(Subject.USER, bob.pk))
    assert erasing.run_due_erasures() == 0 and User.objects.filter(pk=bob.pk).exists()
    with pytest.raises(Refused, match="on_hold"):
        erasing.run_erasure(plan=plan)


def test_retention_passes_over_held_rows_and_the_account_stays_until_the_day_of_the_hold(acme, dave, pia):
    make_chat(acme, text="Hello", visitor=dave)
    with scopes_disabled():
        Visitor.objects.filter(pk=dave.pk).update(seen_at=timezone.now() - timedelta(days=31), page_url="/needle/")
    hold(pia, SubjectRef(Subject.VISITOR, dave.pk), days=5)
    apply_retention()
    with scopes_disabled():
        assert Visitor.objects.get(pk=dave.pk).page_url == "/needle/"
    with pytest.raises(Refused, match="on_hold"):
        erase_account(account=acme)
    assert Account.objects.filter(pk=acme.pk).exists()
    with time_machine.travel(timezone.now() + timedelta(days=7), tick=False):
        apply_retention()
    with scopes_disabled():
        assert Visitor.objects.get(pk=dave.pk).page_url == ""
    assert Hold.objects.get().ended_at


def test_an_officer_places_sees_and_ends_holds_and_decides_what_stays(pia, bob, acme, client_of):
    browser, day = client_of(pia), (timezone.now() + timedelta(days=30)).date().isoformat()
    page = "/privacy/erasures/"
    sent = {"act": "hold", "email": bob.email, "reason": "A claim is open.", "review_on": day}
    for wrong in ({"review_on": "2001-01-01"}, {"reason": ""}, {"email": "nobody@specimen.example"}):
        assert browser.post(page, sent | wrong).status_code == 400
    assert not Hold.objects.exists()
    assert browser.post(page, sent).status_code == 302
    assert "A claim is open." in browser.get(page).content.decode()
    assert "The law makes us keep this" in client_of(bob).get("/privacy/erase/").content.decode()
    browser.post(page, {"act": "end_hold", "number": Hold.objects.get().pk})
    assert "No hold is in force" in browser.get(page).content.decode()
    make_chat(acme, text=f"Ask {bob.email}")
    plan = erasing.run_erasure(plan=erasing.begin_erasure(person=person_of_user(bob)))
    assert "chat.Message.text" in browser.get(page).content.decode()
    assert browser.post(page, {"act": "accept", "number": plan.pk, "because": " "}).status_code == 400
    browser.post(page, {"act": "accept", "number": plan.pk, "because": "Somebody else wrote it."})
    assert erasing.run_due_erasures() == 1
    for number in (plan.pk, 0, "x", ""):
        assert browser.post(page, {"act": "again", "number": number}).status_code in (400, 404)
    assert Client().get(page).status_code == 302 and browser.post(page, {"act": "?"}).status_code in (400, 404)
