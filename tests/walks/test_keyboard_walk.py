"""The chat window and the console by keyboard alone: every stop is seen, focus comes back, news is said once."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.models import Chat, Message
from chat.testing import make_chat, make_operator
from operators.models import Operator
from tests.walks.shop import shop, start_chat

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

__all__ = ["shop"]

Open = Callable[..., Any]
# the stop of the keyboard: its words, and whether a ring is drawn (on it, or on the label or form around it)
STOP = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const ringed = (node) => node && node !== document.body && (getComputedStyle(node).outlineStyle !== "none" &&
    parseFloat(getComputedStyle(node).outlineWidth) >= 2);
  const seen = at.localName === "iframe" || ringed(at) || ringed(at.closest("label, form, .rate"));
  const box = at.getBoundingClientRect();
  const words = at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.placeholder || at.textContent;
  const name = (at.id ? `#${at.id} ` : "") + words.trim().replace(/\\s+/g, " ").slice(0, 60);
  return [name, Boolean(seen), box.width > 0]; }"""
# what a live region is given: each text that comes into it
HEAR = """(where) => { window.said = window.said ?? [];
  const regions = "[aria-live], [role=status], [role=alert], [role=log]";
  const hear = (node) => {
    const live = node.closest?.("[aria-live]") ?? node.parentElement?.closest(regions);
    const text = node.textContent.trim();
    if (live && live.getAttribute("aria-live") !== "off" && text) window.said.push(text);
  };
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(hear)))
    .observe(document.querySelector(where), { childList: true, subtree: true }); }"""


@pytest.fixture
def team(alice_member: Membership, bob_member: Membership) -> tuple[Operator, Operator]:
    return make_operator(alice_member), make_operator(bob_member)


def tab_to(page: Any, part: Any, words: str, key: str = "Tab", most: int = 40) -> list[str]:
    """Presses Tab until a stop has these words; answers the stops. A stop without a ring fails."""
    stops: list[str] = []
    for _ in range(most):
        page.keyboard.press(key)
        name, is_seen, has_size = part.evaluate(STOP)
        stops.append(name)
        assert is_seen and has_size, f"no ring at {name}; the way: {stops}"
        if words in name:
            return stops
    raise AssertionError(f"{words} is not reached: {stops}")


def now_at(part: Any) -> str:
    return str(part.evaluate(STOP)[0])


def test_a_visitor_needs_no_mouse(
    acme: Account, alice: User, team: tuple[Operator, Operator], shop: Open, page_at: Open
):
    desk, visitor = page_at(1440, user=alice), page_at(1000)
    desk.goto("/app/chats/")
    desk.locator("#mine-n", has_text="of 5").wait_for()
    visitor.goto(f"{shop()}/")
    visitor.get_by_role("button", name="Open chat").wait_for()
    visitor.keyboard.press("Tab")  # the link of the shop
    tab_to(visitor, visitor, "Open chat")
    visitor.keyboard.press("Enter")
    frame = visitor.frame_locator("iframe")
    frame.locator("#w-text:focus, #w-name:focus, #top:focus").wait_for()
    inside = next(part for part in visitor.frames if "/widget/frame/" in part.url)
    if "#w-name" not in now_at(inside):
        tab_to(visitor, inside, "#w-name")
    visitor.keyboard.type("Pat")
    tab_to(visitor, inside, "Your question")
    visitor.keyboard.type("Does the saddle fit?")
    tab_to(visitor, inside, "Start chat")
    visitor.keyboard.press("Enter")
    frame.locator("#w-message:focus").wait_for()
    inside.evaluate(HEAR, "#widget")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    desk.keyboard.type("It does")
    desk.keyboard.press("Enter")
    frame.get_by_role("log").get_by_text("It does").wait_for()
    visitor.keyboard.type("Thenn I take it")
    visitor.keyboard.press("Enter")
    frame.locator(".msg-own:not([data-state])", has_text="Thenn").wait_for()
    said = inside.evaluate("window.said")
    assert sum("It does" in one for one in said) == 1  # the line of the other side, once
    assert sum("Alice Example joined" in one for one in said) == 1

    # the own message is put right in a dialog, and the focus is where it was before
    tab_to(visitor, inside, "Change this message", key="Shift+Tab")
    visitor.keyboard.press("Enter")
    frame.locator("#change[open]").wait_for()
    frame.locator("#change-text").wait_for()
    visitor.keyboard.press("Escape")
    frame.locator("#change").wait_for(state="hidden")
    assert "Change this message" in now_at(inside)
    visitor.keyboard.press("Enter")
    frame.locator("#change-text").focus()
    visitor.keyboard.press("Control+a")
    visitor.keyboard.type("Then I take it")
    tab_to(visitor, inside, "Save")
    visitor.keyboard.press("Enter")
    frame.get_by_role("log").get_by_text("Then I take it").wait_for()

    # what it keeps, and back
    tab_to(visitor, inside, "What this chat keeps")
    visitor.keyboard.press("Enter")
    frame.get_by_text("Your messages, 2").wait_for()
    tab_to(visitor, inside, "Delete now")
    visitor.keyboard.press("Enter")
    frame.locator("#ask-delete[open]").wait_for()
    visitor.keyboard.press("Escape")
    assert "Delete now" in now_at(inside)
    tab_to(visitor, inside, "Back to the chat", key="Shift+Tab")
    visitor.keyboard.press("Enter")
    frame.locator("#w-message").wait_for()

    # folded with Esc: the focus is on the button; opened again, ended and rated
    visitor.keyboard.press("Escape")
    visitor.get_by_role("button", name="Open chat").wait_for()
    assert now_at(visitor).endswith("Open chat")
    visitor.keyboard.press("Enter")
    frame.locator("#w-message:focus").wait_for()
    tab_to(visitor, inside, "End the chat", key="Shift+Tab")
    visitor.keyboard.press("Enter")
    frame.get_by_text("Did Alice Example help?").wait_for()
    for _ in range(12):
        visitor.keyboard.press("Tab")
        if inside.evaluate("document.activeElement.name === 'value'"):
            break
    visitor.keyboard.press("Space")
    tab_to(visitor, inside, "Send rating")
    visitor.keyboard.press("Enter")
    frame.get_by_text("Thank you. The rating is kept with this chat.").wait_for()
    with account_scope(acme):
        assert Chat.objects.get().rating == "good"
        texts = Message.objects.exclude(author="system").order_by("seq").values_list("text", flat=True)
        assert list(texts) == ["Does the saddle fit?", "It does", "Then I take it"]


def test_an_operator_needs_no_mouse(
    acme: Account, alice: User, team: tuple[Operator, Operator], shop: Open, page_at: Open
):
    chat = make_chat(acme, text="Hello", operator=team[0], name="Pat Specimen")
    page = page_at(1440, user=alice)
    page.goto(f"/app/chats/{chat.public_id}/")
    page.locator("#mine-n", has_text="of 5").wait_for()
    page.wait_for_timeout(500)
    page.keyboard.press("Tab")
    assert "Skip to" in now_at(page)
    stops = tab_to(page, page, "Block this visitor", most=70)
    order = [
        "Accepting chats",
        "Search or jump to",
        "Pat Specimen",
        "Transfer",
        "Close",
        "Add a tag",
        "Reply to Pat Specimen",
    ]
    places = [next(at for at, stop in enumerate(stops) if word in stop) for word in [*order, "Send", "Visitor details"]]
    assert places == sorted(places), stops

    # every dialog takes the focus, keeps it, and gives it back
    openers = [page.locator("#chat [data-do=transfer]").first, page.locator("#chat [data-do=tag]").first]
    openers += [page.locator("#blocks [data-block-ask]"), page.get_by_role("button", name="Keyboard shortcuts")]
    for opener in openers:
        opener.focus()
        before = now_at(page)
        page.keyboard.press("Enter")
        page.locator("dialog[open]").wait_for()
        for _ in range(9):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "document.activeElement === document.body || !!document.activeElement.closest('dialog[open]')"
            )
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
        assert now_at(page) == before
    # a menu: arrows walk, Esc gives the focus back
    page.locator("#status summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert "Away, keep my chats" in now_at(page)
    page.keyboard.press("Escape")
    assert "Accepting chats" in now_at(page)
    assert page.locator("#status[open]").count() == 0

    # a visitor comes, writes: the queue is said politely, a line once, and what is being typed not at all
    page.locator("#reply").focus()
    page.evaluate(HEAR, "#main")
    visitor = page_at(1000)
    visitor.goto(f"{shop()}/")
    frame = start_chat(visitor, "Is anybody there?", name="Kim")
    page.locator("#queue-status", has_text="1 waiting").wait_for(state="attached")
    assert sum("1 waiting" in one for one in page.evaluate("said")) == 1
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.locator("#chat[data-name=Kim]").wait_for()
    page.locator("#reply:focus").wait_for()
    page.evaluate("said.length = 0")
    frame.get_by_label("Message", exact=True).press_sequentially("a bell", delay=40)
    page.locator("#preview", has_text="a bell").wait_for()
    frame.get_by_label("Message", exact=True).press("Enter")
    page.locator(".msg[data-seq]", has_text="a bell").wait_for()
    page.wait_for_timeout(300)
    assert [one for one in page.evaluate("said") if "a bell" in one and "Kim" in one] != []
    assert sum("a bell" in one for one in page.evaluate("said")) == 1, page.evaluate("said")
