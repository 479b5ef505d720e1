"""Each state of the chat window: its components, axe, pictures, no sideways scrolling, in both themes."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.widgets import change_widget
from chat.models import Chat
from chat.testing import make_widget, say
from operators.actions import ensure_operator, set_status
from tests.looks.eye import CLASSES, THEMES, TOO_WIDE, judge, take_picture
from tests.openid import use_providers

pytestmark = [pytest.mark.once, pytest.mark.timeout(240)]

MOCKUP = set(json.loads((Path(__file__).parent / "mockup_components.json").read_text(encoding="utf-8"))["widget"])
LEFT_OUT = {
    "bubble-btn": "drawn by the loader on the customer's page", "closed": "the customer's page stands there",
    "count": "drawn by the loader", "count-wait": "drawn by the loader", "teaser": "drawn by the loader",
    "frames": "the sheet of the mockup", "skip": "the sheet of the mockup", "wrap": "the sheet of the mockup",
    "stack-5": "the sheet of the mockup",
}  # fmt: skip
SIZES = {375: 700, 380: 640, 320: 480}
JUDGED = ((375, "dark"), (320, "light"))


@pytest.fixture(autouse=True)
def answering(alice_member: Any) -> None:
    ensure_operator(membership=alice_member)


def accept(acme: Account, alice_member: Any) -> Chat:
    from chat.actions.chats import accept_chat

    with account_scope(acme):
        chat = Chat.objects.exclude(state="closed").order_by("-pk")[0]
        return accept_chat(operator=ensure_operator(membership=alice_member), chat_pk=chat.pk)


def test_each_state_of_the_chat_window(
    acme: Account, alice_member: Any, page_at: Any, complaints: Any, settings: Any
) -> None:
    use_providers(settings, {"kind": "facebook", "client_id": "1"}, {"kind": "google", "client_id": "1"})
    complaints.expect("ERR_FAILED")
    complaints.expect("ERR_INTERNET_DISCONNECTED")  # of the test, while it is offline
    widget = make_widget(acme)
    with account_scope(acme):
        change_widget(widget=widget, by=alice_member, ask_thirteen=True, greeting="Ask us about bicycles.")
    page = page_at(375, height=SIZES[375])
    classes: set[str] = set()
    found: list[str] = []

    def look(state: str) -> None:
        nonlocal classes
        page.wait_for_timeout(200)
        for width, theme in product(SIZES, THEMES):
            where = f"{state} {width} {theme}"
            page.set_viewport_size({"width": width, "height": SIZES[width]})
            page.emulate_media(color_scheme=theme)
            found.extend(f"{where}: wider than the window: {one}" for one in page.evaluate(TOO_WIDE))
            if (width, theme) in JUDGED:
                found.extend(judge(page, where))
            take_picture(page, f"widget-{state}", width, theme)
        classes |= set(page.evaluate(CLASSES))

    page.goto(f"/widget/frame/{widget.key}/")
    page.get_by_text("Ask us about bicycles.").wait_for()
    look("before")
    page.get_by_role("button", name="Start chat").click()
    page.get_by_text("Write what you want to know").wait_for()
    look("errors")
    page.get_by_label("Name").fill("Pat Specimen")
    page.get_by_label("Your question").fill("Can I try the Acme Cargo before buying? Two kids and a dog.")
    page.get_by_label("I am 13 or older").check()
    page.get_by_role("button", name="Start chat").click()
    page.get_by_text("You are number").wait_for()
    look("waiting")
    page.get_by_role("button", name="Answer by e-mail").click()
    page.get_by_label("Your e-mail").press("Enter")
    page.get_by_text("Enter an e-mail like pat@specimen.example").last.wait_for()
    look("waiting-mail")
    page.get_by_role("button", name="Not now").click()
    chat = accept(acme, alice_member)
    page.get_by_text("Alice Example joined").wait_for()
    with account_scope(acme):
        say(chat, "A weekday. Is there a charge?")
        say(chat, "It is free. Wednesday from 15:00 or Thursday from 16:00?", operator=chat.operator)
    page.reload()
    page.get_by_text("It is free.").wait_for()
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.get_by_label("Message", exact=True).fill("Thursday!")
    page.get_by_label("Message", exact=True).press("Enter")
    page.locator(".under-danger").wait_for(timeout=15_000)
    look("chatting")
    page.context.set_offline(False)
    page.reload()
    page.get_by_role("button", name="End the chat").click()
    page.get_by_text("Did Alice Example help?").wait_for()
    look("rating")
    page.get_by_role("button", name="Send me this chat").click()
    page.get_by_label("Your e-mail").wait_for()
    look("transcript")
    page.get_by_role("button", name="What this chat keeps").click()
    page.get_by_text("Your messages, 3").wait_for()
    look("receipt")
    page.get_by_role("button", name="Delete now").click()
    page.get_by_role("heading", name="Delete this chat?").wait_for()
    look("delete")
    page.get_by_role("button", name="Delete chat").click()
    page.get_by_text("nothing tells any more who you are").wait_for()
    look("deleted")

    missing = MOCKUP - classes - set(LEFT_OUT)
    assert not missing, f"components of the mockup that no state shows: {sorted(missing)}"
    assert not set(LEFT_OUT) - MOCKUP
    assert not found, "\n".join(found)


def test_the_window_when_nobody_is_here_and_from_right_to_left(acme: Account, alice_member: Any, page_at: Any):
    operator, widget = ensure_operator(membership=alice_member), make_widget(acme)
    form = {"name": "required", "questions": [
        {"id": "a", "label": "Order number", "kind": "line", "required": True},
        {"id": "b", "label": "Which bicycle?", "kind": "choice", "options": ["Cargo", "Tandem"]},
        {"id": "c", "label": "I read the terms of the workshop", "kind": "check", "required": True},
        {"id": "d", "label": "What happened?", "kind": "text"},
    ]}  # fmt: skip
    with account_scope(acme):
        set_status(operator=operator, status="offline")
        change_widget(widget=widget, by=alice_member, form=form)
    found: list[str] = []
    for theme, width, lang in (("light", 320, "de"), ("dark", 375, "ar")):
        page = page_at(width, theme, height=SIZES[width])
        page.goto(f"/widget/frame/{widget.key}/?lang={lang}")
        page.locator("#nobody").wait_for()
        page.locator("#pre [type=submit]").click()
        page.locator("#w-email-error").wait_for()
        where = f"away {width} {theme} {lang}"
        found += [f"{where}: wider than the window: {one}" for one in page.evaluate(TOO_WIDE)] + judge(page, where)
        take_picture(page, f"widget-away-{lang}", width, theme)
    assert not found, "\n".join(found)
