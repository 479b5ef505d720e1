"""The chat on a single-page site, under a strict policy, and in browsers that block or keep apart storage of others."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import Account, User
from accounts.scoping import account_scope
from chat.models import Chat, Message, Visitor
from operators.actions import ensure_operator
from operators.models import Operator
from tests.browser import find_chromium
from tests.walks.shop import open_chat, shop, start_chat
from tests.walks.test_widget_budget import STRICT

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

__all__ = ["shop"]

Open = Callable[..., Any]
# what the usual frameworks do: another address and title, and everything in the body is drawn anew
GO = """([path, title]) => {
  history.pushState({}, "", path);
  document.title = title;
  document.body.replaceChildren(Object.assign(document.createElement("h1"), { textContent: title }));
}"""


@pytest.fixture(autouse=True)
def operator(alice_member: Any) -> Operator:
    return ensure_operator(membership=alice_member)


def write(field: Any, text: str) -> None:
    field.fill(text)
    field.press("Enter")


def console(page_at: Open, user: User) -> Any:
    page = page_at(1440, user=user)
    page.goto("/app/chats/")
    page.locator("#mine-n", has_text="of 5").wait_for()
    page.wait_for_timeout(500)
    return page


def test_in_a_single_page_site_the_chat_stays_and_the_address_follows(
    acme: Account, alice: User, shop: Open, page_at: Open
):
    desk, visitor = console(page_at, alice), page_at(1000)
    origin = shop()
    visitor.goto(f"{origin}/")
    frame = start_chat(visitor, "Does the saddle fit?", name="Pat")
    inside = next(part for part in visitor.frames if "/widget/frame/" in part.url)
    inside.evaluate("window.sameFrame = true")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    page = desk.locator("#details [data-f=page]")
    page.get_by_role("link", name="Acme Bikes").wait_for()

    frame.get_by_label("Message", exact=True).fill("half a sent")
    visitor.evaluate(GO, ["/cargo/", "Cargo bikes"])
    page.get_by_role("link", name="Cargo bikes").wait_for()
    assert page.get_by_role("link").get_attribute("href") == f"{origin}/cargo/"
    visitor.evaluate(GO, ["/cargo/#/cart", "Your cart"])  # a route after the hash
    page.get_by_role("link", name="Your cart").wait_for()
    assert frame.get_by_label("Message", exact=True).input_value() == "half a sent"
    write(desk.locator("#reply"), "It does, in both sizes")
    frame.get_by_role("log").get_by_text("It does, in both sizes").wait_for()

    visitor.evaluate("history.go(-2)")
    expect(desk.locator("#details [data-f=page] a")).to_have_attribute("href", f"{origin}/")
    visitor.get_by_role("button", name="Close chat").click()
    visitor.evaluate(GO, ["/saddles/", "Saddles"])
    write(desk.locator("#reply"), "Anything else?")
    visitor.get_by_role("button", name="Open chat, 1 unread").click()
    frame.get_by_role("log").get_by_text("Anything else?").wait_for()
    assert inside.evaluate("window.sameFrame") is True
    assert visitor.locator("livechat-bubble").count() == 1
    page.get_by_role("link", name="Saddles").wait_for()
    with account_scope(acme):
        assert Visitor.objects.get().page_url == f"{origin}/saddles/"
        assert Chat.objects.count() == 1


def test_under_a_strict_policy_with_trusted_types_everything_is_there(
    acme: Account, alice: User, shop: Open, page_at: Open
):
    rule = {"text": "Looking for a bell?", "page": "/*", "after": "0", "times": "1", "first": False}
    desk, visitor = console(page_at, alice), page_at(1000)  # a report of the policy fails the test
    visitor.goto(f"{shop(csp=STRICT, greetings=[rule])}/")
    visitor.get_by_text("Looking for a bell?").wait_for()
    visitor.locator("#d").get_by_role("button", name="Open chat").click()
    frame = visitor.frame_locator("iframe")
    frame.get_by_label("Your question").fill("Which bells?")
    frame.get_by_role("button", name="Start chat").click()
    desk.locator("#waiting a").wait_for()
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    with visitor.expect_file_chooser() as chooser:
        frame.get_by_role("button", name="Attach a file").click()
    chooser.value.set_files({"name": "sizes.csv", "mimeType": "text/csv", "buffer": b"bell;20\n"})
    write(frame.get_by_label("Message", exact=True), "These")
    desk.locator("#thread").get_by_role("link", name="sizes.csv").wait_for()
    visitor.get_by_role("button", name="Close chat").click()
    write(desk.locator("#reply"), "All of them")
    visitor.get_by_role("button", name="Open chat, 1 unread").click()
    frame.get_by_role("log").get_by_text("All of them").wait_for()
    with account_scope(acme):
        texts = Message.objects.exclude(author="system").order_by("seq").values_list("text", flat=True)
        assert list(texts) == ["Which bells?", "These", "All of them"]


@pytest.fixture
def profile(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """`profile(blocked)` opens a page in a browser with a profile of its own, as people have one.

    `blocked` is what its settings call "Block third-party cookies": frames of other sites then have no storage at all.
    """
    windows: list[Any] = []

    def open_profile(*, blocked: bool) -> Any:
        folder = tmp_path / f"profile-{blocked}"
        (folder / "Default").mkdir(parents=True)
        chosen = {"block_third_party_cookies": blocked, "cookie_controls_mode": 1 if blocked else 0}
        (folder / "Default" / "Preferences").write_text(json.dumps({"profile": chosen}))
        window = browser.browser_type.launch_persistent_context(
            folder, executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"], reduced_motion="reduce",
        )  # fmt: skip
        windows.append(window)
        page = window.pages[0]
        page.set_default_timeout(10_000)
        return page

    yield open_profile
    for window in windows:
        window.close()


@pytest.mark.parametrize("blocked", [True, False], ids=["blocked", "kept-apart"])
def test_with_third_party_storage_blocked_the_chat_works_and_kept_apart_it_comes_back(
    acme: Account, alice: User, shop: Open, page_at: Open, profile: Open, blocked: bool
):
    desk, visitor = console(page_at, alice), profile(blocked=blocked)
    origin = shop()  # localhost, while the chat comes from 127.0.0.1: another site
    visitor.goto(f"{origin}/")
    frame = start_chat(visitor, "Does the saddle fit?", name="Pat")
    frame.get_by_text("You are number").wait_for()
    inside = next(part for part in visitor.frames if "/widget/frame/" in part.url)
    storage = "(() => { try { return String(sessionStorage.length > 0); } catch (error) { return error.name; } })()"
    assert inside.evaluate(storage) == ("SecurityError" if blocked else "true")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    write(desk.locator("#reply"), "It does")
    frame.get_by_role("log").get_by_text("It does").wait_for()
    write(frame.get_by_label("Message", exact=True), "Then I take it")
    frame.locator(".msg-own:not([data-state])", has_text="Then I take it").wait_for()

    visitor.goto(f"{origin}/cargo/")  # the next page
    if blocked:  # nothing could be kept, so nobody is known: a new chat begins
        frame = open_chat(visitor)
        frame.get_by_label("Your question").wait_for()
        assert frame.get_by_text("Does the saddle fit?").count() == 0
    else:
        frame.get_by_role("log").get_by_text("Then I take it").wait_for()
    assert visitor.context.cookies() == []
    with account_scope(acme):
        texts = Message.objects.exclude(author="system").order_by("seq").values_list("text", flat=True)
        assert list(texts) == ["Does the saddle fit?", "It does", "Then I take it"]
