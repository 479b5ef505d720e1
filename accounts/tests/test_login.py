"""Log-in and log-out, passwords, codes: what they refuse, tell and close."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import User
from accounts.testing import PASSWORD, make_owner
from accounts.tests.mails import deliver, link_in, path_of
from audit.models import Entry
from outbox.models import Delivery

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
NEW = "another bicycle for two people"


def log_in(client, email="alice@acme-bikes.example", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password, **extra})


def test_the_right_password_opens_the_console_under_a_new_session_key(client, alice):
    planted = client.session
    planted["seen"] = "before"
    planted.save()
    before = client.session.session_key
    assert log_in(client)["Location"] == "/app/chats/"
    assert get_user(client) == alice and client.session.session_key != before


def test_remembering_is_a_choice(alice):
    for remember, expected in ({"remember": "on"}, 14 * 86400), ({}, ""):
        client = Client()
        response = log_in(client, **remember)
        assert response.cookies["session"]["max-age"] == expected


def test_a_wrong_password_and_an_unknown_e_mail_look_the_same(client, alice):
    pages = []
    for email in ("alice@acme-bikes.example", "nobody@specimen.example"):
        page = log_in(Client(), email, "a wrong password here").content.decode()
        assert "E-mail or password is not right" in page and "<title>Error: " in page
        pages.append(re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page))
    assert pages[0] == pages[1]


def test_after_five_wrong_passwords_even_the_right_one_waits_known_or_not(client, alice):
    pages = []
    for email in ("alice@acme-bikes.example", "nobody@specimen.example"):
        for _ in range(5):
            log_in(Client(), email, "a wrong password here")
        page = log_in(Client(), email).content.decode()
        assert "Too many tries" in page
        pages.append(re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page))
    assert pages[0] == pages[1]


def test_spellings_of_one_e_mail_share_the_count(alice):
    for spelling in ("alice@acme-bikes.example", "ALICE@acme-bikes.example", " alice@acme-bikes.example") * 2:
        log_in(Client(), spelling, "a wrong password here")
    assert "Too many tries" in log_in(Client()).content.decode()


def test_the_whole_site_has_a_limit_too(alice, monkeypatch):
    from core import limits

    monkeypatch.setitem(limits.LIMITS, "login", limits.Limit(3, 60, "the whole site"))
    for number in range(3):
        log_in(Client(), f"person{number}@specimen.example", "a wrong password here")
    assert "Too many tries" in log_in(Client()).content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_foreign_next_is_not_followed(client, alice, target):
    response = log_in(client, next=target)
    assert response.status_code == 302 and response["Location"] == "/app/chats/"


def test_a_next_of_this_site_is_followed(client, alice):
    assert log_in(client, next="/app/profile/")["Location"] == "/app/profile/"


def test_a_page_of_the_account_asks_for_the_log_in_and_comes_back(client, alice):
    response = client.get("/app/company/")
    assert response["Location"] == f"{LOGIN}?next=/app/company/"


def test_log_out_needs_a_press_and_closes_the_sockets(client, alice, closed_sockets, commits):
    log_in(client)
    assert client.get("/account/logout/").status_code == 200 and get_user(client).is_authenticated
    with commits():
        client.post("/account/logout/")
    assert not get_user(client).is_authenticated and closed_sockets == [alice.pk]


def test_a_changed_password_logs_out_everywhere_and_tells_the_owner(alice, closed_sockets, commits):
    here, there = Client(), Client()
    log_in(here), log_in(there)
    with commits():
        response = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert response.status_code == 302
    assert not get_user(here).is_authenticated and not get_user(there).is_authenticated
    assert alice.pk in closed_sockets
    assert log_in(Client(), password=NEW).status_code == 302
    [notice] = deliver()
    assert notice.subject == "Your password was changed" and "alice@" in notice.to[0]
    assert "On: Unknown device" in notice.body
    assert Entry.objects.filter(action="password.changed").exists()


def test_a_reset_answers_the_same_for_everybody_and_writes_to_known_people_only(client, alice):
    first = client.post("/account/password/reset/", {"email": "alice@acme-bikes.example"}, follow=True)
    second = Client().post("/account/password/reset/", {"email": "nobody@specimen.example"}, follow=True)
    assert first.redirect_chain == second.redirect_chain
    assert first.content.decode().split("<main")[1] == second.content.decode().split("<main")[1]
    [message] = deliver()
    assert "alice@" in message.to[0]


def test_a_reset_link_begins_with_our_origin_whatever_the_host_header(client, alice, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1", "other.example"]
    client.post("/account/password/reset/", {"email": "alice@acme-bikes.example"}, headers={"host": "other.example"})
    [message] = deliver()
    links = re.findall(r"https?://[^\s\"<>]+", message.body + message.alternatives[0][0])
    assert [link for link in links if "w3.org" not in link and not link.startswith(settings.PUBLIC_ORIGIN + "/")] == []


def test_a_foreign_host_is_refused(client, alice):
    response = client.post(
        "/account/password/reset/", {"email": "alice@acme-bikes.example"}, headers={"host": "evil.example"}
    )
    assert response.status_code == 400 and not deliver()


def test_the_link_sets_a_new_password_once(client, alice):
    client.post("/account/password/reset/", {"email": "alice@acme-bikes.example"})
    [message] = deliver()
    path = path_of(link_in(message, "/password/reset/key/"))
    form = client.get(path, follow=True)
    action = form.redirect_chain[-1][0]
    done = client.post(action, {"password1": NEW, "password2": NEW})
    assert done.status_code == 302 and log_in(Client(), password=NEW).status_code == 302
    assert "does not work any more" in Client().get(path, follow=True).content.decode()
    assert [notice.subject for notice in deliver()] == ["Your password was reset"]


def test_a_code_logs_in_without_a_password(client, alice):
    client.post("/account/login/code/", {"email": "alice@acme-bikes.example"})
    [message] = deliver()
    code = re.search(r"^ +(\S+)$", message.body, re.M)[1]
    assert code in message.subject and code not in str(Delivery.objects.values_list("payload"))
    response = client.post("/account/login/code/confirm/", {"code": code})
    assert response["Location"] == "/app/chats/" and get_user(client) == alice


def test_a_code_is_never_mailed_to_a_stranger_and_the_page_does_not_say_so(alice):
    pages = []
    for email in ("alice@acme-bikes.example", "nobody@specimen.example"):
        browser = Client()
        page = browser.post("/account/login/code/", {"email": email}, follow=True).content.decode()
        pages.append(re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page).replace(email, ""))
    assert pages[0] == pages[1]
    assert len(deliver()) == 1


def test_whoever_confirms_in_another_browser_chooses_the_password(texts, closed_sockets):
    """An attacker signs up with a victim's address; the victim opens the link: the attacker's password is worthless."""
    attacker, victim = Client(), Client()
    victims = make_owner(email="victim@specimen.example", verified=False, website="https://victim.example")
    log_in(attacker, "victim@specimen.example")  # knows the password, waits for the confirmation
    [message] = deliver()
    response = victim.post(path_of(link_in(message, "confirm-email")))
    assert "/password/reset/key/" in response["Location"]
    assert EmailAddress.objects.get(user=victims).verified
    assert "E-mail or password is not right" in log_in(Client(), "victim@specimen.example").content.decode()
    assert not get_user(attacker).is_authenticated
    form = victim.get(response["Location"], follow=True)
    victim.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert log_in(victim, "victim@specimen.example", NEW).status_code == 302
    assert get_user(victim) == victims


def test_a_code_that_proves_the_address_first_also_discards_the_password(texts):
    make_owner(email="victim@specimen.example", verified=False, website="https://victim.example")
    victim = Client()
    victim.post("/account/login/code/", {"email": "victim@specimen.example"})
    [message] = deliver()
    victim.post("/account/login/code/confirm/", {"code": re.search(r"^ +(\S+)$", message.body, re.M)[1]})
    assert get_user(victim).email == "victim@specimen.example"
    assert not User.objects.get(email="victim@specimen.example").has_usable_password()


def test_a_new_address_takes_over_once_confirmed_and_the_old_one_is_told(client, alice):
    log_in(client)
    asked = client.post("/account/email/", {"email": "alice@new.example", "action_add": ""})
    assert asked["Location"] == "/account/reauthenticate/?next=%2Faccount%2Femail%2F" and not deliver()
    client.post(asked["Location"], {"password": PASSWORD, "next": "/account/email/"})  # and the change goes on
    [message] = deliver()
    assert "alice@new.example" in message.to[0]
    alice.refresh_from_db()
    assert alice.email == "alice@acme-bikes.example"
    client.post(path_of(link_in(message, "confirm-email")))
    alice.refresh_from_db()
    assert alice.email == "alice@new.example" and alice.has_usable_password()
    notices = deliver()
    assert "acme-bikes" not in str(Delivery.objects.values_list("payload", "recipient"))
    assert [notice.subject for notice in notices] == ["Your e-mail address was changed"]
    assert "alice@acme-bikes.example" in notices[0].to[0]


def test_a_deactivated_person_is_out_at_once_and_stays_out(client, bob, alice, closed_sockets, commits):
    log_in(client, "bob@acme-bikes.example")
    key = client.session.session_key
    with commits():
        actions.deactivate_user(user=bob, by_user_id=alice.pk)
    assert closed_sockets == [bob.pk] and not Session.objects.filter(session_key=key).exists()
    assert client.get("/app/profile/").status_code == 302
    assert log_in(Client(), "bob@acme-bikes.example").status_code in (200, 302)
    assert not get_user(client).is_authenticated


def test_the_list_of_sessions_ends_the_others(alice, closed_sockets, commits):
    here, there = Client(headers={"user-agent": FIREFOX}), Client()
    log_in(here), log_in(there)
    page = here.get("/account/sessions/").content.decode()
    assert "Firefox on Linux" in page and "This one" in page
    with commits():
        here.post("/account/sessions/")
    assert get_user(here).is_authenticated and not get_user(there).is_authenticated
    assert closed_sockets == [alice.pk]


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

PAGES = [
    "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key_done", "account_request_login_code", "account_inactive",
    "account_email_verification_sent",
]  # fmt: skip
OWN_PAGES = ["account_logout", "account_change_password", "account_email", "usersessions_list", "mfa_index",
             "mfa_list_webauthn", "account_reauthenticate", "accounts:profile"]  # fmt: skip


@pytest.mark.parametrize("name", PAGES + OWN_PAGES)
def test_each_page_wears_our_shell_and_nothing_inline(client, alice, name):
    if name in OWN_PAGES:
        log_in(client)
    response = client.get(reverse(name))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="site-top"' in page and page.count("<h1") == 1
    assert " style=" not in page and "onclick" not in page
    assert all("nonce=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))
