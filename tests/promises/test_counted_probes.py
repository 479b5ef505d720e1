"""The probes of what is counted, of the team, of the forum and of the contact form turn red when it is not so."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from audit.actions import write_disclosures
from chat.actions.chats import close_chat, rate_chat
from chat.models import Chat
from core.outbound import Disclosed, Recipient
from core.outbound import registry as outbound
from facts.actions import reach_goal
from facts.actions.sales import Touched, record_sale
from facts.models import DaySum, Fact, Sale
from facts.testing import make_goal
from forum.models import Topic
from forum.testing import make_topic
from operators.models import Operator, StatusChange

Watch = Callable[[str], Any]


@pytest.fixture
def rated(site: None, talk: Chat) -> Chat:
    """The chat of the site, ended and rated."""
    with account_scope(talk.account):
        close_chat(chat_pk=talk.pk, by=Chat.ClosedBy.VISITOR)
        rate_chat(chat_pk=talk.pk, value="good")
        talk.refresh_from_db()
    return talk


def test_a_sum_that_is_not_what_happened(rated: Chat, turns_red: Watch):
    with turns_red("statistics_add_up"), account_scope(rated.account):
        DaySum.objects.filter(kind="started").update(count=7)


def test_a_fact_that_no_sum_knows(rated: Chat, turns_red: Watch):
    with turns_red("statistics_add_up"), account_scope(rated.account):
        one = Fact.objects.filter(kind="started").get()
        one.pk = None
        one.save()


@pytest.fixture
def sale(site: None, talk: Chat) -> Sale:
    touched = Touched(talk.visitor_id, talk.pk, talk.operator_id or 0, 0, is_direct=True)
    order: Any = {"order": "A-1", "amount": "49.90", "currency": "EUR", "touched": touched, "checked": True}
    sale, _is_new = record_sale(account=talk.account, **order)
    assert sale is not None
    return sale


def test_a_sale_that_counts_twice(sale: Sale, turns_red: Watch):
    with turns_red("sales_add_up"), account_scope(sale.account):
        one = Fact.objects.get(kind="sale")
        one.pk = None
        one.save()


def test_a_refund_that_is_not_taken_off(sale: Sale, turns_red: Watch):
    with turns_red("sales_add_up"), account_scope(sale.account):
        Sale.objects.update(refunded=1000)


@pytest.mark.parametrize("days", [-1, 40])
def test_a_goal_that_no_chat_led_to(site: None, talk: Chat, company: Account, turns_red: Watch, days: int):
    goal = make_goal(Membership.objects.get(account=company))
    assert reach_goal(account=company, goal=goal, chat_ref=talk.pk, operator_ref=talk.operator_id or 0, group_ref=0)
    with turns_red("goals_of_chats"), account_scope(company):
        long_before = timezone.now() - timedelta(days=days)
        Chat.objects.filter(pk=talk.pk).update(started_at=long_before, last_at=long_before)


def test_a_goal_of_another_account(site: None, talk: Chat, company: Account, cakes: Account, turns_red: Watch):
    goal = make_goal(Membership.objects.get(account=company))
    with turns_red("goals_of_chats"):
        reach_goal(account=cakes, goal=goal, chat_ref=talk.pk, operator_ref=0, group_ref=0)


def test_a_rating_that_nobody_gave(rated: Chat, turns_red: Watch):
    with turns_red("rated_once"), account_scope(rated.account):
        Chat.objects.filter(pk=rated.pk).update(rating="bad")


def test_a_rating_that_counts_twice(rated: Chat, turns_red: Watch):
    with turns_red("rated_once"), account_scope(rated.account):
        one = Fact.objects.get(kind="rated_good")
        one.pk = None
        one.save()


def test_a_load_that_is_not_counted(site: None, company: Account, turns_red: Watch):
    with turns_red("load_counted"), account_scope(company):
        Operator.objects.update(open_chats=9)


def test_a_state_that_is_not_written_down(site: None, company: Account, turns_red: Watch):
    with turns_red("states_kept"), account_scope(company):
        Operator.objects.update(status="away")


def test_a_state_kept_too_long(site: None, company: Account, turns_red: Watch):
    with turns_red("states_kept"), account_scope(company):
        long_ago = timezone.now() - timedelta(days=StatusChange.KEEP_DAYS + 3)
        StatusChange.objects.create(account=company, operator=Operator.objects.first(), status="away", at=long_ago)


def test_a_row_of_a_spreadsheet_whose_invitation_is_missing(site: None, company: Account, turns_red: Watch):
    from operators.models import ImportDraft, ImportRow, Invitation

    owner = Membership.objects.get(account=company)
    with account_scope(company):
        draft = ImportDraft.objects.create(
            account=company, read_by=owner, state="confirmed", confirmed_at=timezone.now()
        )
        ImportRow.objects.create(account=company, draft=draft, number=2, email="fay@specimen.example", code="created")
    with turns_red("import_verdicts"), account_scope(company):
        Invitation.objects.filter(email="fay@specimen.example").delete()


def test_a_row_without_a_verdict(site: None, company: Account, turns_red: Watch):
    from operators.models import ImportDraft, ImportRow

    owner = Membership.objects.get(account=company)
    with turns_red("import_verdicts"), account_scope(company):
        draft = ImportDraft.objects.create(account=company, read_by=owner)
        ImportRow.objects.create(account=company, draft=draft, number=2, email="fay@specimen.example", code="perhaps")


def test_a_topic_that_hides_posts(site: None, turns_red: Watch):
    topic = make_topic()
    with turns_red("forum_readable"):
        Topic.objects.filter(pk=topic.pk).update(post_count=9)


def test_a_forum_behind_a_login(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from django.http import HttpResponse

    make_topic()
    with turns_red("forum_readable"):
        monkeypatch.setattr("forum.promises.look_at", lambda path: HttpResponse(status=302))


@pytest.mark.parametrize("field", ["phone", "name"])
def test_a_contact_form_that_needs_more(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch, field: str):
    from support.forms import RequestForm

    with turns_red("contact_asks_little"):
        monkeypatch.setitem(RequestForm.base_fields, field, forms.CharField())


def test_a_recipient_that_buys(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("no_sale"):
        broker = Recipient("broker", "Broker", ("sale",), "addresses")  # type: ignore[arg-type]
        monkeypatch.setitem(outbound.recipients, "broker", broker)


def test_data_that_was_sold(site: None, turns_red: Watch):
    with turns_red("no_sale"):
        sold: Any = SimpleNamespace(value="sale")
        write_disclosures([Disclosed("mail", ("contact",), "user:1", sold, "http")])


def test_a_purpose_of_selling_fails_the_build(monkeypatch: pytest.MonkeyPatch):
    from enum import StrEnum

    from privacy import checks

    assert checks.every_purpose_is_known() == []
    more = StrEnum("Purpose", {one.name: one.value for one in checks.Purpose} | {"SALE": "sale"})  # type: ignore[misc]
    monkeypatch.setattr(checks, "Purpose", more)
    assert [(found.id, "sale" in found.msg) for found in checks.every_purpose_is_known()] == [("privacy.E008", True)]
