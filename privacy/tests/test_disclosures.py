"""A disclosure by law needs a ground of the list and two officers; the person reads it, at once or when they may."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.testing import make_officer
from audit.queries import list_disclosures_about, verify_all
from privacy.models import LegalDisclosure

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
COPY = b"The log-ins of March"


def record(browser: Client, **changes: str) -> int:
    sent = {"ground": "court", "requester": "District court", "scope": "Log-ins", "email": "alice@acme-bikes.example"}
    return browser.post("/staff/disclosures/", {**sent, **changes}).status_code


def act(browser: Client, what: str, **sent: object) -> None:
    demand = LegalDisclosure.objects.get()
    assert browser.post(f"/staff/disclosures/{demand.public_id}/{what}/", sent).status_code == 302


def legal_lines(user: User) -> list[str]:
    return [one.reference for one in list_disclosures_about([f"user:{user.pk}"]) if one.channel == "legal"]


def test_two_officers_and_then_the_person_reads_it(alice: User, pia: User, client_of: Browser):
    first, second = client_of(pia), client_of(make_officer())
    assert record(first) == 302
    act(first, "approve")
    act(first, "sent", copy=SimpleUploadedFile("copy.txt", COPY))
    demand = LegalDisclosure.objects.get()
    assert (demand.approved_at, demand.sent_at, legal_lines(alice)) == (None, None, []), (
        "one officer alone sends nothing"
    )
    act(second, "approve")
    act(second, "sent", copy=SimpleUploadedFile("copy.txt", COPY))
    demand.refresh_from_db()
    assert demand.copy_hash == hashlib.sha256(COPY).hexdigest()
    assert legal_lines(alice) == [f"L-{demand.pk}"]
    assert demand.copy_hash in first.get(f"/staff/disclosures/{demand.public_id}/").content.decode()
    assert list(verify_all()) == []


def test_what_was_approved_is_all_that_may_leave(alice: User, pia: User, client_of: Browser):
    first, second = client_of(pia), client_of(make_officer())
    record(first)
    act(second, "approve")
    LegalDisclosure.objects.update(scope="Log-ins and all chats")
    act(first, "sent", copy=SimpleUploadedFile("copy.txt", COPY))
    demand = LegalDisclosure.objects.get()
    assert (demand.sent_at, legal_lines(alice)) == (None, [])
    page = first.get(f"/staff/disclosures/{demand.public_id}/").content.decode()
    assert "no longer what was approved" in page
    LegalDisclosure.objects.update(scope="Log-ins")
    act(first, "sent", copy=SimpleUploadedFile("copy.txt", COPY))
    assert legal_lines(alice) == [f"L-{demand.pk}"]


def test_a_silent_one_is_in_the_ledger_and_opens_to_the_person_on_its_day(alice: User, pia: User, client_of: Browser):
    first, second = client_of(pia), client_of(make_officer())
    record(first)
    act(second, "approve")
    until = timezone.now().date() + timedelta(days=30)
    act(first, "sent", copy=SimpleUploadedFile("copy.txt", COPY), silent_until=str(until))
    act(first, "tell")
    assert legal_lines(alice) == []
    LegalDisclosure.objects.update(silent_until=timezone.now().date())
    act(first, "tell")
    act(first, "tell")
    assert legal_lines(alice) == [f"L-{LegalDisclosure.objects.get().pk}"]


@pytest.mark.parametrize("wrong", [{"ground": "because"}, {"scope": ""}, {"email": "nobody@specimen.example"}])
def test_a_demand_without_a_ground_a_scope_or_its_person_is_not_recorded(
    alice: User, pia: User, client_of: Browser, wrong: dict[str, str]
):
    assert record(client_of(pia), **wrong) == 400
    assert not LegalDisclosure.objects.exists()


def test_only_officers_find_the_pages(alice: User, nik: User, ada: User, client_of: Browser):
    for person in (alice, nik, ada):
        assert record(client_of(person)) == 404
        assert client_of(person).get("/staff/disclosures/").status_code == 404
