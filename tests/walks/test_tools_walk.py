"""Tags, saved replies, blocking and the palette by keyboard alone; and a survey after the chat."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.actions.replies import save_reply
from chat.models import Block, Chat, ChatTag, Message, SavedReply
from chat.testing import make_chat
from operators.actions import ensure_operator
from operators.models import Operator
from surveys.models import Answer, VisitorMark
from surveys.testing import make_survey
from tests.walks.shop import shop, start_chat

pytestmark = pytest.mark.once  # of the browser; what is stored is tested on both databases elsewhere

__all__ = ["shop"]

Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def operator(alice_member: Membership) -> Operator:
    return ensure_operator(membership=alice_member)


def test_who_has_saved_nothing_yet_is_told_so_and_can_send_a_number_sign(
    acme: Account, operator: Operator, alice: User, page_at: Open
):
    chat = make_chat(acme, text="Hello", operator=operator)
    page = page_at(375, user=alice)
    page.goto(f"/app/chats/{chat.public_id}/")
    page.locator("#mine-n", has_text="of 5").wait_for(state="attached")
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Saved replies").click()
    page.locator("#canned").get_by_text("Nothing is saved yet").wait_for()
    page.keyboard.type("12 is it")
    page.locator("#canned").wait_for(state="hidden")
    page.keyboard.press("Enter")
    page.locator(".msg-own .bubble", has_text="#12 is it").wait_for()


def test_a_saved_reply_a_tag_the_palette_and_a_block_by_keyboard_alone(
    acme: Account, operator: Operator, alice: User, alice_member: Membership, page_at: Open
):
    chat = make_chat(acme, text="Hello", operator=operator, name="Pat <b>Specimen</b>")
    with account_scope(acme):
        for word, text in (
            ("ride-bring", "Bring an ID."),
            ("ride-confirm", "Hi {visitor.name}, {operator.name} here <i>."),
        ):
            save_reply(by=alice_member, operator=operator, shortcut=word, text=text, scope="account")
    page = page_at(1440, user=alice)
    page.goto(f"/app/chats/{chat.public_id}/")
    page.locator("#mine-n", has_text="of 5").wait_for()
    page.wait_for_timeout(700)

    page.keyboard.press("r")
    page.keyboard.type("Good day. #ride")
    page.locator("#canned [role=option]").nth(1).wait_for()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#canned [aria-selected=true]")
    assert "#ride-confirm" in chosen.inner_text()
    assert page.locator("#reply").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Enter")
    assert page.locator("#reply").input_value() == "Good day. Hi Pat <b>Specimen</b>, Alice Example here <i>."
    page.keyboard.press("Enter")
    page.locator(".msg-own .bubble", has_text="Good day. Hi Pat").wait_for()
    page.keyboard.type("#rid")
    page.locator("#canned [role=option]").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#canned").is_hidden()
    assert page.locator("#reply").input_value() == "#rid"
    page.locator("#reply").fill("")
    page.keyboard.press("Escape")

    page.keyboard.press("l")
    page.locator("#tagger-q:focus").wait_for()
    page.keyboard.type("test ride")
    page.locator("#tagger-list [aria-selected=true]", has_text="Make the tag").wait_for()
    page.keyboard.press("Enter")
    page.locator("#tag-list [data-tag='test ride']").wait_for()
    page.locator("#mine .row-tags", has_text="test ride").wait_for()

    page.keyboard.press("Control+k")
    page.keyboard.type("ride-b")
    page.locator("#palette-found [role=option]", has_text="#ride-bring").wait_for()
    page.keyboard.press("Enter")
    page.locator("#canned [role=option]", has_text="#ride-bring").wait_for()
    page.keyboard.press("Tab")
    assert page.locator("#reply").input_value() == "Bring an ID."
    page.locator("#reply").fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("block this")
    page.keyboard.press("Enter")
    page.locator("#blocker[open]").wait_for()
    page.locator("#block-reason").fill("Abuse")
    page.keyboard.press("Enter")
    page.locator("#blocks", has_text="This browser is blocked until").wait_for()
    with account_scope(acme):
        assert Chat.objects.get().state == "closed"
        assert Block.objects.get().reason == "Abuse"
        assert ChatTag.objects.get().tag.name == "test ride"
        assert SavedReply.objects.get(shortcut="ride-confirm").uses == 1
        assert Message.objects.filter(text="Good day. Hi Pat <b>Specimen</b>, Alice Example here <i>.").exists()
    page.locator("#blocks [data-do=unblock]").press("Enter")
    page.locator("#blocks [data-do=unblock]").wait_for(state="detached")
    with account_scope(acme):
        assert not Block.objects.exists()


def test_a_visitor_answers_one_survey_after_the_chat_and_says_no_to_another(
    acme: Account, operator: Operator, shop: Open, page_at: Open
):
    make_survey(acme, title="Another one?")
    make_survey(acme, title="How was <i>it</i>?")  # the newest is asked first
    page = page_at(375, height=760)
    page.goto(f"{shop()}/")
    frame = start_chat(page, "Hello", name="Pat")
    frame.locator(".msg-own").first.wait_for()
    frame.get_by_role("button", name="Leave the queue").click()
    form = frame.locator("[data-survey]")
    form.wait_for()
    assert frame.get_by_role("heading", name="How was <i>it</i>?").is_visible()
    no, send = form.get_by_role("button", name="No thanks"), form.get_by_role("button", name="Send answers")
    assert no.bounding_box()["width"] == send.bounding_box()["width"]
    form.get_by_label("What could be better?").fill("Nothing <script>")
    send.click()
    frame.locator("#asked .error").first.wait_for()
    assert form.get_by_label("What could be better?").input_value() == "Nothing <script>"
    form.get_by_role("radio", name="4").check()
    send.click()
    frame.get_by_text("Your answers are in").wait_for()

    frame.get_by_role("button", name="Start another chat").click()
    frame.get_by_label("Your question").fill("Once more")
    frame.get_by_role("button", name="Start chat").click()
    frame.locator(".msg-own").first.wait_for()
    frame.get_by_role("button", name="Leave the queue").click()
    frame.get_by_role("heading", name="Another one?").wait_for()
    no.click()
    form.wait_for(state="detached")
    with account_scope(acme):
        assert sorted(Answer.objects.values_list("number", "text"), key=str) == [(4, ""), (None, "Nothing <script>")]
        assert VisitorMark.objects.count() == 2
