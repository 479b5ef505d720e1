"""Sign-up, second factor and passkeys in a real browser, with a virtual authenticator."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.models import User
from accounts.testing import PASSWORD, make_texts
from accounts.tests.mails import deliver, link_in, path_of
from accounts.tests.test_admin import totp_now
from core.outbound import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def named_site(site_server, settings):
    """The site under a name: a passkey belongs to a name, never to an address of numbers."""
    origin = site_server.replace("127.0.0.1", "localhost")
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    settings.PUBLIC_ORIGIN = origin
    settings.CSRF_TRUSTED_ORIGINS = [origin]
    return origin


def log_in(page, user):
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def give_authenticator(page):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_logs_in_without_the_password(page_at, named_site, alice):
    page = page_at(base_url=named_site)
    give_authenticator(page)
    log_in(page, alice)
    page.wait_for_url("**/app/chats/")
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add the key").click()
    page.wait_for_url("**/recovery-codes/")
    assert page.locator("#recovery-codes li").count() == 10
    page.goto("/account/2fa/webauthn/")
    assert "My laptop" in page.locator("main").inner_text()
    page.goto("/account/logout/")
    page.locator("main").get_by_role("button", name="Log out").click()
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/app/chats/")


def test_a_company_signs_up_and_its_owner_sets_up_an_authenticator_app(page_at, site_server, transactional_db):
    make_texts()
    page = page_at(375)
    page.goto("/account/signup/")
    page.get_by_role("button", name="Create account").click()
    assert page.locator(".error-summary").get_by_role("link").count() == 9
    assert page.title().startswith("Error: ")
    for label, value in (
        ("First name", "Ada"),
        ("Surname", "Example"),
        ("E-mail", "ada@acme-bikes.example"),
        ("Password", PASSWORD),
        ("Company", "Acme Bikes"),
        ("Address", "1 Sample Street"),
        ("Website", "acme-bikes.example"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("I am 13 or older").check()
    page.locator("#policy").check()
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/confirm-email/")
    [message] = deliver()
    page.goto(path_of(link_in(message, "confirm-email")))
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/app/chats/")
    page.goto("/account/2fa/totp/activate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    secret = page.locator("code").inner_text()
    box = page.locator("svg.qr").bounding_box()
    assert box["width"] >= 200
    page.get_by_label("Code").fill(totp_now(secret))
    page.get_by_role("button", name="Switch it on").click()
    page.wait_for_url("**/recovery-codes/")
    assert User.objects.get().name == "Ada"


def test_the_admin_works_under_our_policy_and_keeps_only_what_is_declared(page_at, site_server, ada, acme):
    TOTP.activate(ada, generate_totp_secret())
    page = page_at(user=ada)
    for path in ("", "accounts/account/", f"accounts/account/{acme.pk}/change/", "accounts/user/", "chat/chat/"):
        page.goto(f"/admin/{path}")
        assert page.locator("#site-name").count() == 1
    page.goto("/admin/accounts/account/")
    page.get_by_role("link", name="acme-bikes", exact=True).click()
    page.locator("#id_active_until_0").fill("2031-01-31")
    page.locator("#id_active_until_1").fill("12:00")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/accounts/account/")
    acme.refresh_from_db()
    assert acme.active_until.year == 2031
    kept = page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
    assert set(kept) <= {"django.admin.filtersState"} and set(kept) <= set(registry.cookies)


def test_an_invited_person_joins_and_comes_back_with_a_passkey_only(page_at, named_site, alice_member):
    from operators.testing import make_invitation, tokens_in

    make_invitation(alice_member, name="Fay Sample", email="fay@sample.example")
    page = page_at(base_url=named_site)
    give_authenticator(page)
    page.goto(f"/invitation/{tokens_in(deliver()[-1].body)[0]}/")
    page.get_by_label("I am 13 or older").check()
    page.get_by_label("I accept the").check()
    page.get_by_role("button", name="Accept with a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add the key").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto("/account/logout/")
    page.locator("main").get_by_role("button", name="Log out").click()
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/app/chats/")
