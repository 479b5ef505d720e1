"""An owner imports a hundred colleagues: by keyboard with a mail server behind it, and once more without any script."""

import re
from typing import Any

import pytest

from accounts.models import Membership
from operators.models import Invitation
from operators.tests.sheets import staff, staff_with_seven_wrong
from outbox.actions import deliver_all
from outbox.testing import smtp_sink
from tests.walks.house import link_in
from tests.walks.shop import open_chat, shop

__all__ = ["shop"]
pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = "a tandem for three people"


def file_of(data: bytes, name: str = "staff-may.xlsx") -> dict[str, Any]:
    return {"name": name, "mimeType": XLSX, "buffer": data}


def tab_to(page: Any, what: str) -> None:
    """Presses Tab until the element with these words, name or label has the focus."""
    script = """() => { const e = document.activeElement;
        return [e.textContent, e.getAttribute("aria-label"), e.getAttribute("name")].join("|"); }"""
    for _ in range(700):
        page.keyboard.press("Tab")
        if what in page.evaluate(script):
            return
    raise AssertionError(f"no way to {what} by Tab")


@pytest.mark.long
def test_a_hundred_colleagues_by_keyboard_95_mails_and_three_answer_a_chat(
    shop: Any, page_at: Any, alice: Any, alice_member: Membership
) -> None:
    owner = page_at(1440, user=alice)
    owner.goto("/app/team/")
    tab_to(owner, "Import")
    owner.keyboard.press("Enter")
    owner.wait_for_url("**/app/team/import/")
    tab_to(owner, "Excel file with operators")
    with owner.expect_file_chooser() as chosen:
        owner.keyboard.press("Space")
    chosen.value.set_files(file_of(staff_with_seven_wrong()))
    tab_to(owner, "Check the list")
    owner.keyboard.press("Enter")
    owner.get_by_text("93 of 100 people can be invited.").wait_for()

    # two rows are put right: one by the suggestion, one by typing
    owner.get_by_text("did you mean fay@acme-bikes.example").wait_for()
    tab_to(owner, "Use fay@acme-bikes.example in row 11")
    owner.keyboard.press("Enter")
    owner.get_by_text("94 of 100 people can be invited.").wait_for()
    tab_to(owner, "Name, row 21")
    owner.keyboard.type("Nora Sample")
    owner.keyboard.press("Enter")  # checks again, and invites nobody
    owner.get_by_text("95 of 100 people can be invited.").wait_for()
    assert Invitation.of(alice_member.account).count() == 0

    with smtp_sink() as sink:
        tab_to(owner, "Invite 95 people")
        owner.keyboard.press("Enter")
        owner.wait_for_url("**/result/")
        owner.get_by_role("heading", name="95 invites are on their way").wait_for()
        deliver_all()
        addresses = {str(mail["To"]).rpartition("<")[2].strip(">") for mail in sink.mails}
        assert len(sink.mails) == len(addresses) == 95
        owner.reload()
        assert owner.locator(".stat", has_text="Delivered").first.locator("dd").inner_text() == "95"
        links = [link_in(mail, "/invitation/") for mail in sink.mails[:3]]
    with owner.expect_download() as sheet:
        owner.get_by_role("link", name="Download this result").press("Enter")
    assert sheet.value.suggested_filename == "operators-import.xlsx"

    # three accept and answer a visitor each
    for number, link in enumerate(links):
        colleague = page_at(1440)
        colleague.goto(re.sub(r"^https?://[^/]+", "", link))
        colleague.get_by_label("Password").fill(PASSWORD)
        colleague.get_by_label("I am 13 or older").check()
        colleague.locator("#policy").check()
        colleague.get_by_role("button", name="Accept the invitation").click()
        colleague.wait_for_url("**/app/chats/")
        colleague.locator("#lost").wait_for(state="hidden")
        visitor = page_at(1000)
        visitor.goto(shop())
        frame = open_chat(visitor)
        frame.get_by_label("Name").fill("Pat Specimen")
        frame.get_by_label("Your question").fill(f"Question {number}?")
        frame.get_by_role("button", name="Start chat").click()
        colleague.get_by_text(f"Question {number}?").first.wait_for()
        colleague.keyboard.press("n")
        colleague.locator("#reply:focus").wait_for()
        colleague.keyboard.type(f"Answer {number}.")
        colleague.keyboard.press("Enter")
        frame.get_by_role("log").get_by_text(f"Answer {number}.").wait_for()
        visitor.context.close()
        colleague.context.close()
    assert Membership.objects.filter(account=alice_member.account).count() == 4


def test_the_whole_import_without_scripts(page_at: Any, alice: Any, alice_member: Membership) -> None:
    owner = page_at(1440, user=alice, java_script_enabled=False)
    owner.goto("/app/team/import/")
    owner.set_input_files("input[type=file]", file_of(staff(101)))
    owner.get_by_role("button", name="Check the list").click()
    owner.get_by_text("This file has more than 100 people").wait_for()
    assert Invitation.of(alice_member.account).count() == 0

    owner.set_input_files("input[type=file]", file_of(staff_with_seven_wrong()))
    owner.get_by_role("button", name="Check the list").click()
    owner.get_by_text("93 of 100 people can be invited.").wait_for()
    owner.get_by_role("link", name="Problems 7").click()
    assert owner.locator(".import-table tbody tr").count() == 7
    owner.get_by_label("E-mail, row 31").fill("found@acme-bikes.example")
    owner.get_by_role("button", name="Check again").last.click()
    owner.get_by_text("94 of 100 people can be invited.").wait_for()
    owner.get_by_role("link", name="All 100").click()
    owner.get_by_label("Invite row 3", exact=True).uncheck()
    owner.get_by_label("Role for everybody").select_option("admin")
    owner.get_by_role("button", name="Give to all").click()
    owner.get_by_text("1 row is left out.").wait_for()
    owner.get_by_role("button", name="Invite 93 people").click()
    owner.get_by_role("heading", name="93 invites are on their way").wait_for()
    made = Invitation.of(alice_member.account)
    assert set(made.values_list("role", flat=True)) == {"admin"}
    assert not made.filter(email="colleague2@acme-bikes.example").exists()


def test_a_refused_file_is_said_in_place_and_the_next_one_goes_through(page_at: Any, alice: Any) -> None:
    owner = page_at(375, user=alice)
    owner.goto("/app/team/import/")
    assert owner.get_by_role("button", name="Check the list").is_disabled()
    owner.set_input_files("input[type=file]", file_of(b"Name;E-mail\nA;a@b.example\n", "old-list.csv"))
    owner.get_by_role("button", name="Check the list").click()
    error = owner.get_by_role("alert")
    error.get_by_text("old-list.csv").wait_for()
    assert owner.title().startswith("Error:")
    assert error.evaluate("node => node === document.activeElement")
    owner.set_input_files("input[type=file]", file_of(staff(3)))
    owner.get_by_role("button", name="Check the list").click()
    owner.get_by_text("3 of 3 people can be invited.").wait_for()
