"""Leaving: access ends now, the way back works until the date, then the data map decides; the same for an account."""

import datetime
import io
import json
import zipfile

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import actions, photo_files, queries
from accounts.models import Account, ApiKey, Membership, ProfileChange, User
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import PASSWORD, make_member, make_owner
from accounts.tests.mails import deliver, link_in, path_of
from accounts.tests.pictures import plain
from audit.models import Entry
from chat.models import Chat, Message, Visitor
from chat.testing import make_chat, make_operator
from core.errors import Refused
from operators.models import Operator

pytestmark = pytest.mark.django_db
LEAVE = "/app/profile/leave/"
CLOSE = "/app/account/close/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def log_in(email, browser=None):
    browser = browser or Client()
    return browser, browser.post("/account/login/", {"login": email, "password": PASSWORD})


def proved(person):
    """A browser in which the person has just typed the password again."""
    browser, _answer = log_in(person.email)
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    return browser


def later(days):
    return time_machine.travel(timezone.now() + datetime.timedelta(days=days), tick=False)


# ---- a person ----
def test_leaving_ends_sessions_sockets_and_keys_now(bob, bob_member, acme, closed_sockets, commits):
    with account_scope(acme):
        _key, secret = actions.create_api_key(membership=bob_member, name="CRM", scopes=["profile.read"])
    (browser, _one), (other, _two) = log_in(bob.email), log_in(bob.email)
    assert Session.objects.count() == 2 and other.get("/app/profile/").status_code == 200
    closed_sockets.clear()
    with commits():
        answer = browser.post(LEAVE, {"password": PASSWORD})
    assert answer.status_code == 200 and "You can come back until" in answer.content.decode()
    assert bob.pk in closed_sockets
    assert not any("_auth_user_id" in session.get_decoded() for session in Session.objects.all())
    for one in (browser, other):
        assert one.get("/app/profile/").status_code == 302
    assert Client().get("/api/v1/me/", headers={"authorization": f"Bearer {secret}"}).status_code == 401
    with scopes_disabled():
        assert ApiKey.objects.get().revoked_at
    bob.refresh_from_db()
    assert not bob.is_active and bob.erase_at > timezone.now() + datetime.timedelta(days=29)
    assert Entry.objects.filter(action="user.deactivated").count() == 1


def test_the_wrong_password_leaves_nobody(bob, client_of):
    answer = client_of(bob).post(LEAVE, {"password": "not the password"})
    page = answer.content.decode()
    assert answer.status_code == 400 and "This is not your password" in page and "data-open" in page
    assert User.objects.get(pk=bob.pk).is_active
    for _try in range(9):
        client_of(bob).post(LEAVE, {"password": "not the password"})
    assert client_of(bob).post(LEAVE, {"password": PASSWORD}).status_code == 429


def test_who_left_cannot_log_in_and_is_shown_the_way_back(bob, client_of):
    actions.leave(user=bob)
    [mail] = deliver()
    _browser, answer = log_in(bob.email)
    assert "Do you want to come back?" in answer.content.decode() and not get_person(_browser)
    back = path_of(link_in(mail, "/come-back/"))
    shown = Client().get(back)
    assert shown.status_code == 200 and "Come back, Bob?" in shown.content.decode()
    assert not User.objects.get(pk=bob.pk).is_active  # a scanner of mails undoes nothing
    assert Client().post(back)["Location"] == "/account/login/"
    assert User.objects.get(pk=bob.pk).is_active and Entry.objects.filter(action="user.came_back").exists()
    assert Client().get(back).status_code == 404 and Client().post(back).status_code == 404
    browser, _answer = log_in(bob.email)
    assert get_person(browser) == bob


def get_person(browser):
    from django.contrib.auth import get_user

    person = get_user(browser)
    return person if person.is_authenticated else None


def test_a_forged_or_late_way_back_opens_nothing(bob):
    actions.leave(user=bob)
    back = path_of(link_in(deliver()[0], "/come-back/"))
    for wrong in (back[:-3] + "AA/", "/come-back/x/", "/come-back/a:b:c/"):
        assert Client().post(wrong).status_code == 404
    with later(31):
        assert Client().get(back).status_code == 404 and Client().post(back).status_code == 404
    assert not User.objects.get(pk=bob.pk).is_active


def test_the_right_password_brings_one_more_mail_an_hour_and_a_wrong_one_none(bob):
    actions.leave(user=bob)
    deliver()
    Client().post("/account/login/", {"login": bob.email, "password": "wrong wrong wrong"})
    assert not deliver()
    with later(0.1):
        log_in(bob.email)
        log_in(bob.email)
        assert len(deliver()) == 1


def test_the_last_owner_of_a_team_stays_and_one_who_is_alone_takes_the_account_along(alice, acme, bob, client_of):
    answer = client_of(alice).post(LEAVE, {"password": PASSWORD})
    assert answer.status_code == 400 and "Make somebody else owner first" in answer.content.decode()
    alone = make_owner()
    until = actions.leave(user=alone)
    account = Account.objects.get(memberships__user=alone)
    assert account.erase_at == until and account.is_read_only()
    actions.come_back(user=alone)
    account.refresh_from_db()
    assert account.erase_at is None and not account.is_read_only()


def test_staff_do_not_leave_by_the_profile(ada, client_of):
    assert client_of(ada).post(LEAVE, {"password": PASSWORD}).status_code == 400
    assert User.objects.get(pk=ada.pk).is_active


@pytest.mark.django_db(transaction=True)  # files go with the commit, and are looked for after it
def test_after_the_date_nothing_of_the_person_is_left(bob, bob_member, acme, media):
    needles = {"name": "Needlename", "surname": "Needlesurname"}
    actions.change_profile(user=bob, **needles, language="en", time_zone="Europe/Warsaw")
    actions.change_profile(user=bob, name="Again", surname="Needlesurname", language="en")
    key = actions.set_photo(user=bob, data=plain())
    chat = make_chat(acme, text="Hello", operator=make_operator(bob_member))
    actions.leave(user=bob)
    with later(29):
        assert actions.erase_what_is_due() == {"accounts": 0, "people": 0}
    with later(31):
        assert actions.erase_what_is_due() == {"accounts": 0, "people": 1}
        assert actions.erase_what_is_due() == {"accounts": 0, "people": 0}
    assert not User.objects.filter(pk=bob.pk).exists() and photo_files.read(key, 512) is None
    assert not EmailAddress.objects.filter(email=bob.email).exists()
    assert not ProfileChange.objects.exists() and not any(media.rglob("*.jpg"))
    assert holding("Needle") == [] and holding("bob@acme-bikes") == []
    with scopes_disabled():
        assert Chat.objects.filter(pk=chat.pk).exists()  # the company's and the visitor's


def holding(word):
    """Tables with the word in a text of some row."""
    from django.apps import apps
    from django.db import models

    found = []
    for model in apps.get_models():
        texts = (models.CharField, models.TextField, models.JSONField)
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, texts)]
        if names and any(word in str(row) for row in model._base_manager.values_list(*names)):
            found.append(model._meta.label)
    return found


def test_the_company_outlives_an_owner_who_left_it_to_another(alice, acme):
    make_member(acme, role="owner")
    actions.leave(user=alice)
    with later(31):
        actions.erase_what_is_due()
    assert Account.objects.get(pk=acme.pk).company == "Acme Bikes"


def test_what_is_kept_is_said_with_the_reason(bob, client_of):
    actions.change_profile(user=bob, name="B", surname="B", language="en")
    page = client_of(bob).get("/app/profile/").content.decode()
    assert "Kept: Log of acts and disclosures" in page and "the pseudonym means nobody" in page


def test_an_administrator_can_give_a_leaver_the_login_back(bob, ada):
    actions.leave(user=bob)
    actions.reactivate_user(user=bob, by_user_id=ada.pk)
    bob.refresh_from_db()
    assert bob.is_active and bob.erase_at is None
    with later(31):
        assert actions.erase_what_is_due()["people"] == 0


# ---- taking the data along ----
def test_the_old_export_leads_to_your_data(bob):
    assert proved(bob).get("/app/profile/data.json")["Location"] == "/privacy/"


def test_exports_ask_again_after_ten_minutes(alice):
    browser = proved(alice)
    assert browser.get("/app/account/data.zip").status_code == 200
    with later(0.01):
        assert browser.get("/app/account/data.zip")["Location"].startswith("/account/reauthenticate/")


def test_the_account_archive_holds_its_rows_and_nobody_elses(alice, acme, cakes):
    make_chat(acme, text="needle of acme")
    make_chat(cakes, text="needle of cakes")
    answer = proved(alice).get("/app/account/data.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    whole = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "needle of acme" in whole and "Acme Bikes" in whole and "cakes" not in whole.lower()
    assert "secret_hash" not in whole and "token_hash" not in whole
    assert all(json.loads(line) for line in archive.read("chat.Message.jsonl").decode().splitlines())


@pytest.mark.parametrize("role", ["admin", "operator"])
def test_only_an_owner_closes_exports_and_opens_an_account(acme, client_of, role):
    browser = client_of(make_member(acme, role=role).user)
    assert browser.post(CLOSE, {"password": PASSWORD}).status_code == 404
    assert browser.post("/app/account/reopen/").status_code == 404
    assert browser.get("/app/account/data.zip").status_code == 404
    assert 'id="close"' not in browser.get("/app/profile/").content.decode()
    acme.refresh_from_db()
    assert acme.erase_at is None


# ---- an account ----
def test_an_owner_closes_the_account_and_opens_it_again(alice, acme, bob, client_of, dave, closed_sockets, commits):
    browser = client_of(alice)
    assert browser.post(CLOSE, {"password": "not the password"}).status_code == 400
    closed_sockets.clear()
    with commits():
        browser.post(CLOSE, {"password": PASSWORD})
    acme.refresh_from_db()
    assert acme.is_read_only() and set(closed_sockets) == {alice.pk, bob.pk}
    key = dave.widget.key
    assert "Closed now" in Client().get(f"/widget/frame/{key}/").content.decode()
    with pytest.raises(Refused):
        make_chat(acme, text="Hello?")
    page = browser.get("/app/profile/").content.decode()
    assert "Open it again" in page and "everything in it" in page
    assert "The account is closed." in client_of(bob).get("/app/archive/").content.decode()
    assert [mail.subject for mail in deliver()] == ["The account Acme Bikes was closed"]
    assert browser.post(CLOSE, {"password": PASSWORD}).status_code == 400
    browser.post("/app/account/reopen/")
    acme.refresh_from_db()
    assert not acme.is_read_only()
    assert browser.post("/app/account/reopen/").status_code == 302
    assert Entry.objects.filter(action="account.reopened").count() == 1


def test_a_closed_account_is_erased_after_the_date_and_no_other(alice, acme, bob, cakes):
    make_chat(acme, text="needle of acme", email="visitor@specimen.example")
    make_chat(cakes, text="needle of cakes")
    actions.close_account(by=Membership.objects.get(user=alice))
    with later(29):
        assert actions.erase_what_is_due()["accounts"] == 0
    with later(31):
        assert actions.erase_what_is_due() == {"accounts": 1, "people": 0}
    assert not Account.objects.filter(pk=acme.pk).exists()
    assert not Membership.objects.filter(account_id=acme.pk).exists()
    with scopes_disabled():
        assert Chat.objects.count() == 1 and Message.objects.get(text="needle of cakes")
        assert not Visitor.objects.filter(account_id=acme.pk).exists()
        assert not Operator.objects.filter(account_id=acme.pk).exists()
    assert holding("needle of acme") == [] and holding("visitor@specimen") == []
    assert User.objects.filter(pk__in=[alice.pk, bob.pk], is_active=True).count() == 2  # logins of their own
    assert queries.find_user_by_email(alice.email)


def test_an_erasure_that_was_killed_goes_on(alice, acme, monkeypatch):
    from accounts.actions import erasing

    make_chat(acme, text="needle of acme")
    actions.close_account(by=Membership.objects.get(user=alice))
    whole, calls = erasing._erase_table, []

    def die(model, account):
        calls.append(model)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return whole(model, account)

    with later(31):
        monkeypatch.setattr(erasing, "_erase_table", die)
        with pytest.raises(KeyboardInterrupt):
            actions.erase_what_is_due()
        monkeypatch.setattr(erasing, "_erase_table", whole)
        assert actions.erase_what_is_due()["accounts"] == 1
    assert holding("needle of acme") == []
