"""Three windows: a chat goes from bob to alice with a note, is whispered about, taken over, and opened again."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.models import Chat, Draft, Message, Note
from chat.testing import make_chat, make_operator, say
from operators.models import Operator
from tests.walks.shop import shop, start_chat

__all__ = ["shop"]

Open = Callable[..., Any]
HOSTILE = '<img src=x onerror=alert(1)> https://evil.example/"onmouseover=alert(2) javascript:alert(3)'


@pytest.fixture
def team(alice_member: Membership, bob_member: Membership) -> tuple[Operator, Operator]:
    return make_operator(alice_member), make_operator(bob_member)


def console(page_at: Open, user: User, chat: Chat | None = None) -> Any:
    page = page_at(1440, user=user)
    page.goto(f"/app/chats/{chat.public_id}/" if chat else "/app/chats/")
    page.locator("#mine-n", has_text="of 5").wait_for()
    page.wait_for_timeout(600)
    return page


def write(page: Any, text: str) -> None:
    page.locator("#reply").fill(text)
    page.locator("#reply").press("Enter")


def test_a_chat_goes_from_hand_to_hand(
    acme: Account, alice: User, bob: User, team: tuple[Operator, Operator], shop: Open, page_at: Open
):
    visitor = page_at(1000)
    visitor.goto(f"{shop()}/")
    frame = start_chat(visitor, "Does the saddle fit?", name="Pat")
    bobs = console(page_at, bob)
    bobs.keyboard.press("n")
    bobs.locator("#reply:focus").wait_for()
    frame.get_by_text("Bob Builder joined").wait_for()
    alices = console(page_at, alice)

    # alice looks on and whispers; the visitor hears nothing of it
    alices.locator("#others-n", has_text="1").wait_for()
    alices.locator(".others summary").click()
    alices.locator("#others").get_by_role("link", name="Pat").click()
    alices.get_by_role("button", name="Whisper").click()
    write(alices, "Offer the green one")
    bobs.locator(".msg-whisper", has_text="Offer the green one").wait_for()
    bobs.locator("#looking", has_text="Alice Example is here too").wait_for()
    frame.get_by_label("Message", exact=True).press_sequentially("it is for my")
    bobs.locator("#preview", has_text="it is for my").wait_for()
    alices.locator("#preview", has_text="it is for my").wait_for()

    # bob names alice in a note by keyboard alone and gives her the chat with another
    bobs.locator("#reply").press("Escape")
    bobs.keyboard.press("m")
    bobs.keyboard.type("Ask @ali")
    bobs.locator("#mention-list [role=option]", has_text="Alice Example").wait_for()
    bobs.keyboard.press("Enter")
    bobs.keyboard.type(HOSTILE)
    bobs.keyboard.press("Enter")
    alices.locator(".msg-note", has_text="Ask @Alice Example <img src=x").wait_for()
    bobs.keyboard.press("Escape")
    bobs.keyboard.press("t")
    bobs.get_by_role("radio", name="Alice Example").check()
    bobs.get_by_label("Note for the next operator").fill("She knows saddles")
    bobs.get_by_role("dialog").get_by_role("button", name="Transfer", exact=True).click()
    bobs.get_by_text("The chat is transferred").wait_for()
    alices.get_by_text("Bob Builder gave you the chat with Pat. She knows saddles").wait_for()
    alices.locator(".msg-note", has_text="She knows saddles").wait_for()
    frame.get_by_text("Alice Example joined").wait_for()
    alices.locator("#mine").get_by_role("link", name="Pat").wait_for()
    with account_scope(acme):
        assert [(one.display_name, one.open_chats) for one in Operator.objects.order_by("pk")] == [
            ("Alice Example", 1),
            ("Bob Builder", 0),
        ]
        assert Note.objects.count() == 3

    # alice edits and removes what she wrote; the visitor sees what it says now
    alices.get_by_role("button", name="Reply", exact=True).click()
    write(alices, "It costs 20")
    frame.get_by_text("It costs 20").wait_for()
    alices.locator(".msg-own[data-seq]", has_text="It costs 20").wait_for()
    alices.locator("#reply").press("ArrowUp")
    alices.keyboard.press("Enter")
    assert alices.locator("#reply").input_value() == "It costs 20"
    write(alices, "It costs 25, see https://acme-bikes.example/saddles. <img src=x onerror=alert(4)>")
    frame.get_by_text("It costs 25").wait_for()
    link = alices.locator("#thread .bubble a", has_text="https://acme-bikes.example/saddles")
    assert link.get_attribute("rel") == "noopener noreferrer nofollow ugc"
    assert link.get_attribute("href") == "https://acme-bikes.example/saddles"
    assert not frame.get_by_text("It costs 20").is_visible()
    alices.locator(".msg-own", has_text="It costs 25").locator(".bubble").hover()
    alices.get_by_role("button", name="History").click()
    alices.locator("#history-list", has_text="It costs 20").wait_for()
    alices.get_by_role("dialog").get_by_role("button", name="Close").click()
    alices.locator("#reply").press("ArrowUp")
    alices.keyboard.press("Delete")
    alices.get_by_role("button", name="Remove message").click()
    frame.get_by_text("Message removed").wait_for()
    with account_scope(acme):
        assert not Message.objects.filter(text__contains="It costs").exists()

    # a reply that would cross a line asks first; Enter again sends it
    alices.locator("#reply").fill("We have it in")
    frame.get_by_label("Message", exact=True).fill("In green please")
    frame.get_by_label("Message", exact=True).press("Enter")
    alices.locator(".msg[data-seq]", has_text="In green please").wait_for()  # sent, not its preview
    alices.locator("#reply").press("Enter")
    alices.get_by_text("New message arrived. Send anyway?").wait_for()
    alices.wait_for_timeout(500)
    alices.locator("#reply").press("Enter")
    frame.get_by_text("We have it in").wait_for()

    # closed, and open again with its counter
    alices.locator("#reply").press("Escape")
    alices.keyboard.press("e")
    frame.get_by_text("Did Alice Example help?").wait_for()
    alices.get_by_role("button", name="Undo").click()
    frame.get_by_text("The chat goes on").wait_for()
    alices.locator("#composer").wait_for()
    with account_scope(acme):
        assert Chat.objects.get().state == "open"
        assert Operator.objects.get(pk=team[0].pk).open_chats == 1
    words = visitor.content() + frame.locator("html").inner_html()
    assert not any(secret in words for secret in ("green one", "She knows saddles", "Ask @Alice"))


def test_a_leader_takes_over_and_a_draft_is_there_on_another_computer(
    acme: Account, alice: User, bob: User, team: tuple[Operator, Operator], page_at: Open
):
    chat = make_chat(acme, text="Hello", operator=team[1], name="Pat Specimen")
    say(chat, "Good morning", operator=team[1])
    bobs = console(page_at, bob, chat)
    bobs.locator("#reply").press_sequentially("I will look")
    bobs.wait_for_timeout(3_500)
    with account_scope(acme):
        assert Draft.objects.get().text == "I will look"
    elsewhere = console(page_at, bob, chat)
    assert elsewhere.locator("#reply").input_value() == "I will look"

    alices = console(page_at, alice, chat)
    alices.locator("#looking", has_text="Bob Builder is here too").wait_for()
    alices.get_by_role("button", name="Take over").first.click()
    alices.locator("#mine").get_by_role("link", name="Pat Specimen").wait_for()
    bobs.get_by_text("Alice Example took over the chat with Pat Specimen.").wait_for()
    bobs.get_by_text("Alice Example has this chat").wait_for()
    assert (
        bobs.get_by_role("button", name="Take over").count() == 0
        or not bobs.get_by_role("button", name="Take over").first.is_visible()
    )
    with account_scope(acme):
        assert [one.open_chats for one in Operator.objects.order_by("pk")] == [1, 0]
