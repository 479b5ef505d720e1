"""Several websites of one account: each with its own key, origins and look; a removed one opens nothing."""

import pytest
from django.test import Client

from accounts.scoping import account_scope
from accounts.testing import make_member
from audit.models import Entry
from chat.actions.widgets import MOST_WIDGETS, add_widget, ensure_widget, remove_widget
from chat.models import Chat, Widget
from chat.testing import make_chat
from core.errors import Refused

pytestmark = pytest.mark.django_db
PAGE = "/app/settings/widget/"
FORM = {"name": "Shop", "greeting": "Hi", "allowed_origins": "https://shop.example", "brand_colour": "#102030"}


def test_a_second_website_has_a_key_origins_and_a_look_of_its_own(alice, acme, client_of):
    first, browser = ensure_widget(account=acme), client_of(alice)
    added = browser.post(f"{PAGE}add/", {"website": "shop.example/cart"})
    with account_scope(acme):
        second = Widget.objects.exclude(pk=first.pk).get()
    assert added["Location"] == f"{PAGE}{second.key}/" and second.allowed_origins == ["https://shop.example"]
    browser.post(f"{PAGE}{second.key}/", {**FORM, "allowed_origins": "https://other.example"})
    for widget in (first, second):
        with account_scope(acme):
            widget.refresh_from_db()
    assert second.brand_colour == "#102030" and first.brand_colour != "#102030"
    policies = [Client().get(f"/widget/frame/{key}/")["Content-Security-Policy"] for key in (first.key, second.key)]
    assert "frame-ancestors https://acme-bikes.example" in policies[0] and "other.example" not in policies[0]
    assert "frame-ancestors https://other.example" in policies[1]
    page = browser.get(PAGE).content.decode()
    assert f"{PAGE}{second.key}/" in page and first.key in page
    assert {entry.action for entry in Entry.objects.filter(action__startswith="widget.")} == {
        "widget.added", "widget.changed",
    }  # fmt: skip


def test_a_removed_website_opens_nothing_and_its_chats_stay(alice, alice_member, acme, client_of):
    chat = make_chat(acme, text="Hello")
    first = ensure_widget(account=acme)
    second = add_widget(by=alice_member, website="https://shop.example")
    browser = client_of(alice)
    asked = browser.get(f"{PAGE}{first.key}/remove/")
    assert asked.status_code == 200 and "Keep it" in asked.content.decode()
    assert browser.post(f"{PAGE}{first.key}/remove/").status_code == 302
    assert Client().get(f"/widget/frame/{first.key}/").status_code == 404
    opened = Client().post("/widget/open/", {"key": first.key}, content_type="application/json")
    assert opened.status_code == 404
    assert browser.get(f"{PAGE}{first.key}/").status_code == 404
    with account_scope(acme):
        assert Chat.objects.filter(pk=chat.pk).exists()
    assert ensure_widget(account=acme).pk == second.pk
    last = browser.post(f"{PAGE}{second.key}/remove/")
    assert last.status_code == 400 and "This is the only website" in last.content.decode()
    with pytest.raises(Refused):
        remove_widget(widget=first, by=alice_member)


@pytest.mark.parametrize("website", ["", "not a website", "javascript:alert(1)", "https://x:99999/"])
def test_a_wrong_address_is_refused_in_words(alice, acme, client_of, website):
    answer = client_of(alice).post(f"{PAGE}add/", {"website": website})
    assert answer.status_code == 400 and "is not a web address" in answer.content.decode()
    with account_scope(acme):
        assert Widget.objects.count() == 1


def test_there_is_an_end_to_websites(acme, alice_member):
    ensure_widget(account=acme)
    for number in range(MOST_WIDGETS - 1):
        add_widget(by=alice_member, website=f"https://shop{number}.example")
    with pytest.raises(Refused) as refused:
        add_widget(by=alice_member, website="https://one-more.example")
    assert refused.value.code == "too_many"


def test_others_reach_none_of_it(acme, alice_member, carol, carol_member, client_of):
    mine = ensure_widget(account=acme)
    add_widget(by=alice_member, website="https://shop.example")
    for person in (carol, make_member(acme).user):
        browser = client_of(person)
        for answer in (
            browser.get(f"{PAGE}{mine.key}/"),
            browser.post(f"{PAGE}{mine.key}/", FORM),
            browser.get(f"{PAGE}{mine.key}/remove/"),
            browser.post(f"{PAGE}{mine.key}/remove/"),
        ):
            assert answer.status_code == 404
    with pytest.raises(Refused):
        remove_widget(widget=mine, by=carol_member)
    with account_scope(acme):
        mine.refresh_from_db()
    assert mine.removed_at is None and mine.brand_colour != "#102030"
