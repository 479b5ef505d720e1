"""A recipient with an overdue review receives nothing, by either door, and the change is in the public list."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.actions import add_missing_recipients, review_recipient
from audit.models import Entry, RecipientChange, RecipientRecord
from core import egress
from core.errors import Refused
from core.outbound import Recipient, registry
from core.personal_data import Purpose
from outbox.actions import deliver_due, enqueue
from outbox.models import Delivery

pytestmark = pytest.mark.django_db
FACTS: dict[str, Any] = {"purpose": Purpose.SERVICE, "subject": "user:1", "categories": ("contact",)}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> RecipientRecord:
    """A recipient of the code, with a record that a migration made."""
    declared = Recipient("shop", "The shop", (Purpose.SERVICE,), "nothing", ("api.example.org",))
    monkeypatch.setitem(registry.recipients, "shop", declared)
    add_missing_recipients()
    return RecipientRecord.objects.get(key="shop")


def move_review(key: str, days: int) -> None:
    RecipientRecord.objects.filter(key=key).update(review_on=timezone.now().date() + timedelta(days=days))


def test_an_overdue_recipient_is_refused_before_anything_leaves(shop: RecipientRecord, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(egress, "resolve_public", lambda host, port: pytest.fail("the door opened"))
    move_review("shop", -1)
    with pytest.raises(egress.EgressRefused, match="overdue"):
        egress.fetch("shop", "GET", "https://api.example.org/", **FACTS)
    RecipientRecord.objects.filter(key="shop").delete()
    with pytest.raises(egress.EgressRefused, match="no record"):
        egress.fetch("shop", "GET", "https://api.example.org/", **FACTS)
    assert not Entry.objects.filter(kind="disclosure").exists()


def test_on_the_day_of_the_review_the_door_is_open(shop: RecipientRecord, monkeypatch: pytest.MonkeyPatch):
    def away(host: str, port: int) -> str:
        raise egress.EgressFailed("asked")

    monkeypatch.setattr(egress, "resolve_public", away)
    move_review("shop", 0)
    with pytest.raises(egress.EgressFailed, match="asked"):
        egress.fetch("shop", "GET", "https://api.example.org/", **FACTS)


def test_mails_wait_until_who_carries_them_was_reviewed(alice: User, settings: Any, mailoutbox: list[Any]):
    settings.EMAIL_URL, settings.EMAIL_HOST = "smtp://mail.example.org", "mail.example.org"
    Delivery.objects.all().delete()
    move_review("mail", -1)
    facts = {"event": "password_changed", "at": timezone.now().isoformat(), "device": "Firefox"}
    enqueue(kind="accounts.security_notice", key="1", recipient=f"user:{alice.pk}", payload=facts)
    deliver_due()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, mailoutbox) == (Delivery.State.WAITING, 0, [])
    settings.EMAIL_HOST = "localhost"
    Delivery.objects.update(due_at=timezone.now())
    deliver_due()
    assert len(mailoutbox) == 1


def test_a_review_moves_on_only_with_an_agreement_and_stands_in_the_history(shop: RecipientRecord):
    today = timezone.now().date()
    move_review("shop", -1)
    with pytest.raises(Refused, match="Name the agreement"):
        review_recipient(record_pk=shop.pk, changes={"review_on": today + timedelta(days=300)}, by=1)
    signed = {"agreement": "Data processing agreement", "agreed_on": today}
    with pytest.raises(Refused, match="at most a year"):
        review_recipient(record_pk=shop.pk, changes={**signed, "review_on": today + timedelta(days=400)}, by=1)
    review_recipient(record_pk=shop.pk, changes={**signed, "review_on": today + timedelta(days=300)}, by=1)
    kinds = set(RecipientChange.objects.filter(key="shop").values_list("kind", flat=True))
    assert kinds == {"added", "changed", "reviewed"}
    assert Entry.objects.filter(action="recipient.reviewed").count() == 1


def test_a_recipient_that_the_code_drops_leaves_the_list_and_stays_in_its_history(
    shop: RecipientRecord, client: Any, monkeypatch: pytest.MonkeyPatch
):
    assert "The shop" in client.get("/privacy/recipients/").content.decode()
    monkeypatch.delitem(registry.recipients, "shop")
    add_missing_recipients()
    page = client.get("/privacy/recipients/").content.decode()
    assert "The shop" not in page
    assert "shop: no longer receives anything" in page
