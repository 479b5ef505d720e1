"""Receipts of consent: what was shown, when, where; taking a yes back; the accepted texts beside them."""

import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import Refused
from policies.actions import give_consent, withdraw_consent
from policies.models import Receipt
from policies.queries import has_consent, list_receipts

pytestmark = pytest.mark.django_db
TEXT = "Send me news."


def say_yes(user: User, text: str = TEXT) -> Receipt:
    return give_consent(subject=f"user:{user.pk}", purpose="marketing", text=text, channel="site")


@pytest.mark.promise("consent_receipts")
def test_a_yes_is_a_receipt_with_the_words_and_can_be_taken_back(client_of: Any, alice: User, bob: User):
    receipt = say_yes(alice)
    assert say_yes(alice) == receipt
    browser = client_of(alice)
    page = browser.get("/privacy/receipts/").content.decode()
    assert TEXT in page
    assert "Privacy policy" in page  # what she accepted at sign-up stands in the same list
    told = json.loads(browser.get(f"/privacy/receipts/{receipt.public_id}/").content)
    assert told["text_sha256"] == hashlib.sha256(told["text"].encode()).hexdigest()
    assert told["withdraw"].endswith(f"/privacy/receipts/{receipt.public_id}/withdraw/")
    assert TEXT not in client_of(bob).get("/privacy/receipts/").content.decode()
    assert client_of(bob).post(f"/privacy/receipts/{receipt.public_id}/withdraw/").status_code == 404
    assert has_consent(f"user:{alice.pk}", "marketing")
    browser.post(f"/privacy/receipts/{receipt.public_id}/withdraw/")
    assert not has_consent(f"user:{alice.pk}", "marketing")
    assert "Taken back" in browser.get("/privacy/receipts/").content.decode()
    assert json.loads(browser.get(f"/privacy/receipts/{receipt.public_id}/").content)["withdrawn_at"]


def test_other_words_need_another_yes_and_the_old_receipt_stays(alice: User):
    first = say_yes(alice)
    say_yes(alice, "Send me news and offers.")
    first.refresh_from_db()
    assert first.text == TEXT
    assert first.withdrawn_at is not None
    assert Receipt.objects.filter(withdrawn_at=None).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.filter(pk=first.pk).update(withdrawn_at=None, withdrawn_by="")


def test_nobody_agrees_to_what_is_not_declared(alice: User):
    with pytest.raises(Refused):
        give_consent(subject=f"user:{alice.pk}", purpose="selling", text=TEXT, channel="site")
    assert not withdraw_consent(subject=f"user:{alice.pk}", purpose="marketing", channel="site")


def test_the_list_takes_one_statement(alice: User, django_assert_num_queries: Any):
    say_yes(alice)
    with django_assert_num_queries(1):
        assert len(list_receipts(f"user:{alice.pk}")) == 3
