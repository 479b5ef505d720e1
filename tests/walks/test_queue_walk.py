"""Two visitors wait and two consoles ring; places move when the first is taken, a given chat rings until opened."""

from collections.abc import Callable
from typing import Any

from accounts.models import Account, Membership, User
from chat.actions.settings import change_chat_settings
from operators.actions import ensure_operator, set_status
from tests.walks.shop import shop, start_chat

__all__ = ["shop"]

Open = Callable[..., Any]


def test_places_move_when_the_first_is_taken_and_the_alarm_stops_on_every_console(
    acme: Account, alice_member: Membership, bob_member: Membership, alice: User, bob: User, page_at: Open, shop: Any,
):  # fmt: skip
    for member in (alice_member, bob_member):
        ensure_operator(membership=member)
    consoles = [page_at(1440, user=alice), page_at(375, user=bob, height=760)]
    for console in consoles:
        console.goto("/app/chats/")
        console.locator("#mine-n", has_text="of 5").wait_for()
        console.wait_for_timeout(700)
        console.keyboard.press("Escape")  # the first key: from now on the browser lets it sound
    origin = shop()
    frames = []
    for number, name in enumerate(("Pat", "Kim"), start=1):
        page = page_at(375, height=700)
        page.goto(origin)
        frames.append(start_chat(page, f"Hello from {name}", name=name))
        frames[-1].locator("#place-n", has_text=str(number)).wait_for()
    for console in consoles:
        console.locator("#alarm", has_text="2 visitors are waiting").wait_for()
        assert console.title().startswith("Chats (2 waiting)")
    consoles[1].get_by_role("button", name="Mute").click()  # only here, and only for these two
    assert consoles[1].locator("#alarm").count() == 0
    assert consoles[0].locator("#alarm").is_visible()

    consoles[0].keyboard.press("n")
    consoles[0].locator("#chat[data-name='Pat']").wait_for()
    frames[1].locator("#place-n", has_text="1").wait_for()
    assert frames[0].locator("#place").is_hidden()
    consoles[0].locator("#alarm", has_text="Kim is waiting").wait_for()
    consoles[1].locator("#waiting [data-chat]", has_text="Kim").click()
    consoles[1].get_by_role("button", name="Accept", exact=True).click()
    consoles[0].locator("#alarm").wait_for(state="detached")

    change_chat_settings(by=alice_member, routing="in_turn")
    set_status(operator=ensure_operator(membership=bob_member), status="away")
    page = page_at(375, height=700)
    page.goto(origin)
    start_chat(page, "Hello from Lee", name="Lee")
    consoles[0].locator("#alarm", has_text="Lee was given to you").wait_for()
    rung = consoles[0].evaluate("document.documentElement.dataset.beeps")
    consoles[0].locator(f"html:not([data-beeps='{rung}'])").wait_for()  # it repeats until the chat is opened
    consoles[0].get_by_role("button", name="Open the chat").click()
    consoles[0].locator("#chat[data-name='Lee']").wait_for()
    consoles[0].locator("#alarm").wait_for(state="detached")
