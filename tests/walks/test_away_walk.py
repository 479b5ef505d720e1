"""Nobody is here: a question is left, answered by mail, gone on with by its link, sent home and rated there."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.models import Chat
from chat.testing import make_widget
from operators.actions import ensure_operator, set_status
from outbox.actions import deliver_due
from outbox.models import Delivery
from outbox.testing import Sink, smtp_sink
from tests.walks.house import link_in

pytestmark = pytest.mark.timeout(180)


def deliver(sink: Sink, page: Any) -> Any:
    """What waits leaves now, without the minute of quiet; answers the newest mail."""
    before = len(sink.mails)
    for _ in range(100):
        Delivery.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))
        deliver_due()
        if len(sink.mails) > before:
            return sink.mails[-1]
        page.wait_for_timeout(100)
    raise AssertionError("no mail came")


def test_a_question_left_at_night_is_answered_by_mail_and_goes_on_through_its_link(
    acme: Account, alice: Any, alice_member: Membership, page_at: Any
) -> None:
    operator = ensure_operator(membership=alice_member)
    with account_scope(acme):
        set_status(operator=operator, status="offline")
    with smtp_sink() as sink:
        visitor = page_at(375, height=700)
        visitor.goto(f"/widget/frame/{make_widget(acme).key}/")
        visitor.get_by_text("Nobody is here right now. Leave your question").wait_for()
        visitor.get_by_label("Your question").fill("Does the saddle fit?")
        visitor.get_by_role("button", name="Send question").click()
        visitor.get_by_text("Enter an e-mail like pat@specimen.example").wait_for()
        assert visitor.get_by_label("Your question").input_value() == "Does the saddle fit?"
        visitor.get_by_label("E-mail").fill("pat@specimen.example")
        visitor.keyboard.press("Enter")
        visitor.get_by_text("The answer comes to pat@specimen.example").wait_for()
        visitor.goto("about:blank")

        with account_scope(acme):
            set_status(operator=operator, status="accepting")
            chat = Chat.objects.get()
        assert chat.by_mail
        desk = page_at(1440, user=alice)
        desk.goto(f"/app/chats/{chat.public_id}/")
        desk.locator("#chat").get_by_role("button", name="Accept").click()
        desk.locator("#reply:enabled").fill("Yes, it does.")
        desk.locator("#reply").press("Enter")
        desk.get_by_role("log").get_by_text("Yes, it does.").wait_for()
        answer = deliver(sink, desk)
        assert "Yes, it does." in answer.get_body(("plain",)).get_content()

        visitor.goto(link_in(answer, "/widget/continue/"))
        visitor.get_by_role("button", name="Go on with the chat").click()
        visitor.get_by_role("log").get_by_text("Yes, it does.").wait_for()
        visitor.get_by_label("Message", exact=True).fill("Then I take it.")
        visitor.get_by_label("Message", exact=True).press("Enter")
        desk.get_by_role("log").get_by_text("Then I take it.").wait_for()

        visitor.get_by_role("button", name="End the chat").click()
        visitor.get_by_role("button", name="Send me this chat").click()
        assert visitor.get_by_label("Your e-mail").input_value() == "pat@specimen.example"
        visitor.get_by_label("Your e-mail").press("Enter")
        visitor.locator("#after").get_by_text("The chat is on its way to pat@specimen.example").wait_for()
        transcript = deliver(sink, desk)
        text = transcript.get_body(("plain",)).get_content()
        assert "Then I take it." in text and "Alice Example: Yes, it does." in text

        visitor.goto(link_in(transcript, "value=bad"))
        assert visitor.get_by_label("No", exact=True).is_checked()
        visitor.get_by_label("Yes", exact=True).check()
        visitor.get_by_role("button", name="Send rating").click()
        visitor.get_by_role("heading", name="Thank you. The rating is kept with this chat.").wait_for()
    with account_scope(acme):
        assert Chat.objects.get().rating == "good"
