"""Each yes in a chat and in a survey leaves one receipt, and taking it back on Your data ends what it allowed (P16)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.scoping import account_scope, scopes_disabled
from chat.actions.seeing import allow_seeing
from chat.actions.settings import change_chat_settings
from chat.models import BoardReceipt, Visitor
from chat.testing import make_visitor
from policies.actions import withdraw_consent
from policies.models import Receipt
from privacy.actions.retention import apply_retention
from surveys.actions.filling import Asked, fill_in, take_back
from surveys.filling import Filled
from surveys.models import VisitorContact
from surveys.testing import make_survey

pytestmark = pytest.mark.django_db


def receipts_of(visitor):
    return list(
        Receipt.objects.filter(subject=f"visitor:{visitor.pk}", withdrawn_at=None).values_list("purpose", flat=True)
    )


def test_a_yes_to_being_seen_has_a_receipt_and_ends_with_it(acme, alice_member, dave):
    with account_scope(acme):
        change_chat_settings(by=alice_member, board_on=True)
        assert allow_seeing(visitor_pk=dave.pk, on=True, asked=True)
        receipt = Receipt.objects.get()
        assert receipt.text == BoardReceipt.objects.get().text and receipt.channel == "chat"
        assert allow_seeing(visitor_pk=dave.pk, on=True, asked=True) and Receipt.objects.count() == 1
        allow_seeing(visitor_pk=dave.pk, on=False)
        assert receipts_of(dave) == []
        allow_seeing(visitor_pk=dave.pk, on=True, asked=True)
    withdraw_consent(subject=f"visitor:{dave.pk}", purpose="chat.seen", channel="site")
    with scopes_disabled():
        assert not BoardReceipt.objects.filter(withdrawn_at=None).exists()
        assert Visitor.objects.get(pk=dave.pk).seen_allowed is False
        assert Receipt.objects.order_by("pk").last().withdrawn_by == "site"


@pytest.mark.parametrize("way", ["receipt", "link"])
def test_name_and_address_of_a_survey_have_a_receipt_and_end_with_it(acme, dave, way):
    survey, pat = make_survey(acme, asks_name=True), make_visitor(acme, name="Pat")
    with account_scope(acme):
        for who in (dave, pat):
            filled = Filled(answers={}, name="Dave", email="dave@needle.example", errors={})
            contact = fill_in(survey=survey, asked=Asked(visitor=who), filled=filled, consent="Keep my name, please")
    assert receipts_of(dave) == ["survey.named"] == receipts_of(pat)
    if way == "receipt":
        withdraw_consent(subject=f"visitor:{pat.pk}", purpose="survey.named", channel="site")
    else:
        with account_scope(acme):
            take_back(contact=contact)
    assert receipts_of(pat) == [] and receipts_of(dave) == ["survey.named"]
    with scopes_disabled():
        assert [one.visitor_id for one in VisitorContact.objects.all()] == [dave.pk]


def test_receipts_of_a_visitor_go_when_retention_takes_the_visitor(acme, alice_member, dave):
    with account_scope(acme):
        change_chat_settings(by=alice_member, board_on=True)
        allow_seeing(visitor_pk=dave.pk, on=True, asked=True)
        Visitor.objects.filter(pk=dave.pk).update(seen_at=timezone.now() - timedelta(days=800))
    apply_retention()
    with scopes_disabled():
        assert not Visitor.objects.filter(pk=dave.pk).exists()
    assert not Receipt.objects.exists()
