from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Membership
from audit.models import Entry
from notifications.models import Preference
from notifications.testing import switch_on
from notifications.tokens import Subscription, make_token, unsubscribe_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription(alice_member: Membership) -> Subscription:
    """Alice's summary, switched on."""
    switch_on(alice_member)
    return Subscription("daily_summary", alice_member.user.public_id, alice_member.account.public_id)


@pytest.fixture
def path(subscription: Subscription) -> str:
    """The path of Alice's link."""
    return urlsplit(unsubscribe_url(subscription)).path


def press(path: str) -> Any:
    """What a mail program does: a POST without cookies or a CSRF token."""
    return Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})


def test_opening_the_link_shows_a_button_and_changes_nothing(path: str, client: Client) -> None:
    for answer in (client.get(path), client.head(path)):
        assert answer.status_code == 200
    assert "Stop this mail: Daily summary" in client.get(path).content.decode()
    assert Preference.objects.get().is_on


@pytest.mark.promise("one_click_out")
def test_the_button_acts_at_once_without_a_login_and_twice_without_error(path: str) -> None:
    for _ in range(2):
        answer = press(path)
        assert answer.status_code == 200 and "Stopped: Daily summary" in answer.content.decode()
    assert not Preference.objects.get().is_on
    assert Entry.objects.filter(action="preference.changed", facts__by="unsubscribe link").count() == 1


def test_it_stops_one_person_s_list_in_one_account_only(path: str, bob_member: Membership) -> None:
    switch_on(bob_member)
    press(path)
    assert Preference.objects.get(user=bob_member.user).is_on


def test_it_works_after_the_account_is_gone(path: str, acme: Account) -> None:
    acme.delete()
    assert Client().get(path).status_code == 200
    assert press(path).status_code == 200


def test_it_works_after_the_person_is_gone(path: str, alice_member: Membership) -> None:
    alice_member.user.delete()
    assert press(path).status_code == 200


def test_it_works_with_another_secret_key_and_years_later(path: str, settings: Any) -> None:
    import time_machine

    settings.SECRET_KEY = "another one, after a leak"
    with time_machine.travel("2036-01-01"):
        assert press(path).status_code == 200
    assert not Preference.objects.get().is_on


def test_a_link_that_we_did_not_make_is_not_found(subscription: Subscription, client: Client) -> None:
    token = make_token(subscription)
    body, _, mark = token.partition(".")
    wrong = ["x", f"{body}.", f"{body}.{mark[::-1]}", f"{body[:-2]}AA.{mark}", "A" * 4000]
    for other in wrong:
        assert client.post(reverse("notifications:unsubscribe", args=[other])).status_code == 404
    assert Preference.objects.get().is_on


def test_the_link_tells_nothing_about_the_person(subscription: Subscription, alice_member: Membership) -> None:
    url = unsubscribe_url(subscription)
    for secret in ("alice", "acme", str(subscription.user), subscription.user.hex):
        assert secret not in url.lower()
