"""Sign-in with other services in a real browser: there, back, the choice, again, and whatever must not open a login."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount

from accounts.models import User
from accounts.testing import PASSWORD
from accounts.tests.mails import deliver, link_in, path_of
from tests.looks.eye import judge
from tests.openid import Facebook, OpenIDProvider, use_providers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
PAT = {"given_name": "Pat", "family_name": "Specimen", "email": "pat@specimen.example", "email_verified": True}
OpenPage = Callable[..., Any]


@pytest.fixture
def demo(openid: OpenIDProvider, settings: Any, texts: Any, site_server: str, complaints: Any) -> OpenIDProvider:
    use_providers(settings, openid.entry())
    complaints.expect("cdn.jsdelivr.net")  # the provider's own page asks for a style sheet there
    complaints.expect(f"{openid.issuer}/favicon.ico")
    return openid


def go_to(page: Any, name: str = "Demo OpenID") -> None:
    page.goto("/account/login/")
    page.get_by_role("button", name=f"Continue with {name}").click()


def consent(page: Any, sub: str) -> None:
    page.get_by_placeholder("sub").fill(sub)
    page.get_by_role("button", name="Authorize", exact=True).click()


def agree(page: Any) -> None:
    page.get_by_label("I am 13 or older").check()
    page.locator("#policy").check()
    page.get_by_role("button", name="Create login").click()


def test_the_first_time_one_chooses_and_again_one_is_in(page_at: OpenPage, demo: OpenIDProvider) -> None:
    demo.person("pat", **PAT)
    page = page_at(1440)
    go_to(page)
    consent(page, "pat")
    page.get_by_role("heading", name="You come from Demo OpenID").wait_for()
    assert judge(page, "join") == []
    page.get_by_label("E-mail: pat@specimen.example").check()
    page.get_by_label("First name", exact=True).fill("Patricia")
    agree(page)
    page.wait_for_url("**/app/profile/")
    user = User.objects.get(email="pat@specimen.example")
    assert (user.name, user.surname) == ("Patricia", "")
    assert "Gave us: e-mail" in page.locator("#login").inner_text()
    again = page_at(320)
    go_to(again)
    consent(again, "pat")
    again.wait_for_url("**/app/profile/")
    assert again.get_by_label("First name").input_value() == "Patricia" and User.objects.count() == 1


def test_a_login_with_the_same_e_mail_is_opened_by_its_own_password_and_then_connected(
    page_at: OpenPage, demo: OpenIDProvider, alice: User, complaints: Any
) -> None:
    complaints.expect("400 (Bad Request)")
    demo.person("alice", **{**PAT, "email": alice.email})
    page = page_at(1440)
    go_to(page)
    consent(page, "alice")
    page.get_by_label(f"E-mail: {alice.email}").check()
    page.get_by_label("First name: Pat").check()
    agree(page)
    assert "You have a login with this e-mail" in page.locator(".error-summary").inner_text()
    assert not SocialAccount.objects.exists()
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/app/chats/")
    page.goto("/app/profile/")
    page.get_by_role("button", name="Connect Demo OpenID").click()
    consent(page, "alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/app/profile/**")
    assert SocialAccount.objects.get().user == alice
    page.get_by_role("link", name="Disconnect Demo OpenID").click()
    page.get_by_role("heading", name="Disconnect Demo OpenID?").wait_for()
    assert judge(page, "disconnect") == []
    page.locator("main").get_by_role("button", name="Disconnect").click()
    page.wait_for_url("**/app/profile/")
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("claims", [{**PAT, "email_verified": False}, {}], ids=["unproved", "nothing shared"])
def test_an_address_that_is_not_proved_is_confirmed_by_mail(
    page_at: OpenPage, demo: OpenIDProvider, claims: dict[str, Any], site_server: str
) -> None:
    demo.person("quiet", **claims)
    page = page_at(390)
    go_to(page)
    consent(page, "quiet")
    if claims:
        page.get_by_label("First name: Pat").check()
        page.get_by_label("E-mail: pat@specimen.example").check()
    else:
        assert "told us nothing about you" in page.locator("main").inner_text()
        page.get_by_label("First name", exact=True).fill("Quincy")
        page.get_by_label("E-mail", exact=True).fill("pat@specimen.example")
    agree(page)
    page.wait_for_url("**/confirm-email/")
    assert not EmailAddress.objects.get().verified
    (letter,) = deliver()
    page.goto(path_of(link_in(letter, "confirm-email")))
    page.locator("main").get_by_role("button").first.click()
    page.wait_for_url("**/app/profile/")


def test_a_no_at_the_provider_logs_nobody_in(page_at: OpenPage, demo: OpenIDProvider) -> None:
    page = page_at(1440)
    go_to(page)
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url("**/account/login/")
    assert "Nothing was shared" in page.locator("[data-toasts]").inner_text()
    assert not User.objects.exists()


def test_a_wrong_issuer_and_a_used_answer_open_nothing(
    page_at: OpenPage, demo: OpenIDProvider, settings: Any, complaints: Any
) -> None:
    complaints.expect("401")
    demo.person("pat", **PAT)
    page = page_at(1440)
    answers: list[str] = []
    page.on("request", lambda request: answers.append(request.url) if "/back/?" in request.url else None)
    go_to(page)
    consent(page, "pat")
    page.get_by_role("button", name="Forget it all").click()
    page.wait_for_url("**/account/login/")
    page.goto(answers[0])
    assert "That log-in did not work" in page.locator("h1").inner_text()
    use_providers(settings, demo.entry(issuer=demo.issuer + "/"))
    go_to(page)
    page.get_by_role("heading", name="That log-in did not work").wait_for()
    assert not User.objects.exists()


def test_facebook_by_a_stand_in_without_scripts(
    page_at: OpenPage, facebook: Facebook, settings: Any, texts: Any
) -> None:
    use_providers(settings, facebook.entry())
    facebook.told = {"id": "77", "first_name": "Fay", "last_name": "Book", "email": "fay@specimen.example"}
    page = page_at(1440, java_script_enabled=False)
    go_to(page, "Facebook")
    page.get_by_role("heading", name="You come from Facebook").wait_for()
    page.get_by_label("First name: Fay").check()
    page.get_by_label("E-mail: fay@specimen.example").check()
    agree(page)
    page.wait_for_url("**/confirm-email/")
    assert not EmailAddress.objects.get(email="fay@specimen.example").verified
