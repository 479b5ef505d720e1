"""A note of an agent stays inside; a request ends; a member who leaves takes what they asked with them."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core.outbound import registry as outbound
from core.personal_data import Subject, SubjectRef
from core.personal_data import registry as declared
from outbox.actions import enqueue
from outbox.models import Delivery
from support.actions.requests import forget_request
from support.links import link_of
from support.models import RequestFile, RequestMessage, SupportRequest
from support.personal_data import old_requests
from support.testing import make_answer, make_note, make_reply, make_request, text_file

pytestmark = pytest.mark.django_db
NOTE = "They shouted at Nik on the phone"


def letters(kind: str, **payload):
    """What the loader of a kind makes of a row."""
    enqueue(kind=kind, key=f"test:{payload}", recipient="request:0", payload=payload)
    rows = list(Delivery.objects.filter(key=f"test:{payload}"))
    return outbound.mail_kinds[kind].load(rows)


@pytest.mark.promise("request_notes_inside")
def test_a_note_is_in_no_mail_on_no_page_and_in_no_answer_of_the_api(client_of, alice, nik):
    request = make_request(alice)
    note = make_note(request, nik, NOTE)
    make_answer(request, nik, "Here is how")
    browser = client_of(alice)
    for path in (f"/support/requests/{request.number}/", f"/api/v1/support/requests/{request.number}/"):
        page = browser.get(path).content.decode()
        assert "Here is how" in page and NOTE not in page
    assert letters("support_answer", message=note.pk) == {}
    assert not [row for row in Delivery.objects.all() if NOTE in str(row.payload)]


@pytest.mark.promise("request_notes_inside")
def test_a_file_of_a_note_is_not_there_for_the_requester(client_of, alice, nik):
    from support.actions.desk import add_note
    from support.actions.requests import Written

    request = make_request(alice)
    add_note(request=request, agent=nik, written=Written(NOTE), uploads=[text_file()])
    path = f"/support/files/{RequestFile.objects.get().public_id}/"
    assert client_of(alice).get(path).status_code == 404
    guest = make_request()
    add_note(request=guest, agent=nik, written=Written(NOTE), uploads=[text_file()])
    stranger = Client()
    stranger.get("/" + link_of(guest).split("/", 3)[3])
    assert stranger.get(f"/support/files/{RequestFile.objects.latest('pk').public_id}/").status_code == 404


def test_a_request_ends_three_years_after_it_was_closed(nik):
    request = make_request()
    make_answer(request, nik, status="solved")
    now = timezone.now()
    SupportRequest.objects.filter(pk=request.pk).update(status="closed", closed_at=now)
    kept = timedelta(days=SupportRequest.KEEP_DAYS)
    assert not old_requests(now + kept - timedelta(days=1)).exists()
    assert old_requests(now + kept + timedelta(days=1)).exists()


def test_the_files_go_with_the_request(commits):
    request = make_request(uploads=[text_file()])
    path = Path(settings.FILES_ROOT) / RequestFile.objects.get().path
    assert path.is_file()
    with commits():
        forget_request(request=request)
    assert not path.exists() and not RequestMessage.objects.exists()


def test_a_members_export_holds_what_was_asked_and_answered_and_no_note(eve, nik):
    request = make_request(eve, text="Needle question")
    make_answer(request, nik, "Needle answer")
    make_note(request, nik, NOTE)
    make_request(text="Somebody else's")
    rows = declared.find("support.RequestMessage").rows_of(SubjectRef(Subject.USER, eve.pk))
    assert [row.text for row in rows.order_by("pk")] == ["Needle question", "Needle answer"]


def test_the_sweep_of_the_files_leaves_those_of_requests():
    from chat.files import store

    make_request(uploads=[text_file()])
    path = RequestFile.objects.get().path
    assert path not in list(store.list_strays(-10))


def test_a_mail_says_number_and_link_and_nothing_else_of_the_secret():
    request = make_request()
    letter = next(iter(letters("support_received", request=request.pk).values()))
    assert letter.context["number"] == request.number
    assert letter.context["url"].endswith("/") and "/support/requests/open/" in letter.context["url"]
    assert "open/" not in link_of(make_request_of_member())


def make_request_of_member():
    from accounts.testing import make_user

    return make_request(make_user())


def test_every_mail_is_written(nik):
    from core.mail import write_mail

    request = make_request(name="", text="<b>&</b> \u202e", subject="<b>Hello</b> & you")
    answer = make_answer(request, nik, "Line one\nLine two <script>", status="solved", uploads=[text_file()])
    reply = make_reply(request)
    request.refresh_from_db()
    payloads = {
        "support_received": {"request": request.pk}, "support_answer": {"message": answer.pk},
        "support_solved": {"request": request.pk, "since": request.since.isoformat()},
        "support_links": {"request": request.pk}, "support_due": {"request": request.pk},
        "support_late": {"request": request.pk}, "support_followup": {"message": reply.pk},
    }  # fmt: skip
    for kind, payload in payloads.items():
        row = Delivery(pk=1, kind=kind, recipient=f"user:{nik.pk}", payload=payload)
        letter = outbound.mail_kinds[kind].load([row])[1]
        mail = write_mail(kind=outbound.mail_kinds[kind], letter=letter, message_id="<x@y.example>")
        html = mail.alternatives[0][0]
        assert str(request.number) in mail.subject or kind == "support_links"
        assert "<script>" not in html and "<b>Hello" not in html
