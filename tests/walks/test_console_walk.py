"""The console beside the conversation itself: phone, palette, keyboard, sound, status, visitors, logging out."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, User
from accounts.scoping import account_scope
from chat.models import Chat
from chat.testing import make_chat, say
from core.realtime import hub
from operators.actions import ensure_operator
from operators.models import Operator
from tests.walks.shop import open_chat, shop, start_chat

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

__all__ = ["shop"]

SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
SOCKETS = """
const Real = WebSocket;
window.sockets = [];
window.WebSocket = class extends Real { constructor(...a) { super(...a); window.sockets.push(this); } };
"""
Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def operator(alice_member: Any) -> Operator:
    return ensure_operator(membership=alice_member)


def ready(page: Any) -> None:
    """The socket is open: the board has come."""
    page.locator("#mine-n", has_text="of 5").wait_for()
    page.wait_for_timeout(700)


def test_on_a_phone_list_conversation_and_details_are_one_pane_at_a_time(
    acme: Account, operator: Operator, alice: User, page_at: Open, complaints: Any
):
    chat = make_chat(acme, text="Hello", operator=operator, name="Pat Specimen")
    page = page_at(375, user=alice, height=760)
    page.add_init_script(SOCKETS)
    page.goto("/app/chats/")
    ready(page)
    panes = [page.locator(name) for name in ("#queue", "#chat", "#details")]

    def seen() -> list[bool]:
        return [pane.is_visible() for pane in panes]

    assert seen() == [True, False, False]
    page.get_by_role("link", name="Pat Specimen").click()
    page.locator("#reply").wait_for()
    assert seen() == [False, True, False]
    assert page.url.endswith(f"/app/chats/{chat.public_id}/")
    page.get_by_role("link", name="Visitor details").click()
    page.locator("#details").wait_for()
    assert page.get_by_text("Not collected").is_visible()
    page.get_by_role("link", name="Close details").click()
    complaints.expect("ERR_FAILED")
    page.context.route("**/app/ticket/", lambda route: route.abort())
    page.evaluate("window.sockets.forEach((socket) => socket.close())")
    page.get_by_text("No connection. We keep trying").wait_for()
    send = page.get_by_role("button", name="Send").bounding_box()
    assert send["y"] + send["height"] <= 760, "the sentence pushed the composer out of the window"
    page.context.unroute("**/app/ticket/")
    page.get_by_role("link", name="Back to chats").click()
    page.locator("#queue").wait_for()
    assert seen() == [True, False, False]
    assert page.url.endswith("/app/chats/")
    page.go_back()
    page.locator("#reply").wait_for()
    page.reload()
    page.locator("#reply").wait_for()
    assert seen()[0] is False


def test_the_palette_finds_chats_and_commands_and_single_keys_can_be_switched_off(
    acme: Account, operator: Operator, alice: User, page_at: Open
):
    for name in ("Pat Specimen", "Kim Testcase"):
        make_chat(acme, text=f"Hello from {name}", operator=operator, name=name)
    page = page_at(1440, user=alice)
    page.goto("/app/chats/")
    ready(page)
    page.keyboard.press("Control+k")
    page.locator("#palette-q:focus").wait_for()
    page.keyboard.type("kim")
    assert page.locator("#palette-chats [role=option]:visible").count() == 1
    page.keyboard.press("Enter")
    page.locator("#chat[data-name='Kim Testcase']").wait_for()

    page.keyboard.press("r")
    page.locator("#reply:focus").wait_for()
    page.keyboard.type("j?e1")
    assert page.locator("#reply").input_value() == "j?e1"
    page.locator("#reply").fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("F6")
    assert page.evaluate("document.activeElement.closest('#details') !== null")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    page.get_by_role("switch").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_timeout(500)
    assert page.locator("#chat").get_attribute("data-name") == "Kim Testcase"
    page.reload()
    ready(page)
    page.keyboard.press("j")
    page.wait_for_timeout(500)
    assert page.locator("#chat").get_attribute("data-name") == "Kim Testcase"
    page.keyboard.press("Control+k")
    page.locator("#palette-q:focus").wait_for()
    page.keyboard.type("archive")
    page.keyboard.press("Enter")
    page.wait_for_url("**/app/archive/")


def test_a_waiting_visitor_rings_until_taken_and_not_for_who_is_away(
    acme: Account, alice: User, shop: Open, page_at: Open
):
    page = page_at(1440, user=alice)
    page.goto("/app/chats/")
    ready(page)
    beeps = "Number(document.documentElement.dataset.beeps ?? 0)"
    visitor = page_at(1000)
    visitor.goto(f"{shop()}/")
    start_chat(visitor, "Hello", name="Pat")
    page.get_by_role("link", name="Pat").wait_for()
    page.wait_for_timeout(6500)
    assert page.evaluate(beeps) >= 2
    page.get_by_role("button", name="Accept next").click()
    page.locator("#reply:focus").wait_for()
    rung = page.evaluate(beeps)
    page.wait_for_timeout(6000)
    assert page.evaluate(beeps) == rung

    page.keyboard.press("Escape")
    page.keyboard.press("Shift+A")
    page.locator("#status summary", has_text="Away, keep my chats").wait_for()
    with account_scope(acme):
        assert Operator.objects.get().status == "away"
    page.locator("#status summary").click()
    page.get_by_role("button", name="Sound is on").click()
    assert page.evaluate("({...localStorage})") == {"livechat.console.sound": "off"}


def test_the_live_table_shows_who_has_the_chat_open_and_accepts_from_there(
    acme: Account, alice: User, shop: Open, page_at: Open
):
    make_chat(acme, text="Answer me later", name="Dana Proto")
    with account_scope(acme):
        Chat.objects.update(by_mail=True)  # waits for a mail, not for somebody who takes the chat now
    page = page_at(1440, user=alice)
    page.goto("/app/visitors/")
    page.get_by_text("Updates by itself").wait_for()
    assert page.get_by_text("Nobody has the chat open").is_visible()
    origin = shop()
    browsing = page_at(1000)
    browsing.goto(f"{origin}/cargo/")
    open_chat(browsing)
    page.locator("#rows tr", has_text="Browsing").get_by_role("link", name="Cargo bikes").wait_for()
    asking = page_at(1000)
    asking.goto(f"{origin}/")
    frame = start_chat(asking, "Hello", name="Pat Specimen")
    page.locator("#rows tr", has_text="Pat Specimen").get_by_text("Waiting").wait_for()
    assert page.locator("#n-waiting").inner_text() == "1"
    page.get_by_label("Find a visitor").fill("cargo")
    assert page.locator("#rows tr:visible").count() == 1
    page.get_by_label("Find a visitor").fill("")
    page.get_by_role("link", name="Accept Pat Specimen").click()
    page.wait_for_url("**/app/chats/*/")
    page.locator("#reply").wait_for()
    frame.get_by_text("Alice Example joined").wait_for()
    with account_scope(acme):
        assert Chat.objects.get(by_mail=False).state == "open"


def test_who_logs_out_elsewhere_is_told_and_loses_nothing_that_is_being_written(
    acme: Account, operator: Operator, alice: User, page_at: Open, complaints: Any
):
    complaints.expect("401")
    complaints.expect("403")
    chat = make_chat(acme, text="Hello", operator=operator, name="Pat")
    page = page_at(1440, user=alice)
    page.goto(f"/app/chats/{chat.public_id}/")
    ready(page)
    page.locator("#reply").fill("Half a sent")
    other = page.context.new_page()
    other.goto("/account/logout/")
    other.locator("main form button").first.click()
    other.wait_for_url(lambda url: "logout" not in url)
    page.get_by_text("You are logged out. Log in again").wait_for(timeout=15_000)
    assert page.locator("#reply").input_value() == "Half a sent"


def test_earlier_messages_come_above_those_on_the_screen_once(
    acme: Account, operator: Operator, alice: User, page_at: Open
):
    chat = make_chat(acme, text="line 1.", operator=operator, name="Pat")
    for number in range(2, 121):
        say(chat, f"line {number}.", operator=operator if number % 3 else None)
    page = page_at(1440, user=alice)
    page.goto(f"/app/chats/{chat.public_id}/")
    ready(page)
    assert page.get_by_role("log").get_by_text("line 120.", exact=True).is_visible()
    page.get_by_role("button", name="Show earlier messages").click()
    page.get_by_role("log").get_by_text("line 60.", exact=True).wait_for(state="attached")
    page.get_by_role("button", name="Show earlier messages").click()
    page.get_by_role("button", name="Show earlier messages").wait_for(state="hidden")
    shown = [int(seq) for seq in page.locator("#thread [data-seq]").evaluate_all("all => all.map(a => a.dataset.seq)")]
    assert shown == list(range(1, 122))


def test_nothing_moves_while_the_console_loads_and_long_words_stay_inside(
    acme: Account, operator: Operator, alice: User, page_at: Open
):
    long = "Donaudampfschifffahrtsgesellschaftskapitän" * 4
    make_chat(acme, text="Hello", name="Kim")  # waits: the banner is there from the first
    chat = make_chat(acme, text=long, operator=operator, name=long[:80])
    page = page_at(1440, user=alice)
    page.add_init_script(SHIFTS)
    for path in ("/app/chats/", f"/app/chats/{chat.public_id}/", "/app/visitors/", "/app/operators/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        if path.startswith("/app/chats/"):
            ready(page)
            page.locator("#alarm", has_text="Kim is waiting").wait_for()
        else:
            page.get_by_text("Updates by itself").wait_for()
        assert page.evaluate("shifts") < 0.005, path
    page.goto(f"/app/chats/{chat.public_id}/")
    for width in (1440, 768, 375):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for part in ("#chat", "#thread", "#thread .bubble"):
            inner, outer = page.locator(part).first.evaluate("node => [node.scrollWidth, node.clientWidth]")
            assert inner <= outer + 2, (part, width)


def test_the_console_says_when_messages_come_slower_and_when_that_is_over(alice: User, page_at: Open):
    page = page_at(1024, user=alice)
    page.goto("/app/chats/")
    ready(page)
    said = page.get_by_role("alert").filter(has_text="Messages come slower than usual")
    assert said.count() == 0
    assert hub.loop is not None and hub.on_bus is not None
    hub.loop.call_soon_threadsafe(hub.on_bus, False)
    said.wait_for()
    hub.loop.call_soon_threadsafe(hub.on_bus, True)
    said.wait_for(state="hidden")
