"""A guest asks, gets mail, answers by link and by mail; an agent solves it, the guest opens it again and rates it."""

import os
import subprocess
import sys
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from outbox.actions import deliver_due
from outbox.models import Delivery
from outbox.testing import Sink, smtp_sink
from support.models import RequestMessage, SupportRequest
from tests.walks.house import link_in

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
ROOT = Path(__file__).resolve().parents[2]
GIL = "gil@specimen.example"


def deliver(sink: Sink, page: Any, to: str, subject: str) -> Any:
    """The newest mail to this address with these words in its subject, once it has left."""
    for _ in range(100):
        Delivery.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))
        deliver_due()
        for mail in reversed(sink.mails):
            if to in str(mail["To"]) and subject in str(mail["Subject"]):
                return mail
        page.wait_for_timeout(100)
    raise AssertionError(f"no mail about {subject}: {[str(mail['Subject']) for mail in sink.mails]}")


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def database_url() -> str:
    """The address of the database of this test, for another process."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


def answer_by_mail(mail: Any, words: str, number: int) -> None:
    """What a mail program sends as an answer goes through the pipe of a mail server into a process of its own."""
    answer = EmailMessage()
    answer["From"], answer["To"] = f"Gil <{GIL}>", str(mail["Reply-To"])
    answer["Subject"], answer["Message-ID"] = f"Re: {mail['Subject']}", f"<{number}@specimen.example>"
    answer["In-Reply-To"], answer["References"] = str(mail["Message-ID"]), str(mail["Message-ID"])
    quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
    answer.set_content(f"{words}\n\nOn Mon, 23 Nov 2026 at 10:00, livechat wrote:\n{quoted}\n\n-- \nGil\n")
    env = {**os.environ, "DATABASE_URL": database_url()}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "receive_mail", "--to", str(mail["Reply-To"])],
        cwd=ROOT, env=env, input=bytes(answer), capture_output=True, timeout=90,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, b"taken"), done.stderr


def test_a_request_from_the_first_question_to_the_rating(nik: Any, page_at: Any) -> None:
    with smtp_sink() as sink:
        guest = page_at(375)
        guest.goto("/support/requests/new/")
        guest.get_by_label("E-mail").fill(GIL)
        guest.get_by_label("Subject").fill("The bubble does not appear")
        guest.get_by_label("What happened, and what did you expect?").fill("I put the code in, nothing shows.")
        guest.get_by_label("I am 13 or older").check()
        guest.get_by_role("button", name="Send request").click()
        guest.get_by_role("heading", name="We have your request").wait_for()
        asked = SupportRequest.objects.get()
        received = deliver(sink, guest, GIL, "We have your request")
        assert str(asked.number) in str(received["Subject"])
        assert str(deliver(sink, guest, nik.email, "A new request")["Reply-To"]) == "None"

        elsewhere = page_at(1440)  # another device: the link is enough, and the address bar forgets it
        elsewhere.goto(link_in(received, "/support/requests/open/"))
        elsewhere.get_by_role("heading", name="The bubble does not appear").wait_for()
        assert elsewhere.url.endswith(f"/support/requests/{asked.number}/")
        elsewhere.get_by_label("Reply").fill("It is Firefox, by the way.")
        elsewhere.get_by_role("button", name="Send reply").click()
        elsewhere.get_by_role("list", name="Messages").get_by_text("It is Firefox, by the way.").wait_for()

        desk = page_at(1440, user=nik)
        desk.goto("/support/desk/")
        desk.get_by_role("link", name="The bubble does not appear").click()
        composer = desk.locator("#composer")
        composer.get_by_role("textbox").fill("Is the website in your list?")
        composer.get_by_role("button", name="Send answer").click()
        answer = deliver(sink, desk, GIL, "Re: The bubble does not appear")
        assert "Is the website in your list?" in text_of(answer)
        assert str(answer["References"]).split()[0] == str(received["References"]).split()[0]

        answer_by_mail(answer, "It was not. Now it shows!", 1)
        told = deliver(sink, desk, nik.email, "wrote again")
        assert "Now it shows" not in text_of(told)
        desk.goto(link_in(told, "/support/desk/"))
        desk.get_by_text("It was not. Now it shows!").wait_for()
        assert desk.get_by_text("Is the website in your list?").count() == 1  # the quote was cut
        composer = desk.locator("#composer")
        composer.get_by_role("textbox").fill("Good to hear.")
        composer.get_by_role("button", name="Send and solve").click()
        solved = deliver(sink, desk, GIL, "Re: The bubble does not appear")
        for _ in range(50):
            if "Good to hear." in text_of(solved):
                break
            desk.wait_for_timeout(100)
            solved = deliver(sink, desk, GIL, "Re: The bubble does not appear")

        guest.goto(link_in(solved, "/support/requests/open/"))
        guest.get_by_label("Good").check()
        guest.get_by_label("Anything else?").fill("Quick, thank you.")
        guest.locator("#rate").get_by_role("button", name="Send").click()
        guest.get_by_text("You said: good.").wait_for()
        asked.refresh_from_db()
        assert (asked.rating, asked.status) == ("good", "solved")

        answer_by_mail(solved, "One more thing, it is gone again.", 2)
        guest.reload()
        guest.get_by_role("list", name="Messages").get_by_text("One more thing, it is gone again.").wait_for()
        asked.refresh_from_db()
        assert asked.status == "open"
        channels = list(RequestMessage.objects.order_by("number").values_list("author", "channel"))
        assert channels == [
            ("requester", "form"), ("requester", "form"), ("agent", "form"), ("requester", "mail"), ("agent", "form"),
            ("requester", "mail"),
        ]  # fmt: skip
