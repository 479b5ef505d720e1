"""A visitor on a customer's page and an operator in a second window, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, User
from accounts.scoping import account_scope
from chat.models import Chat, Message, Visitor
from operators.actions import ensure_operator
from tests.walks.shop import open_chat, shop, start_chat

__all__ = ["shop"]

CUT = """() => {
  const Real = WebSocket;
  window.sockets = [];
  window.WebSocket = class extends Real { constructor(...a) { super(...a); window.sockets.push(this); } };
}"""


def until(page: Any, script: str) -> None:
    """Waits for an expression to be true; asked from here, because the pages' policy forbids a loop inside them."""
    for _ in range(100):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {script}")


@pytest.fixture(autouse=True)
def answering(alice_member: Any) -> None:
    ensure_operator(membership=alice_member)


@pytest.fixture
def desk(page_at: Callable[..., Any], alice: User) -> Any:
    """Alice's console."""
    page = page_at(1440, user=alice)
    page.goto("/app/chats/")
    page.get_by_role("heading", name="Waiting").wait_for()
    return page


def stored(acme: Account) -> list[tuple[int, str, str]]:
    with account_scope(acme):
        return list(Message.objects.order_by("chat", "seq").values_list("seq", "author", "text"))


def test_a_visitor_asks_and_the_operator_answers_with_the_keyboard_alone(
    acme: Account, shop: Any, page_at: Any, desk: Any
):
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = start_chat(visitor, "Does the saddle fit?", name="Pat Specimen")
    frame.get_by_text("You are number").wait_for()

    desk.get_by_text("Nobody is waiting. New chats appear here").wait_for(state="hidden")
    until(desk, "document.title.startsWith('Chats (1 waiting)')")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    assert desk.url.rstrip("/").endswith(str(Chat.objects.with_scopes_disabled().get().public_id))
    assert desk.title().startswith("Chats ·")

    desk.keyboard.type("Yes, it does.")
    frame.get_by_text("Alice Example is typing").first.wait_for()
    desk.keyboard.press("Shift+Enter")
    desk.keyboard.type("Both sizes.")
    desk.keyboard.press("Enter")
    frame.get_by_role("log").get_by_text("Yes, it does.\nBoth sizes.").wait_for()
    assert desk.locator("#reply").input_value() == ""
    desk.locator(".under", has_text="Seen").wait_for()

    frame.get_by_label("Message", exact=True).fill("Thank you")
    frame.get_by_label("Message", exact=True).press("Enter")
    desk.get_by_role("log").get_by_text("Thank you").wait_for()
    frame.locator(".under", has_text="Seen").wait_for()
    assert stored(acme) == [
        (1, "visitor", "Does the saddle fit?"),
        (2, "system", ""),
        (3, "operator", "Yes, it does.\nBoth sizes."),
        (4, "visitor", "Thank you"),
    ]

    desk.keyboard.press("Escape")
    desk.keyboard.press("e")
    desk.get_by_role("button", name="Undo").wait_for()
    frame.get_by_text("Did Alice Example help?").wait_for()
    frame.get_by_text("Yes", exact=True).click()
    frame.get_by_role("button", name="Send rating").click()
    frame.get_by_text("Thank you. The rating is kept with this chat.").wait_for()
    with account_scope(acme):
        chat = Chat.objects.get()
    assert (chat.state, chat.rating) == ("closed", "good")
    desk.get_by_text("This chat has ended.").wait_for()


def test_closing_can_be_undone(acme: Account, shop: Any, page_at: Any, desk: Any):
    visitor = page_at(1000)
    visitor.goto(shop())
    start_chat(visitor, "One moment")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    desk.get_by_role("button", name="Close", exact=True).click()
    desk.get_by_text("This chat has ended.").wait_for()
    with account_scope(acme):
        assert Chat.objects.get().state == "closed"
    desk.get_by_role("button", name="Undo").click()
    desk.locator("#composer").wait_for()
    with account_scope(acme):
        assert Chat.objects.get().state == "open"


def test_the_operator_sees_what_is_typed_until_the_visitor_switches_it_off(
    acme: Account, shop: Any, page_at: Any, desk: Any
):
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = start_chat(visitor, "Hello", name="Pat")
    frame.get_by_text("Acme Bikes sees what you type").wait_for()
    desk.keyboard.press("n")
    frame.get_by_text("Alice Example joined").wait_for()
    frame.get_by_label("Message", exact=True).press_sequentially("my number is 7")
    desk.locator("#preview").get_by_text("my number is 7").wait_for()
    desk.get_by_text("Pat knows you can see typing").wait_for()

    frame.get_by_role("button", name="Turn off").click()
    desk.get_by_text("Pat does not show typing").wait_for()
    desk.locator("#preview").wait_for(state="hidden")
    frame.get_by_label("Message", exact=True).press_sequentially(" or 8", delay=50)
    desk.locator(".chat-row", has_text="typing").wait_for()
    assert not desk.locator("#preview").is_visible()
    assert "or 8" not in desk.content()
    with account_scope(acme):
        assert not Visitor.objects.get().peek_allowed
    assert [text for _seq, _author, text in stored(acme) if "number" in text] == []


def test_a_message_that_could_not_be_sent_says_so_and_is_stored_once_after_trying_again(
    acme: Account, shop: Any, page_at: Any, desk: Any, complaints: Any
):
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    complaints.expect("ERR_FAILED")
    visitor = page_at(1000)
    visitor.add_init_script(f"({CUT})()")
    visitor.goto(shop())
    frame = start_chat(visitor, "Hello", name="Pat")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()

    visitor.context.route("**/widget/open/", lambda route: route.abort())
    inside = next(frame for frame in visitor.frames if "/widget/frame/" in frame.url)
    inside.evaluate("window.sockets.forEach((socket) => socket.close())")
    frame.get_by_text("No connection. We keep trying. What you write is kept here").wait_for()
    frame.get_by_label("Message", exact=True).fill("Is anybody there?")
    frame.get_by_label("Message", exact=True).press("Enter")
    frame.get_by_text("Sending").wait_for()
    frame.locator(".under-danger", has_text="Not sent.").wait_for()
    assert len(stored(acme)) == 2

    visitor.context.unroute("**/widget/open/")
    frame.get_by_role("button", name="Try again").click()
    frame.get_by_text("No connection").wait_for(state="hidden")
    desk.get_by_role("log").get_by_text("Is anybody there?").wait_for()
    frame.locator(".under-danger").wait_for(state="detached")
    assert stored(acme)[2:] == [(3, "visitor", "Is anybody there?")]


def test_a_reply_outlives_a_reload_of_the_console(acme: Account, shop: Any, page_at: Any, desk: Any, complaints: Any):
    complaints.expect("ERR_FAILED")
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = start_chat(visitor, "Hello", name="Pat")
    desk.add_init_script(f"({CUT})()")
    desk.reload()
    until(desk, "window.sockets.length === 1 && window.sockets[0].readyState === 1")
    desk.wait_for_timeout(300)
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    desk.context.route("**/app/ticket/", lambda route: route.abort())
    desk.evaluate("window.sockets.forEach((socket) => socket.close())")
    desk.get_by_text("No connection. We keep trying").wait_for()
    desk.keyboard.type("This waits")
    desk.keyboard.press("Enter")
    desk.locator(".under-danger", has_text="Not sent.").wait_for()
    desk.context.unroute("**/app/ticket/")
    desk.reload()
    frame.get_by_role("log").get_by_text("This waits").wait_for()
    desk.get_by_role("log").get_by_text("This waits").wait_for()
    assert [text for _seq, author, text in stored(acme) if author == "operator"] == ["This waits"]
    assert (
        desk.evaluate("""async () => {
      const open = indexedDB.open("livechat-outbox");
      await new Promise((done) => { open.onsuccess = done; });
      const all = open.result.transaction("replies").objectStore("replies").getAll();
      await new Promise((done) => { all.onsuccess = done; });
      return all.result.length;
    }""")
        == 0
    )


def test_the_conversation_is_there_again_after_the_visitor_reloads_the_page(
    acme: Account, shop: Any, page_at: Any, desk: Any
):
    visitor = page_at(1000)
    visitor.goto(shop(host="127.0.0.1"))
    start_chat(visitor, "Hello", name="Pat")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    desk.keyboard.type("Hi Pat")
    desk.keyboard.press("Enter")
    visitor.reload()
    frame = visitor.frame_locator("iframe")  # it was open, so it comes back open
    frame.get_by_role("log").get_by_text("Hi Pat").wait_for()
    frame.get_by_role("log").get_by_text("Hello", exact=True).wait_for()
    assert frame.locator(".bubble").count() == 2
    with account_scope(acme):
        assert Visitor.objects.count() == 1


def test_the_operator_sees_the_page_change_and_the_bubble_counts_what_was_not_seen(
    acme: Account, shop: Any, page_at: Any, desk: Any
):
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = start_chat(visitor, "Hello", name="Pat")
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()
    visitor.evaluate("document.title = 'Cargo bikes'; history.pushState({}, '', '/cargo/')")
    for _ in range(50):
        with account_scope(acme):
            seen = Visitor.objects.get()
        if seen.page_title == "Cargo bikes":
            break
        visitor.wait_for_timeout(100)
    assert seen.page_url.endswith("/cargo/")

    frame.get_by_label("Message", exact=True).press("Escape")
    visitor.get_by_role("button", name="Open chat").wait_for()
    assert visitor.evaluate("document.activeElement.localName") == "livechat-bubble"
    desk.keyboard.type("Are you there?")
    desk.keyboard.press("Enter")
    visitor.get_by_role("button", name="Open chat, 1 unread").wait_for()
    assert not desk.locator(".under", has_text="Seen").is_visible()
    visitor.get_by_role("button", name="Open chat, 1 unread").click()
    desk.locator(".under", has_text="Seen").wait_for()


def test_what_the_chat_keeps_is_shown_and_deleted_at_once(acme: Account, shop: Any, page_at: Any, desk: Any):
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = start_chat(visitor, "Hello", name="Pat")
    desk.get_by_role("link", name="Pat").wait_for()
    frame.get_by_role("button", name="What this chat keeps").click()
    frame.get_by_text("Your messages, 1").wait_for()
    assert frame.locator(".ledger .none").all_inner_texts() == ["never kept", "not collected", "nobody"]
    with visitor.expect_download() as download:
        frame.get_by_role("button", name="Download").click()
    assert "Hello" in download.value.path().read_text(encoding="utf-8")
    frame.get_by_role("button", name="Delete now").click()
    frame.get_by_role("button", name="Keep the chat").click()
    frame.get_by_role("button", name="Delete now").click()
    frame.get_by_role("button", name="Delete chat").click()
    frame.get_by_text("What you wrote is deleted, and nothing tells any more who you are.").wait_for()
    with account_scope(acme):
        assert Visitor.objects.get().name.startswith("Visitor ") and Chat.objects.get().state == "closed"
        assert Message.objects.get(author="visitor").text.startswith("[message removed ")
    desk.get_by_role("link", name="Pat").wait_for(state="detached")


def test_who_is_under_13_starts_no_chat_where_the_widget_asks(acme: Account, shop: Any, page_at: Any):
    visitor = page_at(1000)
    visitor.goto(shop(ask_thirteen=True))
    frame = open_chat(visitor)
    frame.get_by_label("Your question").fill("Hello")
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_text("This chat is for people of 13 and older").wait_for()
    with account_scope(acme):
        assert Chat.objects.count() == 0
    frame.get_by_label("I am 13 or older").check()
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_role("log").get_by_text("Hello").wait_for()


def test_after_the_trial_the_widget_says_closed(acme: Account, shop: Any, page_at: Any):
    from datetime import timedelta

    from django.utils import timezone

    Account.objects.filter(pk=acme.pk).update(trial_ends_at=timezone.now() - timedelta(days=1))
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = open_chat(visitor)
    frame.get_by_text("Acme Bikes does not take chats at the moment").wait_for()
    assert not frame.get_by_role("button", name="Start chat").is_visible()


def test_a_draft_stays_with_its_chat_while_another_is_on_the_screen(acme: Account, shop: Any, page_at: Any, desk: Any):
    origin = shop()
    for name in ("Pat", "Kim"):
        visitor = page_at(1000)
        visitor.goto(origin)
        start_chat(visitor, f"Hello from {name}", name=name)
        desk.get_by_role("link", name=name).wait_for()
    desk.keyboard.press("n")
    desk.get_by_role("heading", name="Pat").first.wait_for()
    desk.locator("#reply:focus").wait_for()
    desk.keyboard.type("Half a sent")
    desk.keyboard.press("Escape")
    desk.keyboard.press("n")
    desk.locator("#chat[data-name=Kim]").wait_for()
    assert desk.locator("#reply").input_value() == ""
    desk.keyboard.press("Escape")
    desk.keyboard.press("1")
    desk.locator("#chat[data-name=Pat]").wait_for()
    assert desk.locator("#reply").input_value() == "Half a sent"
    desk.go_back()
    desk.locator("#chat[data-name=Kim]").wait_for()
