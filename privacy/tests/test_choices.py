"""The switches of Your data: each turns what it names, tells since when, and leaves its receipt (P16, S42, S62)."""

import pytest

from accounts.scoping import scopes_disabled
from chat.models import Visitor
from chat.testing import make_chat
from core.consent import COOKIE
from notifications.models import Preference
from policies.actions import give_consent
from policies.models import Receipt

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def turn(browser, choice, *, on, **more):
    return browser.post("/privacy/choices/", {"choice": choice, **({"is_on": "on"} if on else {})}, **more)


def mail(account, kind):
    return f"mail:{account.public_id}:{kind}"


def test_a_mail_is_switched_on_and_off_where_the_data_stands(acme, alice, client_of):
    browser = client_of(alice)
    assert "Off until you switch it on" in browser.get("/privacy/").content.decode()
    answer = turn(browser, mail(acme, "daily_summary"), on=True, headers=JSON)
    assert answer.json() == {"saved": "Saved. It holds from now on.", "since": "On since today"}
    assert Preference.objects.get(user=alice, kind="daily_summary").is_on
    assert "On since " in browser.get("/privacy/").content.decode()
    answer = turn(browser, mail(acme, "daily_summary"), on=False, follow=True)
    assert "Saved. It holds from now on." in answer.content.decode()
    assert not Preference.objects.get(user=alice, kind="daily_summary").is_on


def test_the_switch_of_news_shows_the_words_and_keeps_their_receipt(acme, alice, client_of):
    browser = client_of(alice)
    page = browser.get("/privacy/").content.decode()
    turn(browser, mail(acme, "news"), on=True)
    receipt = Receipt.objects.get(subject=f"user:{alice.pk}", purpose="marketing")
    assert receipt.withdrawn_at is None and receipt.text in page
    turn(browser, mail(acme, "news"), on=False)
    receipt.refresh_from_db()
    assert receipt.withdrawn_at is not None and receipt.withdrawn_by == "site"


def test_statistics_are_a_choice_of_this_browser_and_a_signal_of_it_wins(alice, client_of):
    browser = client_of(alice)
    turn(browser, "statistics", on=True)
    assert browser.cookies[COOKIE].value.startswith("statistics.")
    assert "On since " in browser.get("/privacy/").content.decode()
    turn(browser, "statistics", on=False)
    assert browser.cookies[COOKIE].value.startswith("none.")
    signal = {"headers": {"Sec-GPC": "1", **JSON}}
    answer = turn(browser, "statistics", on=True, **signal)
    assert (answer.status_code, answer.json()["code"]) == (400, "fixed")
    page = browser.get("/privacy/", headers={"Sec-GPC": "1"}).content.decode()
    assert "Off, because your browser asks not to be tracked" in page


def test_nobody_turns_the_switch_of_an_account_that_is_not_theirs(acme, cakes, alice, client_of, client):
    for key in (mail(cakes, "news"), "mail:no-uuid:news", "mail", "", mail(acme, "password_reset")):
        assert turn(client_of(alice), key, on=True).status_code == 404, key
    assert turn(client, "statistics", on=True).status_code == 302  # who is nobody here is asked who they are
    assert not Preference.objects.filter(is_on=True).exists()


def test_a_yes_in_a_chat_stands_there_for_a_log_in_with_the_same_address_until_it_is_taken_back(acme, eve, client_of):
    make_chat(acme, email=eve.email)
    with scopes_disabled():
        visitor = Visitor.objects.get(email=eve.email)
    give_consent(subject=f"visitor:{visitor.pk}", purpose="chat.seen", text="Let us see the page.", channel="chat")
    browser = client_of(eve)
    assert "Let us see the page." in browser.get("/privacy/").content.decode()
    browser.post(f"/privacy/yes/{Receipt.objects.get().public_id}/withdraw/")
    page = browser.get("/privacy/").content.decode()  # no page of receipts shows it
    assert "Let us see the page." in page and "taken back on" in page and "Your 0 receipts" in page
