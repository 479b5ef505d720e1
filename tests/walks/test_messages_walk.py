"""Messages between the customer's page and the chat window: of a wrong shape, and from windows that have no say."""

from typing import Any

import pytest

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.models import BoardReceipt, Chat
from operators.actions import ensure_operator
from tests.walks.shop import open_chat, shop

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

__all__ = ["shop"]

TO_THE_WINDOW = """() => {
  const window_ = document.querySelector("livechat-bubble").shadowRoot.querySelector("iframe").contentWindow;
  const deep = []; let at = deep; for (let n = 0; n < 500; n++) at.push(at = []);
  for (const message of [null, 5, "x", [], deep, { t: "page" }, { livechat: 2, t: "page" }, { livechat: 1 },
    ...[{}, [], null, 1, "page", "shown", "__proto__", "constructor", "hear", "unread", "ready"]
      .map((t) => ({ livechat: 1, t })),
    { livechat: 1, t: "page", url: 5, title: "wrong", referrer: "" },
    { livechat: 1, t: "page", url: {}, title: [], referrer: null },
    { livechat: 1, t: "page", url: "https://evil.example/", title: { toString: 1 }, referrer: "" },
    ...["identify", "questions", "goal", "sale"].flatMap((t) => [
      undefined, null, 5, {}, "{", "null", "[]", "{}", '"x"', "5",
      '{"__proto__":{"a":1}}', '{"amount":{}}', '{"name":[],"text":{}}'].map((value) => ({ livechat: 1, t, value }))),
    ...["yes", 1, {}, null].flatMap((on) => [{ livechat: 1, t: "seen", on }, { livechat: 1, t: "invited", yes: on }]),
  ]) window_.postMessage(message, "*");
}"""
FROM_THE_WINDOW = """(origin) => {
  for (const message of [null, 5, "x", [], { t: "minimise" },
    { livechat: 2, t: "minimise" }, { livechat: "1", t: "minimise" },
    ...[{}, null, "__proto__", "constructor", "open", "page"].map((t) => ({ livechat: 1, t })),
    ...["<b>", -1, {}, [[]], null, NaN].map((n) => ({ livechat: 1, t: "unread", n })),
  ]) parent.postMessage(message, origin);
}"""
# a frame of an advertisement, say, on the same page
FROM_BESIDE = """() => {
  const other = document.body.appendChild(document.createElement("iframe"));
  const said = { livechat: 1, t: "page", url: "https://evil.example/", title: "Another", referrer: "" };
  const target = 'parent.document.querySelector("livechat-bubble").shadowRoot.querySelector("iframe").contentWindow';
  other.contentWindow.eval(`${target}.postMessage(${JSON.stringify(said)}, "*");
    parent.postMessage({ livechat: 1, t: "minimise" }, "*");
    parent.postMessage({ livechat: 1, t: "unread", n: 7 }, "*")`);
  setTimeout(() => other.remove(), 300);
}"""


@pytest.mark.timeout(120)
def test_messages_of_a_wrong_shape_or_from_a_wrong_window_change_nothing(
    acme: Account, alice_member: Membership, shop: Any, page_at: Any, site_server: str
) -> None:
    ensure_operator(membership=alice_member)
    origin = shop()
    page = page_at(1000)  # an error of a script, in the page or in the window, fails the test
    page.goto(f"{origin}/")
    frame = open_chat(page)
    frame.get_by_label("Your question").wait_for()
    page.wait_for_timeout(300)
    inside = next(part for part in page.frames if "/widget/frame/" in part.url)
    page.evaluate(TO_THE_WINDOW)
    inside.evaluate(FROM_THE_WINDOW, origin)
    page.evaluate(FROM_BESIDE)
    inside.evaluate("origin => parent.postMessage({ livechat: 1, t: 'unread', n: 7 }, origin)", "https://evil.example")
    page.locator("body > iframe").wait_for(state="detached")
    page.wait_for_timeout(300)
    assert page.get_by_role("button", name="Close chat").is_visible()
    assert frame.get_by_label("Name").input_value() == ""
    frame.get_by_label("Your question").fill("Hello")
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_role("log").get_by_text("Hello").wait_for()
    page.get_by_role("button", name="Close chat").click()
    assert page.get_by_role("button", name="Open chat").get_attribute("aria-label") == "Open chat"  # nothing unread
    with account_scope(acme):
        chat = Chat.objects.select_related("visitor").get()
        assert (chat.page_title, chat.visitor.external_id) == ("Acme Bikes", "")
        assert not BoardReceipt.objects.exists()
