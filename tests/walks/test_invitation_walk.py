"""An owner invites a colleague by hand; the colleague accepts by the mail and answers a chat, in real browsers."""

from typing import Any

import pytest

from accounts.models import Membership
from operators.actions import ensure_operator
from operators.models import Invitation
from outbox.actions import deliver_due
from outbox.testing import smtp_sink
from tests.walks.house import link_in
from tests.walks.shop import open_chat, shop

__all__ = ["shop"]
pytestmark = [pytest.mark.once, pytest.mark.timeout(180)]
PASSWORD = "a tandem for three people"


def test_an_invited_colleague_accepts_and_answers_a_chat(
    shop: Any, page_at: Any, alice: Any, alice_member: Membership, complaints: Any
) -> None:
    complaints.expect("status of 400")  # forms with a fault
    complaints.expect("status of 404")  # who was removed
    ensure_operator(membership=alice_member)
    with smtp_sink() as sink:
        # the owner, with the keyboard
        owner = page_at(1440, user=alice)
        owner.goto("/app/chats/")
        owner.get_by_role("link", name="Team").first.click()
        owner.get_by_role("button", name="Invite", exact=True).press("Enter")
        owner.get_by_label("Name").fill("Fay Sample")
        owner.get_by_label("E-mail").fill("fay@acme-bikes.example")
        owner.keyboard.press("Enter")
        owner.get_by_text("One invitation is on its way.").wait_for()
        owner.locator("#pending").get_by_text("fay@acme-bikes.example", exact=True).wait_for()
        deliver_due()
        assert [str(mail["To"]) for mail in sink.mails] == ["Fay Sample <fay@acme-bikes.example>"]

        # the same again: nobody gets a second mail
        owner.get_by_role("button", name="Invite", exact=True).click()
        owner.get_by_label("Name").fill("Fay Sample")
        owner.get_by_label("E-mail").fill("FAY+again@acme-bikes.example")
        owner.get_by_role("button", name="Send one invite").click()
        owner.get_by_text("Was invited already").first.wait_for()
        deliver_due()
        assert len(sink.mails) == 1
        link = link_in(sink.mails[0], "/invitation/")

    # the colleague, in another browser
    fay = page_at(1440)
    fay.goto(link)
    fay.get_by_role("heading", name="Answer chats for Acme Bikes").wait_for()
    fay.get_by_text("Alice Example invites you").wait_for()
    fay.get_by_role("button", name="Accept the invitation").click()
    fay.get_by_role("alert").get_by_text("Choose a password").wait_for()
    fay.get_by_label("Password").fill(PASSWORD)
    fay.get_by_label("I am 13 or older").check()
    fay.locator("#policy").check()
    fay.get_by_role("button", name="Accept the invitation").click()
    fay.wait_for_url("**/app/chats/")
    fay.locator("#lost").wait_for(state="hidden")
    assert Invitation.of(alice_member.account).get().state == "accepted"

    # a visitor asks, the colleague answers
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = open_chat(visitor)
    frame.get_by_label("Name").fill("Pat Specimen")
    frame.get_by_label("Your question").fill("Do you rent tandems?")
    frame.get_by_role("button", name="Start chat").click()
    fay.get_by_text("Do you rent tandems?").first.wait_for()
    fay.keyboard.press("n")
    fay.locator("#reply:focus").wait_for()
    fay.keyboard.type("We do, for two people.")
    fay.keyboard.press("Enter")
    frame.get_by_role("log").get_by_text("We do, for two people.").wait_for()

    # the owner sees who is there, removes the colleague, and the visitor is back in the queue
    owner.goto("/app/team/")
    row = owner.locator("#operators tr", has_text="Fay Sample")
    row.get_by_text("1 of 5").wait_for()
    row.get_by_label("Actions for Fay Sample").click()
    row.get_by_role("link", name="Remove").click()
    owner.get_by_text("1 open chat goes back to the queue").wait_for()
    owner.get_by_role("button", name="Remove", exact=True).click()
    owner.locator("#left").get_by_text("Fay Sample").wait_for()
    frame.get_by_text("You are number").wait_for()
    fay.goto("/app/team/")
    fay.get_by_role("heading", name="We cannot find that").wait_for()


def test_the_address_is_removed_with_one_press_without_script(
    page_at: Any, browser: Any, alice: Any, alice_member: Membership, complaints: Any
) -> None:
    from operators.testing import make_invitation

    with smtp_sink() as sink:
        make_invitation(alice_member, name="Gus Sample", email="gus@specimen.example")
        deliver_due()
        link = link_in(sink.mails[0], "/remove/")
    page = page_at(375, java_script_enabled=False)
    page.goto(link)
    assert Invitation.of(alice_member.account).get().state == "waiting"
    page.get_by_role("button", name="Remove my address").click()
    page.get_by_text("Your address is removed").wait_for()
    assert Invitation.of(alice_member.account).get().email == ""
