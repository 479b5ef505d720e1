"""A guest by mailed code; the officer erases, answers late and refuses in part: real browsers, real mail server."""

import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from outbox.testing import smtp_sink
from privacy.actions.cases import watch_clock
from privacy.actions.erasing import run_due_erasures
from privacy.models import Case, ErasurePlan, Proof
from privacy.testing import make_guest_case
from support.models import SupportRequest
from tests.walks.house import link_in
from tests.walks.remains import find_remains
from tests.walks.test_requests import deliver, text_of

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
GUEST = "gil.needle@specimen.example"
WORDS = [GUEST, "needlesubject", "needlewords"]
# the case is the proof that the law wants: address, wish and answer stay for three years, and the page says so
KEPT = ("privacy_case.email", "privacy_case.text", "privacy_case.answer")


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR, settings.FILES_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "files", tmp_path / "media"


def ask_support(page: Any) -> None:
    page.goto("/support/requests/new/")
    page.get_by_label("E-mail").fill(GUEST)
    page.get_by_label("Subject").fill("A needlesubject")
    page.get_by_label("What happened, and what did you expect?").fill("These are my needlewords.")
    page.get_by_label("I am 13 or older").check()
    page.get_by_role("button", name="Send request").click()
    page.get_by_role("heading", name="We have your request").wait_for()


def show_address(sink: Any, page: Any) -> None:
    """The code from the mail opens the page for half an hour."""
    page.goto("/privacy/")
    page.get_by_label("E-mail").fill(GUEST)
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code").wait_for()
    code = re.search(r"\d{6}", str(deliver(sink, page, GUEST, "Your code")["Subject"]))
    assert code
    page.get_by_label("Code").fill(code[0])
    page.get_by_role("button", name="Show my data").click()
    page.get_by_text(f"You have shown that {GUEST} is yours.").wait_for()


def take_copy(sink: Any, page: Any, place: Path) -> None:
    page.get_by_role("button", name="Download all").click()
    page.get_by_text("We are writing it").wait_for()
    page.goto(link_in(deliver(sink, page, GUEST, "Your copy is ready"), "/privacy/copies/"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(place)
    with zipfile.ZipFile(place) as archive:
        (row,) = json.loads(archive.read("data/support.SupportRequest.json"))["rows"]
        assert (row["subject"], row["email"]) == ("A needlesubject", GUEST)
        assert "needlewords" in archive.read("index.html").decode()


def ask_erasure(page: Any) -> None:
    """The wish; the code has proved the address, and nothing more is to be proved."""
    page.goto("/privacy/")
    page.get_by_role("link", name="Erase my data").click()
    assert page.get_by_label("Delete", exact=True).is_checked()
    page.get_by_role("button", name="Send request").click()
    page.get_by_text("We have your request. Its number is").wait_for()


def erase_as_officer(sink: Any, page: Any, pia: User) -> None:
    page.goto(link_in(deliver(sink, page, pia.email, "A new privacy case"), "/privacy/queue/"))
    page.get_by_role("button", name="See the plan").click()
    page.locator("#plan").get_by_text("Your requests", exact=True).wait_for()
    page.get_by_role("button", name="Erase it now").click()
    page.get_by_text("It runs now.").wait_for()


def test_a_guest_sees_takes_and_has_everything_erased_by_the_officer_and_nothing_is_left(
    texts: Any, nik: User, pia: User, page_at: Any, tmp_path: Path
) -> None:
    with smtp_sink() as sink:
        guest, elsewhere = page_at(375), page_at(1440)
        ask_support(guest)
        deliver(sink, guest, GUEST, "We have your request")
        assert find_remains(WORDS, but_for=KEPT)
        show_address(sink, guest)
        guest.get_by_role("link", name="View Your requests").click()
        guest.get_by_text("A needlesubject").wait_for()
        guest.goto("/privacy/")
        take_copy(sink, guest, tmp_path / "taken.zip")
        ask_erasure(guest)
        desk = page_at(1440, user=pia)
        erase_as_officer(sink, desk, pia)
        assert run_due_erasures() == 1
        letter = deliver(sink, desk, GUEST, "Our answer")

        elsewhere.goto(link_in(letter, "/privacy/erase/"))
        elsewhere.get_by_role("heading", name="Your data is erased").wait_for()
        elsewhere.get_by_text("support.SupportRequest").wait_for()
        elsewhere.goto(link_in(letter, "/privacy/requests/c/"))
        elsewhere.get_by_role("link", name="Certificate").wait_for()
        desk.reload()
        desk.get_by_role("link", name="Certificate").wait_for()
        guest.goto("/privacy/")
        guest.get_by_role("heading", name="Without a log-in").wait_for()  # the proof went, too
    assert not SupportRequest.objects.exists() and not Proof.objects.exists()
    (tmp_path / "taken.zip").unlink()  # it lies with the guest
    assert find_remains(WORDS, but_for=KEPT) == []
    assert ErasurePlan.objects.get().state == "done" and Case.objects.get().state == "answered"


def let_days_pass(case: Case, days: int) -> None:
    """As if the case had come that many days earlier."""
    back = timedelta(days=days)
    Case.objects.filter(pk=case.pk).update(
        received_at=case.received_at - back, verified_at=case.received_at - back, due_at=case.due_at - back
    )


def test_the_officer_is_alarmed_answers_one_case_late_and_refuses_another_in_part(
    texts: Any, pia: User, page_at: Any, complaints: Any
) -> None:
    complaints.expect("status of 400")  # an answer in part without the day
    late = make_guest_case(GUEST, kind=Case.Kind.CORRECTION, text="My name is misspelt.")
    other = make_guest_case("kim@specimen.example", kind=Case.Kind.OBJECTION, text="Use nothing of mine.")
    with smtp_sink() as sink:
        desk = page_at(1440, user=pia)
        deliver(sink, desk, pia.email, f"A new privacy case: {late.label}")
        let_days_pass(late, 33)
        assert watch_clock() == 1 and watch_clock() == 0
        alarm = deliver(sink, desk, pia.email, f"Privacy case {late.label} is overdue")
        assert GUEST not in text_of(alarm)
        desk.goto("/privacy/queue/")
        row = desk.locator("#cases tr", has_text=late.label)
        row.locator(".badge-danger", has_text="Overdue").wait_for()
        row.locator(".when-late", has_text="days late").wait_for()
        color = "(node) => getComputedStyle(node).color"
        ink = row.locator(".when-late").evaluate(color)
        assert ink != desk.locator("#cases tr", has_text=other.label).locator("td.n span").first.evaluate(color)
        public = page_at(375)
        public.goto("/privacy/requests/")
        public.locator("#figures", has_text="Overdue now1").wait_for()

        desk.goto(link_in(alarm, "/privacy/queue/"))
        desk.get_by_role("textbox", name="Answer").fill("It is spelt right now. We are sorry that it took so long.")
        desk.get_by_role("button", name="Send answer").click()
        assert "It is spelt right now." in text_of(deliver(sink, desk, GUEST, f"[{late.label}] Our answer"))
        public.reload()
        public.locator("#figures", has_text="Overdue now0").wait_for()

        review = timezone.now().date() + timedelta(days=90)
        desk.goto(f"/privacy/queue/{other.number}/")
        desk.get_by_role("textbox", name="Answer").fill("Nothing is used any more but for four invoices.")
        desk.get_by_label("Reason, where not everything is done").select_option("law")
        desk.get_by_role("button", name="Send answer").click()
        desk.get_by_role("alert").get_by_text("Say on which day you look at it again.").wait_for()
        desk.get_by_text("Error: Say on which day you look at it again.").wait_for()  # at its field; nothing is lost
        desk.get_by_label("Looked at again on").fill(review.isoformat())
        desk.get_by_role("button", name="Send answer").click()
        letter = deliver(sink, desk, "kim@specimen.example", f"[{other.label}] Our answer")
        text = text_of(letter)
        for words in (
            "Done in part", "Nothing is used any more but for four invoices.", "Why not all: A law makes us keep it.",
            f"We look at it again on {review:%-d} {review:%B %Y}.", f"name {other.label}",
            "complain to your data protection authority",
        ):  # fmt: skip
            assert words in text
        public.goto(link_in(letter, "/privacy/requests/c/"))
        public.get_by_text("Done in part").wait_for()
        public.get_by_text("A law makes us keep it").wait_for()
    other.refresh_from_db()
    assert (other.state, other.in_part, other.reason_code) == ("answered", True, "law")
