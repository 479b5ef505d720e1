"""Name and e-mail of the chat's form from a service: a window beside a website, with the cookies of others blocked."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, User
from accounts.scoping import account_scope, scopes_disabled
from chat.models import Chat, Visitor, Widget
from operators.actions import ensure_operator
from tests.openid import OpenIDProvider, use_providers
from tests.walks.shop import open_chat, shop
from tests.walks.test_websites_walk import console, profile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

__all__ = ["profile", "shop"]

Open = Callable[..., Any]
PAT = {"name": "Pat Specimen", "email": "pat@specimen.example", "email_verified": True}


@pytest.fixture
def demo(openid: OpenIDProvider, settings: Any, alice_member: Any, site_server: str) -> OpenIDProvider:
    ensure_operator(membership=alice_member)
    use_providers(settings, openid.entry())
    openid.person("pat", **PAT)
    return openid


@pytest.fixture
def visitor(profile: Open) -> Any:
    return profile(blocked=True)


def go_beside(page: Any, frame: Any) -> Any:
    """Presses the button of the form; answers the window, when it shows the page of the service."""
    with page.expect_popup() as opened:
        frame.get_by_role("button", name="Fill in with Demo OpenID").click()
    beside = opened.value
    beside.get_by_placeholder("sub").wait_for()
    return beside


def consent(beside: Any, sub: str = "pat") -> None:
    beside.get_by_placeholder("sub").fill(sub)
    beside.get_by_role("button", name="Authorize", exact=True).click()


def says(frame: Any, text: str) -> None:
    frame.locator("#prefill-says", has_text=text).wait_for()


def test_only_the_name_is_chosen_changed_and_sent_with_the_form(
    acme: Account, alice: User, shop: Open, page_at: Open, visitor: Any, demo: OpenIDProvider
) -> None:
    desk = console(page_at, alice)
    origin = shop()
    visitor.goto(f"{origin}/")
    frame = open_chat(visitor)
    beside = go_beside(visitor, frame)
    says(frame, "Choose in the other window")
    consent(beside)
    beside.get_by_text(f"on {origin.partition('://')[2]}").wait_for()
    assert not beside.get_by_label("Use my e-mail: pat@specimen.example").is_checked()
    beside.get_by_label("Use my name: Pat Specimen").check()
    with beside.expect_event("close"):
        beside.get_by_role("button", name="Fill in", exact=True).click()
    says(frame, "Filled in")
    name = frame.get_by_label("Name")
    assert name.input_value() == "Pat Specimen" and name.evaluate("field => field === document.activeElement")
    assert frame.get_by_label("E-mail").input_value() == ""
    with account_scope(acme):
        assert not Chat.objects.exists()
        assert list(Visitor.objects.values_list("name", "email")) == [("", "")]
    assert desk.locator("#waiting a").count() == 0
    name.fill("Pat")
    frame.get_by_label("Your question").fill("Does the saddle fit?")
    frame.get_by_role("button", name="Start chat").click()
    desk.locator("#waiting a", has_text="Pat").wait_for()
    with account_scope(acme):
        assert list(Visitor.objects.values_list("name", "email")) == [("Pat", "")]
    assert not User.objects.exclude(pk=alice.pk).exists()
    assert [cookie["name"] for cookie in visitor.context.cookies() if cookie["name"] == "session"] == []


def test_a_closed_window_a_no_and_silence_leave_the_form_as_it_was(
    shop: Open, visitor: Any, demo: OpenIDProvider
) -> None:
    visitor.goto(f"{shop()}/")
    frame = open_chat(visitor)
    frame.get_by_label("Name").fill("Typed")
    go_beside(visitor, frame).close()
    says(frame, "Nothing came from the other window")
    beside = go_beside(visitor, frame)
    beside.evaluate("history.back()")  # whoever goes back there is asked once more
    beside.wait_for_url("**/widget/prefill/**")
    beside.get_by_role("button", name="Deny").click()
    beside.get_by_role("heading", name="Demo OpenID told us nothing").wait_for()
    says(frame, "Nothing was filled in")
    demo.person("silent")
    consent(go_beside(visitor, frame), "silent")
    says(frame, "Nothing was filled in")
    assert frame.get_by_label("Name").input_value() == "Typed"
    with scopes_disabled():
        assert not Chat.objects.exists()


def test_a_service_that_cuts_the_window_off_still_fills_in(shop: Open, visitor: Any, demo: OpenIDProvider) -> None:
    """As Google's pages do it: after them the two windows cannot speak with each other any more."""

    def cut(route: Any) -> None:
        answer = route.fetch(max_redirects=0)
        route.fulfill(response=answer, headers={**answer.headers, "cross-origin-opener-policy": "same-origin"})

    visitor.context.route(f"{demo.issuer}/oauth2/authorize*", cut)
    visitor.goto(f"{shop()}/")
    frame = open_chat(visitor)
    beside = go_beside(visitor, frame)
    assert beside.evaluate("window.opener") is None
    consent(beside)
    beside.get_by_label("Use my e-mail: pat@specimen.example").check()
    beside.get_by_role("button", name="Fill in", exact=True).click()
    says(frame, "Filled in")
    assert frame.get_by_label("E-mail").input_value() == "pat@specimen.example"


def test_the_window_on_a_page_of_its_own_is_filled_in_too(
    acme: Account, shop: Open, visitor: Any, demo: OpenIDProvider, site_server: str
) -> None:
    shop()
    with account_scope(acme):
        key = Widget.objects.get().key
    visitor.goto(f"{site_server}/widget/frame/{key}/")
    beside = go_beside(visitor, visitor)
    consent(beside)
    beside.get_by_label("Use my name: Pat Specimen").check()
    beside.get_by_role("button", name="Fill in", exact=True).click()
    says(visitor, "Filled in")


def test_a_page_of_another_site_that_opens_the_window_gets_nothing(
    acme: Account, shop: Open, visitor: Any, demo: OpenIDProvider, site_server: str
) -> None:
    visitor.goto(f"{shop()}/")
    key = next(part for part in visitor.content().split("/widget/") if ".js" in part).partition(".js")[0]
    with visitor.expect_popup() as opened:
        visitor.evaluate(
            """([url]) => { window.heard = []; addEventListener("message", ({ data }) => heard.push(data));
              const beside = open(url);
              const own = { livechat: 1, t: "key", key: "A".repeat(43), site: "" };
              setInterval(() => beside.postMessage(own, "*"), 100); }""",
            [f"{site_server}/widget/prefill/{key}/demo/"],
        )
    beside = opened.value
    beside.get_by_text("If nothing happens here").wait_for()
    visitor.wait_for_timeout(1500)
    assert beside.locator("[name=key]").input_value() == "" and "/widget/prefill/" in beside.url
    assert visitor.evaluate("heard") == []
