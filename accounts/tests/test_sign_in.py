"""Sign-in with a real OpenID Connect provider: who gets in, who does not, and what is stored."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Account, SignInProvider, User
from accounts.scoping import account_scope
from accounts.sealing import seal
from accounts.testing import PASSWORD, make_owner, make_user
from accounts.tests.mails import deliver, link_in, path_of
from audit.models import Entry
from policies.models import Acceptance
from tests.openid import use_providers

pytestmark = pytest.mark.django_db
PAT = {
    "given_name": "Pat", "family_name": "Specimen", "email": "pat@specimen.example", "email_verified": True,
    "picture": "https://pictures.example/pat.png", "phone_number": "+1 555 0100", "locale": "de",
}  # fmt: skip


@pytest.fixture
def demo(openid, settings, texts):
    use_providers(settings, openid.entry())
    return openid


def leave_for(client, slug="demo", **data):
    """Presses the button; answers the address of the provider that the page leads to."""
    page = client.post(reverse("accounts:sign_in_with", args=[slug]), data)
    assert page.status_code == 200, page.status_code
    return page.context["url"]


def come_back(client, demo, sub, **data):
    """The whole way there and back, with consent."""
    return client.get(path_of(demo.consent(leave_for(client, **data), sub)))


def token_of(client):
    page = client.get("/account/join/").content.decode()
    return re.search(r'name="policy"[^>]* value="([^"]+)"', page).group(1)


def answers(client, **changes):
    return {"age": "on", "policy": token_of(client), **changes}


def take_all(client):
    return answers(client, take_name="on", take_surname="on", take_email="on")


def joined(demo, sub="pat", **claims):
    """A person who joined with the provider, and their browser."""
    demo.person(sub, **{**PAT, **claims})
    client = Client()
    come_back(client, demo, sub)
    client.post("/account/join/", take_all(client))
    return client, User.objects.get(email=claims.get("email", PAT["email"]))


# ---- the first time, and again ----
def test_without_a_provider_there_is_no_button_and_no_door(client, texts, settings):
    settings.SIGN_IN_PROVIDERS = []
    for path in ("/account/login/", "/account/signup/"):
        assert "/account/with/" not in client.get(path).content.decode()
    assert client.post("/account/with/demo/").status_code == 404


@pytest.mark.promise("one_login_each")
def test_who_comes_the_first_time_is_nobody_until_they_chose(client, demo):
    demo.person("pat", **PAT)
    assert come_back(client, demo, "pat")["Location"] == "/account/join/"
    page = client.get("/account/join/").content.decode()
    assert "First name: Pat" in page and "E-mail: pat@specimen.example" in page and "checked" not in page
    assert not User.objects.exists() and not SocialAccount.objects.exists()


def test_what_was_ticked_is_taken_and_nothing_else_is_stored(client, demo):
    demo.person("pat", **PAT)
    come_back(client, demo, "pat")
    data = answers(client, take_email="on", name="Patricia", surname="")
    assert client.post("/account/join/", data).status_code == 302
    user = get_user(client)
    assert (user.name, user.surname, user.email) == ("Patricia", "", "pat@specimen.example")
    assert EmailAddress.objects.get(user=user).verified and user.over_thirteen_at and not user.has_usable_password()
    row = SocialAccount.objects.get(user=user)
    assert (row.provider, row.uid, row.extra_data) == (demo.issuer, "pat", {"gave": ["email"]})
    assert Acceptance.objects.filter(user=user).count() == 2
    assert not SocialToken.objects.exists() and not SocialApp.objects.exists()
    sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert not {text for text in ("Specimen", "pictures.example", "555 0100") if text in sessions}


@pytest.mark.promise("one_login_each")
def test_again_the_same_person_comes_in_under_a_new_session_key_and_no_more_is_stored(demo):
    _client, user = joined(demo)
    demo.person("pat", **{**PAT, "given_name": "Changed", "email": "other@specimen.example"})
    again = Client()
    url = leave_for(again)
    before = again.session.session_key
    again.get(path_of(demo.consent(url, "pat")))
    assert get_user(again) == user and again.session.session_key != before
    user.refresh_from_db()
    assert (user.name, user.email) == ("Pat", "pat@specimen.example")
    assert SocialAccount.objects.get().extra_data == {"gave": ["email", "name", "surname"]}


def test_who_shares_nothing_is_asked_and_confirms_the_address(client, demo):
    demo.person("silent")
    come_back(client, demo, "silent")
    assert "told us nothing about you" in client.get("/account/join/").content.decode()
    refused = client.post("/account/join/", answers(client))
    assert refused.status_code == 400 and "Enter your e-mail" in refused.content.decode()
    client.post("/account/join/", answers(client, name="Sy", email="sy@specimen.example"))
    assert not get_user(client).is_authenticated
    (letter,) = deliver()
    client.post(path_of(link_in(letter, "confirm-email")))
    assert get_user(client).email == "sy@specimen.example"
    assert SocialAccount.objects.get().extra_data == {"gave": []}


def test_a_company_can_be_started_with_its_promised_fields(client, demo):
    demo.person("pat", **PAT)
    come_back(client, demo, "pat")
    data = take_all(client) | {"with_company": "on"}
    assert "Enter the company&#x27;s name" in client.post("/account/join/", data).content.decode()
    data |= {"company": "Specimen Ltd", "address": "1 Sample Street", "website": "specimen.example"}
    assert client.post("/account/join/", data)["Location"] == "/app/chats/"
    assert Account.objects.get(memberships__user=get_user(client)).company == "Specimen Ltd"


@pytest.mark.parametrize("missing", ["age", "policy"])
def test_age_and_texts_are_asked_here_too(client, demo, missing):
    demo.person("pat", **PAT)
    come_back(client, demo, "pat")
    data = take_all(client)
    del data[missing]
    assert client.post("/account/join/", data).status_code == 400
    assert not User.objects.exists()


def test_what_the_provider_told_can_be_forgotten(client, demo):
    demo.person("pat", **PAT)
    come_back(client, demo, "pat")
    client.post("/account/join/", {"cancel": "1"})
    assert client.get("/account/join/")["Location"] == "/account/login/"
    assert "Specimen" not in json.dumps([session.get_decoded() for session in Session.objects.all()])


# ---- takeover (SAFETY: OIDC, pre-hijack, enumeration) ----
@pytest.mark.promise("one_login_each")
def test_an_e_mail_alone_opens_no_login_even_if_a_setting_says_so(demo, settings, alice):
    assert settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION is False
    assert settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT is False
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    demo.person("thief", **{**PAT, "email": alice.email})
    client = Client()
    come_back(client, demo, "thief")
    assert not get_user(client).is_authenticated and not SocialAccount.objects.exists()


@pytest.mark.promise("one_login_each")
def test_the_owner_of_a_login_is_told_to_log_in_first(client, demo, alice):
    demo.person("alice", **{**PAT, "email": alice.email})
    come_back(client, demo, "alice")
    page = client.post("/account/join/", take_all(client)).content.decode()
    assert "You have a login with this e-mail" in page
    assert not get_user(client).is_authenticated and not SocialAccount.objects.exists()


@pytest.mark.promise("one_login_each")
def test_an_unproved_e_mail_that_has_a_login_looks_like_a_new_one(demo, alice):
    seen = []
    for sub, email in (("one", alice.email), ("two", "new@specimen.example")):
        demo.person(sub, **{**PAT, "email": email, "email_verified": False})
        client = Client()
        come_back(client, demo, sub)
        answer = client.post("/account/join/", take_all(client))
        page = client.get(answer["Location"]).content.decode().replace(email, "EMAIL")
        seen.append((answer.status_code, answer["Location"], re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page)))
        assert not get_user(client).is_authenticated
    assert seen[0] == seen[1]
    assert [letter.to[0].partition("<")[2][:-1] for letter in deliver()] == [alice.email, "new@specimen.example"]
    assert not SocialAccount.objects.filter(user=alice).exists()


@pytest.mark.promise("one_login_each")
@pytest.mark.parametrize("word", [False, "true", "false", 1, None])
def test_only_a_plain_yes_of_the_provider_proves_an_e_mail(client, demo, word):
    demo.person("pat", **{**PAT, "email_verified": word})
    come_back(client, demo, "pat")
    client.post("/account/join/", take_all(client))
    assert not EmailAddress.objects.get().verified and not get_user(client).is_authenticated


def test_a_provider_that_is_not_on_the_trusted_list_proves_nothing(client, openid, settings, texts):
    use_providers(settings, openid.entry(trusted=False))
    openid.person("pat", **PAT)
    come_back(client, openid, "pat")
    client.post("/account/join/", take_all(client))
    assert not EmailAddress.objects.get().verified and not get_user(client).is_authenticated


def test_a_typed_e_mail_is_never_proved(client, demo):
    demo.person("pat", **PAT)
    come_back(client, demo, "pat")
    client.post("/account/join/", answers(client, take_name="on", email="pat@specimen.example"))
    assert not EmailAddress.objects.get().verified and not get_user(client).is_authenticated


def test_a_sign_up_with_my_address_by_somebody_else_loses_password_and_sessions(demo):
    squatter = make_owner(email=PAT["email"], verified=False, website="https://squat.example")
    planted = Client()
    planted.force_login(squatter, backend="allauth.account.auth_backends.AuthenticationBackend")
    User.objects.filter(pk=squatter.pk).update(last_login=None)  # a session from anywhere, and no log-in of theirs
    client, owner = joined(demo)
    assert owner.pk != squatter.pk and get_user(client) == owner
    assert not get_user(planted).is_authenticated
    assert not Account.objects.filter(website="https://squat.example").exists()
    tried = Client()
    tried.post("/account/login/", {"login": PAT["email"], "password": PASSWORD})
    assert not get_user(tried).is_authenticated
    assert Entry.objects.filter(action="signup.displaced").exists()


def test_an_account_that_a_squatter_connected_goes_when_the_address_is_proved_elsewhere(demo):
    demo.person("squatter")
    squatter = Client()
    come_back(squatter, demo, "squatter")
    squatter.post("/account/join/", answers(squatter, name="Not Me", email="victim@specimen.example"))
    (letter,) = deliver()
    Client().post(path_of(link_in(letter, "confirm-email")))  # the victim, in a browser of their own
    again = Client()
    come_back(again, demo, "squatter")
    assert not get_user(again).is_authenticated and not SocialAccount.objects.exists()


@pytest.mark.promise("one_login_each")
def test_the_same_number_at_another_issuer_is_another_person(demo, openid, settings):
    _client, user = joined(demo)
    SocialAccount.objects.filter(user=user).update(provider="https://elsewhere.example")
    stranger = Client()
    assert come_back(stranger, demo, "pat")["Location"] == "/account/join/"
    assert not get_user(stranger).is_authenticated


# ---- answers that must not count ----
def test_a_refused_consent_logs_nobody_in(client, demo):
    answer = client.get(path_of(demo.refuse(leave_for(client))), follow=True)
    assert "Nothing was shared" in answer.content.decode() and not get_user(client).is_authenticated


def test_a_used_answer_opens_nothing(demo):
    client, user = joined(demo)
    client.post("/account/logout/")
    url = demo.consent(leave_for(client), "pat")
    client.get(path_of(url))
    assert get_user(client) == user
    client.post("/account/logout/")
    assert client.get(path_of(url)).status_code == 401 and not get_user(client).is_authenticated


def test_an_answer_for_another_browser_opens_nothing(client, demo):
    joined(demo)
    url = demo.consent(leave_for(client), "pat")
    victim = Client()
    leave_for(victim)
    assert victim.get(path_of(url)).status_code == 401 and not get_user(victim).is_authenticated


def test_a_code_of_another_way_opens_nothing(client, demo):
    """A stolen code in a browser with a state of its own: the nonce is not that browser's."""
    joined(demo)
    stolen = re.search(r"code=([^&]+)", demo.consent(leave_for(Client()), "pat")).group(1)
    state = re.search(r"state=([^&]+)", leave_for(client)).group(1)
    answer = client.get(f"/account/with/demo/back/?code={stolen}&state={state}")
    assert answer.status_code == 401 and not get_user(client).is_authenticated


def test_an_issuer_that_is_not_the_configured_one_is_refused(client, openid, settings, texts):
    use_providers(settings, openid.entry(issuer=openid.issuer + "/"))
    assert client.post("/account/with/demo/").status_code == 401
    use_providers(settings, openid.entry())
    url = openid.consent(leave_for(client), "pat")
    assert client.get(path_of(url) + "&iss=https://other.example").status_code == 401


def test_a_used_state_opens_nothing_even_at_a_service_that_takes_a_code_twice(client, facebook, settings, texts):
    from tests.openid import ask

    use_providers(settings, facebook.entry())
    facebook.told = {"id": "77", "first_name": "Fay"}
    url = path_of(ask("GET", leave_for(client, "facebook"))[1]["Location"])
    assert client.get(url)["Location"] == "/account/join/"
    asked = len(facebook.asked)
    assert client.get(url).status_code == 401 and len(facebook.asked) == asked


def test_the_way_there_carries_pkce_a_nonce_and_no_more_than_we_need(client, demo):
    url = leave_for(client, scope="address", process="redirect")
    assert "code_challenge_method=S256" in url and "nonce=" in url and "state=" in url
    assert set(re.search(r"scope=([^&]+)", url).group(1).split("+")) == {"openid", "profile", "email"}


def test_next_stays_on_this_site(demo):
    _client, user = joined(demo)
    for target, expected in (("/app/profile/", "/app/profile/"), ("https://evil.example/", "/app/profile/")):
        client = Client()
        assert come_back(client, demo, "pat", next=target)["Location"] == expected
    client = Client()
    assert come_back(client, demo, "pat", next="//evil.example/x")["Location"] == "/app/profile/"


# ---- our own rules hold ----
def test_the_second_step_is_asked_after_a_provider_too(demo):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    _client, user = joined(demo)
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    assert come_back(client, demo, "pat")["Location"] == reverse("mfa_authenticate")
    assert not get_user(client).is_authenticated


def test_who_was_switched_off_stays_out(demo):
    _client, user = joined(demo)
    actions.deactivate_user(user=user, by_user_id=0)
    client = Client()
    come_back(client, demo, "pat")
    assert not get_user(client).is_authenticated


def test_the_list_of_addresses_holds_for_who_comes_from_a_provider(demo, alice_member):
    SocialAccount.objects.create(user=alice_member.user, provider=demo.issuer, uid="alice")
    with account_scope(alice_member.account):
        actions.add_access_rule(by=alice_member, network="203.0.113.0/24", label="Office")
    Account.objects.filter(pk=alice_member.account_id).update(access_mode="listed")
    demo.person("alice")
    outside = Client()
    come_back(outside, demo, "alice")
    assert get_user(outside) == alice_member.user and outside.get("/app/chats/").status_code == 403


def test_tries_are_limited(demo, monkeypatch):
    from core import limits

    monkeypatch.setitem(limits.LIMITS, "sign_in", limits.Limit(2, 600, "address"))
    client = Client()
    leave_for(client)
    leave_for(client)
    assert client.post("/account/with/demo/").status_code == 429


# ---- connect and disconnect ----
def logged_in(user):
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert get_user(client) == user
    return client


def say_it_is_me(client, answer):
    """The password once more, as for every change of how one logs in; answers where that leads."""
    assert answer["Location"].startswith("/account/reauthenticate/")
    return client.post(answer["Location"], {"password": PASSWORD})


def test_a_login_is_connected_from_inside_and_opens_it_from_then_on(demo, alice):
    demo.person("alice", **PAT)
    client = logged_in(alice)
    answer = come_back(client, demo, "alice", process="connect")
    assert not SocialAccount.objects.exists()
    assert say_it_is_me(client, answer)["Location"] == "/app/profile/#login"
    row = SocialAccount.objects.get(user=alice)
    assert (row.uid, row.extra_data) == ("alice", {})
    assert EmailAddress.objects.filter(user=alice).count() == 1
    assert [letter.subject for letter in deliver()] == ["Another way to log in was connected"]
    assert Entry.objects.filter(action="provider.connected").count() == 1
    assert "Disconnect" in client.get("/app/profile/").content.decode()
    again = Client()
    come_back(again, demo, "alice")
    assert get_user(again) == alice


@pytest.mark.promise("one_login_each")
def test_an_account_elsewhere_opens_one_login_only(demo, alice):
    _client, pat = joined(demo)
    client = logged_in(alice)
    say_it_is_me(client, come_back(client, demo, "pat", process="connect"))
    page = client.get("/app/profile/")
    assert "opens another login here" in page.content.decode()
    assert SocialAccount.objects.get().user == pat


def test_nobody_connects_without_a_log_in(client, demo):
    demo.person("pat", **PAT)
    come_back(client, demo, "pat", process="connect")
    assert not SocialAccount.objects.exists() and not get_user(client).is_authenticated


def test_disconnecting_is_told_and_ends_other_sessions(demo, alice):
    row = SocialAccount.objects.create(user=alice, provider=demo.issuer, uid="alice")
    other, client = logged_in(alice), logged_in(alice)
    path = f"/app/profile/connections/{row.pk}/disconnect/"
    assert say_it_is_me(client, client.get(path))["Location"] == path
    page = client.get(path)
    assert "Disconnect Demo OpenID?" in page.content.decode()
    client.post(path)
    assert not SocialAccount.objects.exists()
    assert get_user(client) == alice and not get_user(other).is_authenticated
    assert "A way to log in was disconnected" in [letter.subject for letter in deliver()]
    assert Entry.objects.filter(action="provider.disconnected").exists()


def test_the_last_way_in_cannot_be_taken_away(demo):
    client, user = joined(demo)
    row = SocialAccount.objects.get(user=user)
    page = client.post(f"/app/profile/connections/{row.pk}/disconnect/")
    assert page.status_code == 400 and "your only way to log in" in page.content.decode()
    assert SocialAccount.objects.filter(pk=row.pk).exists()


def test_nobody_disconnects_another_persons_account(demo, alice):
    row = SocialAccount.objects.create(user=make_user(), provider=demo.issuer, uid="x")
    assert logged_in(alice).post(f"/app/profile/connections/{row.pk}/disconnect/").status_code == 404
    assert SocialAccount.objects.filter(pk=row.pk).exists()


# ---- the list of an administrator ----
def test_a_provider_of_the_admin_has_a_button_and_its_secret_is_sealed(client, texts, settings):
    settings.SIGN_IN_PROVIDERS = []
    row = actions.save_provider(
        row=SignInProvider(), by_user_id=0,
        changes={"slug": "acme", "name": "Acme ID", "issuer": "https://id.acme.example", "client_id": "x",
                 "new_secret": "very secret", "hosts": "", "is_trusted": False, "is_on": True},
    )  # fmt: skip
    assert "very secret" not in row.secret and "Continue with Acme ID" in client.get("/account/login/").content.decode()
    actions.save_provider(row=row, changes={"is_on": False}, by_user_id=0)
    assert "Acme ID" not in client.get("/account/login/").content.decode()


def test_a_secret_of_an_older_key_shuts_the_provider_and_not_the_page(client, texts, settings):
    SignInProvider.objects.create(
        slug="acme", name="Acme ID", issuer="https://id.acme.example", client_id="x", secret=seal("s")[:-4] + "AAAA"
    )
    assert client.get("/account/login/").status_code == 200


# ---- Facebook, by a stand-in for its endpoints ----
def test_facebook_is_asked_for_three_fields_and_its_e_mail_is_not_believed(client, facebook, settings, texts):
    use_providers(settings, facebook.entry())
    facebook.told = {"id": "77", "first_name": "Fay", "last_name": "Book", "email": "fay@specimen.example"}
    url = leave_for(client, "facebook")
    assert url.startswith(f"{facebook.origin}/dialog/oauth?") and "code_challenge=" in url
    from tests.openid import ask

    client.get(path_of(ask("GET", url)[1]["Location"]))
    client.post("/account/join/", take_all(client))
    user = User.objects.get(email="fay@specimen.example")
    assert not EmailAddress.objects.get(user=user).verified and not get_user(client).is_authenticated
    assert SocialAccount.objects.get(user=user).uid == "77" and not SocialToken.objects.exists()
    exchanged = dict(facebook.asked)
    assert "code_verifier" in exchanged["/oauth/access_token"]
    assert exchanged["/me"]["fields"] == ["id,first_name,last_name,email"] and "appsecret_proof" in exchanged["/me"]
