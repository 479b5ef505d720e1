"""The page of how long what is kept: it says what would go, asks before it goes, and changes are in the log."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from audit.models import Entry
from chat.actions.chats import close_chat
from chat.models import Chat
from chat.testing import make_chat, make_operator
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db
PAGE = "/app/settings/retention/"


@pytest.fixture
def desk(client_of: Any, alice: User, alice_member: Membership) -> Client:
    make_operator(alice_member)
    return client_of(alice)


def make_old(account: Account, days: int) -> Chat:
    chat = make_chat(account)
    with account_scope(account):
        close_chat(chat_pk=chat.pk, by="visitor")
        Chat.objects.filter(pk=chat.pk).update(closed_at=timezone.now() - timedelta(days=days))
    return chat


def test_the_days_of_each_kind_come_from_the_data_map(acme: Account, desk: Client) -> None:
    page = desk.get(PAGE).content.decode()
    assert "IP address" in page and "30 days" in page and "90 days" in page
    assert 'value="90"' in page


def test_it_says_what_would_go_and_deletes_only_after_a_second_yes(acme: Account, desk: Client) -> None:
    make_old(acme, 40)
    kept = make_old(acme, 20)
    assert "1 chat</dd>" in desk.get(PAGE, {"chat_keep_days": "35"}).content.decode()
    asked = desk.post(PAGE, {"chat_keep_days": "35", "truncate_addresses": "on"})
    assert "Save, and delete 1 chat tonight" in asked.content.decode()
    assert Account.objects.get(pk=acme.pk).chat_keep_days == 90
    late = desk.post(PAGE, {"chat_keep_days": "10", "confirmed": "1"})  # the number on the button was another
    assert "Save, and delete 2 chats tonight" in late.content.decode()
    assert desk.post(PAGE, {"chat_keep_days": "35", "truncate_addresses": "on", "confirmed": "1"}).status_code == 302
    saved = Account.objects.get(pk=acme.pk)
    assert (saved.chat_keep_days, saved.truncate_addresses) == (35, True)
    assert Entry.objects.get(action="account.changed").facts == {"fields": ["chat_keep_days", "truncate_addresses"]}
    apply_retention()
    assert list(Chat.of(acme)) == [kept]


def test_days_out_of_range_are_refused_in_a_sentence(acme: Account, desk: Client, client_of: Any, bob: User) -> None:
    for days in ("6", "731", "", "many", "9" * 30):
        answer = desk.post(PAGE, {"chat_keep_days": days})
        assert answer.status_code == 400
        assert "from 7 to 730" in answer.content.decode()
    for days in ("0", "99999", "x"):
        assert desk.get(PAGE, {"chat_keep_days": days}).status_code == 200
    assert client_of(bob).get(PAGE).status_code == 404
