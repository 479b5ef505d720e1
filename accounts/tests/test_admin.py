"""The admin: staff with a second factor, through our actions, fast, and without what was said in chats."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, SignInProvider, User
from accounts.sealing import unseal
from accounts.testing import PASSWORD, make_account
from audit.models import Entry

pytestmark = pytest.mark.django_db


def totp_now(secret):
    counter = next(yield_hotp_counters_from_time())
    return f"{hotp_value(secret, counter):06d}"


@pytest.fixture
def admin_browser(ada, client_of):
    TOTP.activate(ada, generate_totp_secret())
    return client_of(ada)


def test_a_stranger_logs_in_first_and_only_paths_of_this_site_are_kept(client):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/account/login/?next=/admin/")
    for target in ("https://evil.example/", "//evil.example/"):
        location = client.get("/admin/login/", {"next": target})["Location"]
        assert location == "/account/login/?next=/admin/"


def test_the_admin_does_not_exist_for_customers(client_of, alice):
    assert client_of(alice).get("/admin/", follow=True).status_code == 404


def test_staff_without_a_second_factor_enrol_and_then_go_on(client, ada):
    client.post("/account/login/", {"login": ada.email, "password": PASSWORD})
    response = client.get("/admin/accounts/user/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/account/reauthenticate/")
    client.post(response.redirect_chain[-1][0], {"password": PASSWORD})
    page = client.get("/account/2fa/totp/activate/").content.decode()
    assert "<svg" in page and "data:" not in page
    secret = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page)[1]
    done = client.post("/account/2fa/totp/activate/", {"code": totp_now(secret)}, follow=True)
    page = done.content.decode()
    assert done.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes") and 'href="/admin/accounts/user/"' in page
    assert len(re.findall(r"<li>\d{8}</li>", page)) == 10
    assert client.get("/admin/accounts/user/").status_code == 200


def test_a_second_log_in_asks_for_the_second_step_and_a_code_works_once(client, ada):
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    login = {"login": ada.email, "password": PASSWORD}
    assert client.post("/account/login/", login)["Location"] == "/account/2fa/authenticate/"
    assert client.get("/admin/").status_code == 302  # not yet
    code = totp_now(secret)
    assert client.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    client.post("/account/logout/")
    client.post("/account/login/", login)
    again = client.post("/account/2fa/authenticate/", {"code": code})
    assert again.status_code == 200 and "not right or too old" in again.content.decode()


def test_secrets_of_second_steps_are_stored_encrypted(ada):
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    stored = Authenticator.objects.get(user=ada)
    assert secret not in str(stored.data)
    assert TOTP(stored).validate_code(totp_now(secret))


def test_only_the_networks_that_may(admin_browser, settings):
    from ipaddress import ip_network

    settings.ADMIN_NETWORKS = [ip_network("203.0.113.0/24")]
    assert admin_browser.get("/admin/", follow=True).status_code == 404
    assert admin_browser.get("/admin/", REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.parametrize("model", [model._meta.label_lower for model in admin.site._registry])
def test_every_list_opens_searches_and_never_counts_a_whole_table(admin_browser, acme, bob, model):
    app, name = model.split(".")
    url = reverse(f"admin:{app}_{name}_changelist")
    with CaptureQueriesContext(connection) as queries:
        assert admin_browser.get(url).status_code == 200
    counts = [q["sql"] for q in queries if "COUNT(" in q["sql"] and f'"{app}_{name}"' in q["sql"]]
    assert all("LIMIT" in sql for sql in counts), counts
    if admin.site._registry[[m for m in admin.site._registry if m._meta.label_lower == model][0]].search_fields:
        assert admin_browser.get(url, {"q": "acme"}).status_code == 200


def test_people_are_found_by_their_whole_address_or_number(admin_browser, alice, bob):
    url = reverse("admin:accounts_user_changelist")
    for term, found in (("Alice@ACME-bikes.example", True), (str(alice.pk), True), ("alice", False)):
        page = admin_browser.get(url, {"q": term}).content.decode()
        assert ("alice@acme-bikes.example" in page) is found, term
        assert "bob@acme-bikes.example" not in page


def test_an_administrator_sets_active_until_through_our_action(admin_browser, ada, acme):
    url = reverse("admin:accounts_account_change", args=[acme.pk])
    assert admin_browser.get(url).status_code == 200
    admin_browser.post(url, {"active_until_0": "2031-01-31", "active_until_1": "12:00:00", "company": "Hijacked"})
    acme.refresh_from_db()
    assert acme.active_until.isoformat() == "2031-01-31T12:00:00+00:00" and acme.company == "Acme Bikes"
    assert Entry.objects.filter(action="account.prolonged").count() == 1
    assert Entry.objects.filter(action="admin.viewed", subject=f"account:{acme.pk}").exists()


def test_accounts_are_prolonged_from_the_list(admin_browser, acme):
    end = acme.ends_at
    admin_browser.post(
        reverse("admin:accounts_account_changelist"), {"action": "prolong", "_selected_action": [str(acme.pk)]}
    )
    acme.refresh_from_db()
    assert (acme.active_until - end).days == 30
    assert Entry.objects.filter(action="admin.action").exists()


def test_a_person_is_switched_off_and_made_staff_through_our_actions(admin_browser, bob):
    url = reverse("admin:accounts_user_change", args=[bob.pk])
    admin_browser.post(url, {"is_staff": "on", "is_superuser": "on", "email": "evil@specimen.example"})
    bob.refresh_from_db()
    assert (bob.is_active, bob.is_staff, bob.is_superuser, bob.email) == (False, True, False, "bob@acme-bikes.example")
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"user.deactivated", "staff.added"} <= actions


def test_an_administrator_cannot_switch_off_their_own_login(admin_browser, ada):
    page = admin_browser.post(reverse("admin:accounts_user_change", args=[ada.pk]), {"is_staff": "on"}, follow=True)
    assert "You cannot deactivate yourself here" in page.content.decode()
    assert User.objects.get(pk=ada.pk).is_active


def test_nothing_can_be_added_or_deleted(admin_browser, acme):
    for name in ("accounts_account", "accounts_user", "accounts_membership", "chat_chat"):
        assert admin_browser.get(reverse(f"admin:{name}_add")).status_code == 403
    assert (
        admin_browser.post(reverse("admin:accounts_account_delete", args=[acme.pk]), {"post": "yes"}).status_code == 403
    )
    admin_browser.post(
        reverse("admin:accounts_account_changelist"), {"action": "delete_selected", "_selected_action": [str(acme.pk)]}
    )
    assert Account.objects.filter(pk=acme.pk).exists()


@pytest.mark.parametrize("who", ["sam", "nik"])
def test_the_admin_is_for_administrators_and_no_role_opens_it(client_of, request, acme, who):
    person = request.getfixturevalue(who)
    if who == "sam":
        TOTP.activate(person, generate_totp_secret())
    browser = client_of(person)
    for path in ("/admin/", reverse("admin:accounts_account_changelist")):
        assert browser.get(path, follow=True).status_code == 404


def test_the_list_of_accounts_takes_as_many_queries_for_two_as_for_four(admin_browser, texts):
    def count():
        make_account(), make_account()
        with CaptureQueriesContext(connection) as queries:
            admin_browser.get(reverse("admin:accounts_account_changelist"))
        return len(queries)

    assert count() == count()


def test_an_administrator_adds_a_sign_in_provider_and_its_secret_is_never_shown(admin_browser):
    path = "/admin/accounts/signinprovider/"
    data = {"slug": "acme", "name": "Acme ID", "issuer": "http://id.acme.example", "client_id": "x", "is_on": "on"}
    assert "begins with https" in admin_browser.post(f"{path}add/", data | {"new_secret": "s"}).content.decode()
    data["issuer"] = "https://id.acme.example"
    assert admin_browser.post(f"{path}add/", data | {"new_secret": "needle secret"}).status_code == 302
    row = SignInProvider.objects.get()
    assert unseal(row.secret) == "needle secret"
    page = admin_browser.get(f"{path}{row.pk}/change/").content.decode()
    assert "needle secret" not in page and row.secret not in page
    admin_browser.post(f"{path}{row.pk}/change/", data | {"name": "Renamed", "new_secret": ""})
    row.refresh_from_db()
    assert row.name == "Renamed" and unseal(row.secret) == "needle secret"
    assert Entry.objects.filter(action="provider.saved").count() == 2
