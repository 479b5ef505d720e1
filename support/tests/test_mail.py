"""Correspondence by mail, through a real mail server: asked, acknowledged, answered, opened again; loops end."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.utils import timezone

from core.mail import PurposeError, write_mail
from core.outbound import Letter, registry
from core.personal_data import Purpose
from notifications.actions import receive_mail
from notifications.models import ReceivedMail
from outbox.actions import deliver_all
from outbox.testing import Sink, smtp_sink
from support.actions.desk import Changes, change_requests
from support.mails import ACKNOWLEDGED_AN_HOUR, address_of
from support.models import RequestFile, RequestMessage, SupportRequest
from support.testing import make_answer, make_reply, make_request

pytestmark = pytest.mark.django_db
Outcome = ReceivedMail.Outcome
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as server:
        yield server


def write(
    text: str = "The chat does not appear.", *, to: str = "support@livechat.example", sender: str = "gil@example.org",
    number: int = 1, subject: str = "Chat", files: tuple[tuple[str, bytes], ...] = (), **headers: str,
) -> bytes:  # fmt: skip
    """A mail as a usual program writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Gil Guest <{sender}>", to, subject
    mail["Message-ID"] = f"<{number}@mail.example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(mail)


def post(sink: Sink, to: str = "gil@example.org") -> list[EmailMessage]:
    """What leaves now for this person, oldest first."""
    sink.mails.clear()
    deliver_all()
    return [mail for mail in sink.mails if to in str(mail["To"])]


def answer_to(sent: EmailMessage, text: str, **changes: object) -> bytes:
    """What a mail program makes of an answer: the token address, the thread, the quote below."""
    body = sent.get_body(("plain",))
    assert body is not None
    quoted = "\n".join(f"> {line}" for line in body.get_content().splitlines())
    headers = {"In_Reply_To": str(sent["Message-ID"]), "References": f"{sent['References']} {sent['Message-ID']}"}
    whole = f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, livechat <support@livechat.example> wrote:\n{quoted}\n"
    return write(whole, to=str(sent["Reply-To"]), **{**headers, "subject": f"Re: {sent['Subject']}", **changes})  # type: ignore[arg-type]  # names of headers


def texts(request: SupportRequest) -> list[str]:
    return list(RequestMessage.objects.filter(request=request).order_by("number").values_list("text", flat=True))


def test_a_mail_becomes_a_request_and_its_writer_gets_number_and_link(sink: Sink):
    assert receive_mail(raw=write()).outcome == Outcome.TAKEN
    request = SupportRequest.objects.get()
    assert (request.channel, request.email, request.subject, request.name) == (
        "mail",
        "gil@example.org",
        "Chat",
        "Gil Guest",
    )
    (sent,) = post(sink)
    assert str(request.number) in sent["Subject"] and sent["In-Reply-To"] == "<1@mail.example.org>"
    assert sent["Auto-Submitted"] == "auto-replied"
    assert re.search(r"/support/\S+", sent.get_body(("plain",)).get_content())
    assert sent["Reply-To"].startswith("support+request-")


def test_nobody_mails_through_us_to_an_address_that_he_names(sink: Sink):
    raw = write("Buy now", sender="victim@example.org", subject="Buy at https://spam.example")
    receive_mail(raw=raw.replace(b"Gil Guest", b"Buy www.spam.example"))
    (sent,) = post(sink, "victim@example.org")
    assert "spam" not in str(sent["Subject"]) + sent.get_body(("plain",)).get_content()
    assert SupportRequest.objects.get().name == ""


def test_the_whole_correspondence_by_mail_is_one_thread(sink: Sink, nik):
    receive_mail(raw=write())
    (first,) = post(sink)
    receive_mail(raw=answer_to(first, "Sorry, on Firefox.", number=2))
    request = SupportRequest.objects.get()
    assert texts(request) == ["The chat does not appear.", "Sorry, on Firefox."]
    make_answer(request, nik, "Load the page again.")
    (answer,) = post(sink)
    assert answer["Auto-Submitted"] is None and answer["References"].split()[-1] == "<2@mail.example.org>"
    assert answer["References"].split()[0] == first["References"].split()[0]
    assert "=====>8=====" in answer.get_body(("plain",)).get_content()
    receive_mail(raw=answer_to(answer, "Thank you, it works.", number=3))
    request.refresh_from_db()
    assert texts(request)[-1] == "Thank you, it works." and request.status == "open"
    assert SupportRequest.objects.count() == 1


def test_html_answers_and_files_arrive(sink: Sink):
    request = make_request(email="gil@example.org")
    (sent,) = post(sink)
    raw = answer_to(
        sent, "See the picture.", number=2, files=(("a.png", PNG), ("run.exe", b"MZ\x90"), ("n.txt", b"Hi"))
    )
    receive_mail(raw=raw)
    assert sorted(RequestFile.objects.values_list("name", flat=True)) == ["a.png", "n.txt"]
    text = texts(request)[-1]
    assert text.startswith("(1 file was left out") and text.endswith("See the picture.")


def test_the_token_decides_and_another_sender_is_named(sink: Sink):
    request = make_request(email="gil@example.org")
    (sent,) = post(sink)
    receive_mail(raw=answer_to(sent, "I am his colleague.", sender="mallory@example.net", number=2))
    message = RequestMessage.objects.filter(request=request).latest("number")
    assert message.text == "(Sent from mallory@example.net.)\n\nI am his colleague." and message.user is None
    receive_mail(raw=write("Me again", sender="gil@example.org", number=3))
    assert SupportRequest.objects.count() == 2  # who only claims the address gets into no thread


def test_a_forged_token_is_a_new_request(sink: Sink):
    request = make_request(email="gil@example.org")
    (sent,) = post(sink)
    forged = str(sent["Reply-To"]).replace("+request-", "+request-a")
    receive_mail(raw=write("Hello", to=forged, sender="mallory@example.net", number=2))
    assert len(texts(request)) == 1 and SupportRequest.objects.count() == 2


def test_a_members_own_mail_is_theirs_and_a_new_request_by_mail_is_a_guests(sink: Sink, alice):
    request = make_request(alice)
    (sent,) = post(sink, alice.email)
    receive_mail(raw=answer_to(sent, "More", sender=alice.email, number=2))
    assert RequestMessage.objects.filter(request=request).latest("number").user == alice
    receive_mail(raw=write("Anybody can write From:", sender=alice.email, number=3))
    assert SupportRequest.objects.latest("pk").user is None


def test_a_mail_that_comes_twice_is_one_message(sink: Sink):
    raw = write()
    receive_mail(raw=raw)
    ReceivedMail.objects.all().delete()  # as after thirty days, or a crash between message and mark
    receive_mail(raw=raw)
    assert SupportRequest.objects.count() == 1 and len(post(sink)) == 1


def test_nobody_keeps_a_mail_out_by_using_its_number_first(sink: Sink):
    one, two = make_request(email="gil@example.org"), make_request(email="eve@example.org")
    (to_gil,) = post(sink)
    (to_eve,) = [mail for mail in sink.mails if "eve@example.org" in str(mail["To"])]
    receive_mail(raw=answer_to(to_eve, "First!", sender="eve@example.org", number=7))
    receive_mail(raw=answer_to(to_gil, "My true answer", number=7))
    assert texts(one)[-1] == "My true answer" and texts(two)[-1] == "First!"


def test_a_closed_request_is_opened_by_mail_within_thirty_days(sink: Sink, nik):
    request = make_request(email="gil@example.org")
    (sent,) = post(sink)
    make_answer(request, nik, status="solved")
    change_requests(requests=[request], agent=nik, changes=Changes(status="closed"))
    receive_mail(raw=answer_to(sent, "Not yet.", number=2))
    request.refresh_from_db()
    assert request.status == "open" and SupportRequest.objects.count() == 1


def test_later_it_is_a_new_request_that_names_the_old_one(sink: Sink, nik):
    request = make_request(email="gil@example.org")
    (sent,) = post(sink)
    change_requests(requests=[request], agent=nik, changes=Changes(status="closed"))
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=True):
        receive_mail(raw=answer_to(sent, "It is back.", number=2))
    new = SupportRequest.objects.latest("pk")
    assert new != request and texts(new) == [f"(This follows request {request.number}.)\n\nIt is back."]


def test_notices_of_absence_and_bounces_open_nothing(sink: Sink, nik):
    request = make_request(email="gil@example.org")
    make_answer(request, nik)
    sent = post(sink)[-1]
    for number, header in enumerate(("Auto_Submitted", "X_Autoreply"), 2):
        raw = answer_to(sent, "I am away.", number=number, **{header: "auto-replied"})
        assert receive_mail(raw=raw).outcome == Outcome.TAKEN
    request.refresh_from_db()
    assert request.status == "waiting" and len(texts(request)) == 2
    assert receive_mail(raw=write("Away", number=9, Auto_Submitted="auto-replied")).outcome == Outcome.DROPPED
    assert post(sink) == [] and SupportRequest.objects.count() == 1


def test_another_desk_answers_through_its_machine(sink: Sink, nik):
    request = make_request(email="desk@example.org")
    (sent,) = post(sink, "desk@example.org")
    receive_mail(
        raw=answer_to(sent, "From our desk", sender="desk@example.org", number=2, Auto_Submitted="auto-generated")
    )
    assert texts(request)[-1] == "From our desk" and post(sink, "desk@example.org") == []


def test_two_machines_without_marks_end_after_five_mails(sink: Sink):
    sent = 0
    for number in range(20):
        receive_mail(raw=write(f"Thank you for your mail, ticket {number}", number=number))
        sent += len(post(sink))
    assert sent == ACKNOWLEDGED_AN_HOUR


def test_agents_hear_of_new_requests_once_in_ten_minutes_and_of_what_is_theirs(sink: Sink, nik, ada):
    for _n in range(3):
        request = make_request()
    assert [mail["Subject"] for mail in post(sink, nik.email)] == ["[1001] A new request"]
    change_requests(requests=[request], agent=ada, changes=Changes(assignee=nik))
    (given,) = post(sink, nik.email)
    assert given["Subject"] == f"[{request.number}] Yours now"
    make_reply(request, "Secret words")
    (again,) = post(sink, nik.email)
    assert "Secret words" not in again.get_body(("plain",)).get_content() and again["Reply-To"] is None


def test_the_address_is_good_for_this_correspondence_only():
    address = address_of(make_request(email="gil@example.org"))
    assert address.purposes == {Purpose.SUPPORT}
    for kind in registry.mail_kinds.values():
        if kind.purpose is not Purpose.SUPPORT:
            with pytest.raises(PurposeError):
                write_mail(kind=kind, letter=Letter(address), message_id="<1@x>")


def test_a_site_that_gets_no_mail_says_nothing_of_answering_by_mail(sink: Sink, settings):
    settings.INBOUND_ADDRESS = ""
    make_request(email="gil@example.org")
    (sent,) = post(sink)
    assert sent["Reply-To"] is None and "=====>8" not in sent.get_body(("plain",)).get_content()
