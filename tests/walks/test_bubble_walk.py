"""The bubble on a customer's page: greetings, window.livechat, the next page, the board's question and invitations."""

from typing import Any

import pytest

from accounts.models import Account
from accounts.scoping import account_scope, scopes_disabled
from chat.actions.widgets import make_identity_secret
from chat.models import BoardReceipt, Chat, ChatSettings, Visitor
from chat.testing import make_widget
from chat.tests.test_identity import sign
from operators.actions import ensure_operator
from tests.walks.shop import shop

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

__all__ = ["shop"]
HOSTILE = "<img src=x onerror=alert(1)>\"'"
STUB = """<script>
window.livechat = window.livechat || function () { (livechat.q = livechat.q || []).push(arguments); };
window.said = [];
for (const name of ["open", "close", "ready", "message"]) livechat("on", name, () => said.push(name));
if (!sessionStorage.livechat) for (const name of ["open", "nonsense", "constructor"]) livechat(name);
livechat("goal", "seen");
livechat("on", "open", () => { throw new Error("of the page"); });
</script><button id="ask" onclick="livechat('open')">Ask us</button>"""


@pytest.fixture(autouse=True)
def answering(alice_member: Any) -> None:
    ensure_operator(membership=alice_member)


def warnings_of(page: Any) -> list[str]:
    found: list[str] = []
    page.on("console", lambda line: found.append(line.text) if line.type == "warning" else None)
    return found


def requests_of(page: Any, origin: str) -> list[str]:
    found: list[str] = []
    page.on("request", lambda asked: None if asked.url.startswith(origin) else found.append(asked.url))
    return found


def test_a_page_talks_to_the_chat_and_the_chat_is_there_on_the_next_page(
    acme: Account, alice: Any, alice_member: Any, shop: Any, page_at: Any
):
    secret = make_identity_secret(widget=make_widget(acme), by=alice_member)
    origin = shop(host="127.0.0.1", before=STUB)
    page = page_at(1000)
    warned, asked = warnings_of(page), requests_of(page, origin)
    page.goto(f"{origin}/")
    page.get_by_role("button", name="Open chat").wait_for()

    # before a click a page can neither open the chat nor make a request
    page.evaluate("token => livechat('identify', token)", sign(secret, name=HOSTILE, sub=HOSTILE))
    page.wait_for_timeout(500)
    assert len(asked) == 1 and page.locator("iframe").count() == 0
    assert any("needs a click" in line for line in warned)

    page.get_by_role("button", name="Ask us").click()
    frame = page.frame_locator("iframe")
    frame.get_by_label("Your question").wait_for()
    page.wait_for_function("said.includes('ready')")
    assert page.evaluate("said") == ["open", "ready"]
    frame.locator("#w-name").evaluate(
        "async (field) => { while (!field.value) await new Promise((r) => setTimeout(r, 50)); }"
    )
    assert frame.get_by_label("Name").input_value() == HOSTILE
    with scopes_disabled():
        visitor = Visitor.objects.get()
    assert (visitor.external_id, visitor.name) == (HOSTILE, "")  # S92: not before it is sent

    page.evaluate("token => livechat('identify', token)", sign("somebody else's secret of that length"))
    page.wait_for_timeout(700)
    assert any("not signed with this website's secret" in line for line in warned)
    page.evaluate("livechat('questions', { name: 'Nobody' })")
    frame.get_by_label("Your question").fill("Hello")
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_text("You are number").wait_for()
    console = page_at(1440, user=alice)  # a script that ran there would be a report of the policy and fail the test
    with account_scope(acme):
        console.goto(f"/app/chats/{Chat.objects.get().public_id}/")
    console.get_by_text(f"The website says: {HOSTILE}").wait_for()
    console.get_by_role("heading", name=HOSTILE).first.wait_for()
    assert page.evaluate("sessionStorage.livechat") == "1"
    page.evaluate("livechat('close')")
    page.get_by_role("button", name="Open chat").wait_for()
    assert page.evaluate("[sessionStorage.livechat, said.at(-1)]") == ["0", "close"]

    # the next page of the website: folded, as it was, and the conversation is the same
    page.goto(f"{origin}/cargo/")
    page.get_by_role("button", name="Open chat").wait_for()
    page.wait_for_function("said.includes('ready')")
    page.get_by_role("button", name="Open chat").click()
    frame.get_by_role("log").get_by_text("Hello").wait_for()
    page.goto(f"{origin}/")
    frame.get_by_role("log").get_by_text("Hello").wait_for()  # open, as it was
    assert page.evaluate("document.activeElement.localName") == "body"  # and it took no focus
    with account_scope(acme):
        assert Chat.objects.get().visitor.pk == visitor.pk and Visitor.objects.count() == 1
    frame.get_by_role("button", name="Leave the queue").click()
    page.wait_for_function("sessionStorage.livechat === undefined")


def test_a_greeting_comes_by_page_and_time_with_no_request_and_not_again_after_a_no(shop: Any, page_at: Any):
    rule = {"after": "1", "times": "1", "first": False}
    taken = "<script>window.livechat = { version: 'of somebody else' };</script>"
    rules = [("Which <b>frame</b> carries a dog?", "/cargo*"), ("Hello", "/never")]
    origin = shop(before=taken, greetings=[{**rule, "text": text, "page": path} for text, path in rules])
    page = page_at(375, height=700)
    asked = requests_of(page, origin)
    page.goto(f"{origin}/")
    page.get_by_role("button", name="Open chat").wait_for()
    page.wait_for_timeout(2500)
    card = page.locator("#c")
    assert not card.is_visible()
    page.evaluate("history.pushState(null, '', '/cargo/2')")  # a single-page site
    page.get_by_text("Which <b>frame</b> carries a dog?").wait_for()
    assert page.evaluate("document.activeElement.localName") == "body"
    assert page.get_by_role("status").inner_text() == "Which <b>frame</b> carries a dog?"
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 375
    page.keyboard.press("Tab")  # the link of the shop, then the card
    for _ in range(3):
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.id") == "x":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    card.wait_for(state="hidden")
    page.evaluate("history.pushState(null, '', '/')")
    page.wait_for_timeout(1200)
    page.evaluate("history.pushState(null, '', '/cargo/3')")
    page.wait_for_timeout(2500)
    assert not card.is_visible()
    assert len(asked) == 1 and page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
    assert page.evaluate("livechat.version") == "of somebody else"


@pytest.mark.promise("board_asks_first")
def test_who_says_yes_is_seen_and_invited_until_they_switch_it_off(acme: Account, alice: Any, shop: Any, page_at: Any):
    with account_scope(acme):
        ChatSettings.objects.create(account=acme, board_on=True)
    origin = shop(host="127.0.0.1")
    page, board = page_at(1000), page_at(1440, user=alice)
    board.goto("/app/visitors/")
    board.get_by_text("Updates by itself").wait_for()
    page.goto(f"{origin}/cargo/")
    page.get_by_text("see which page you are on, to help you?").wait_for()
    with scopes_disabled():
        assert not Visitor.objects.exists()
    page.get_by_role("button", name="Yes").click()
    row = board.locator("#rows tr")
    row.get_by_text("Cargo bikes").wait_for()
    with scopes_disabled():
        assert BoardReceipt.objects.get().withdrawn_at is None
    page.goto(f"{origin}/")  # the next page: it is not asked again
    row.get_by_text("Acme Bikes").wait_for()
    page.wait_for_timeout(2500)
    assert not page.locator("#c").is_visible()

    row.get_by_role("button", name="Invite").click()
    board.get_by_label("What they read at the button").fill("Looking for <img src=x onerror=alert(1)> a bell?")
    board.locator("#invite").get_by_role("button", name="Invite").click()
    page.get_by_text("Looking for <img src=x onerror=alert(1)> a bell?").wait_for()
    row.get_by_text("Invited").wait_for()
    page.get_by_role("button", name="Open chat").first.click()
    frame = page.frame_locator("iframe")
    frame.locator("#invited").get_by_text("a bell?").wait_for()
    frame.locator("#page-notice").get_by_text(f"{acme.company} sees which page").wait_for()
    frame.locator("#page-notice").get_by_role("button", name="Turn off").click()
    board.get_by_text("Nobody has the chat open").wait_for()
    assert board.locator("#n-hidden").inner_text() == "1"
    with scopes_disabled():
        assert BoardReceipt.objects.get().withdrawn_at is not None
    page.wait_for_function("sessionStorage.livechat === undefined")


def test_where_frame_or_socket_is_blocked_a_sentence_says_so(shop: Any, page_at: Any, complaints: Any):
    origin = shop()
    for what in ("ERR_", "chrome-error", "WebSocket", "postMessage"):
        complaints.expect(what)
    page = page_at(375, height=700)
    page.route("**/widget/frame/**", lambda route: route.abort())
    page.clock.install()
    page.goto(f"{origin}/")
    page.get_by_role("button", name="Open chat").click()
    page.clock.fast_forward(10_500)
    page.get_by_role("alert").get_by_text("The chat did not load. Try again later.").wait_for()
    other = page_at(1000)
    other.route_web_socket("**/ws/widget/", lambda socket: socket.close(code=1001))
    other.goto(f"{origin}/")
    other.get_by_role("button", name="Open chat").click()
    other.frame_locator("iframe").get_by_text("No connection. We keep trying").wait_for()
