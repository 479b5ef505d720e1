"""Complaints: number and acknowledgement, a clock of their own, the independent body, the case file (S5, S6)."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from core.errors import Refused
from notifications.actions import receive_mail
from notifications.tests.mails import mail as inbound
from outbox.actions import deliver_all
from policies.actions import record_dispute_body, record_entity, record_officer_contact
from privacy.actions.cases import answer_case, extend_case, pause_case
from privacy.actions.complaints import disagree, escalate_late
from privacy.models import Case
from privacy.tasks import watch_cases
from privacy.testing import make_case, make_guest_case

LINK = re.compile(r"http://[^/\s]+(/privacy/requests/\S+)")


@pytest.fixture
def letters():
    """Delivers what waits, and answers the mails since the last time."""

    def deliver(email):
        mail.outbox.clear()
        deliver_all()
        return [letter for letter in mail.outbox if email in letter.to[0]]

    return deliver


@pytest.fixture
def body(db):
    return record_dispute_body(name="Fair Data Panel", url="https://panel.example/", post="1 Middle Way, Dublin")


def make_complaint(user, text="You mailed my colleague about me."):
    return make_case(user, kind=Case.Kind.COMPLAINT, text=text)


def let_pass(case):
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(hours=1))
    case.refresh_from_db()
    return case


def open_file(answer):
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_complaint_on_the_page_gets_a_number_an_acknowledgement_and_14_days(alice, client_of, letters):
    browser = client_of(alice)
    asked = {"kind": "complaint", "text": "You mailed my colleague about me."}
    page = browser.post("/privacy/requests/new/", asked, follow=True).content.decode()
    assert "D-0001" in page and "<strong>14</strong>" in page
    (letter,) = letters(alice.email)
    assert "[D-0001]" in letter.subject and "14 days" in letter.body
    assert "?kind=complaint" in browser.get("/support/").content.decode()


def test_a_complaint_by_mail_gets_number_and_day_in_the_first_letter(texts, letters):
    receive_mail(raw=inbound("I want to complain about how you use my data.\n"))
    case = Case.objects.get()
    (letter,) = letters("ada@example.org")
    assert case.kind == Case.Kind.COMPLAINT and case.label in letter.body and "We have a complaint" in letter.body
    assert (case.due_at - case.received_at).days == 14


def test_a_complaint_left_open_goes_to_the_independent_body_once(alice, body, letters, client_of):
    case = let_pass(make_complaint(alice))
    letters(alice.email)
    assert watch_cases() >= 1
    assert escalate_late() == 0
    (letter,) = letters(alice.email)
    assert (
        "Fair Data Panel" in letter.body and "https://panel.example/" in letter.body and "1 Middle Way" in letter.body
    )
    page = client_of(alice).get("/privacy/requests/").content.decode()
    assert "You can go to the independent body now" in page and "Fair Data Panel" in page
    assert list(case.events.values_list("what", flat=True)).count("escalated") == 1
    assert Case.objects.get().state == Case.State.OPEN  # it must still be answered


def test_neither_other_requests_nor_complaints_in_time_go_on(alice, body):
    let_pass(make_case(alice))
    make_complaint(alice)
    assert escalate_late() == 0


def test_who_disagrees_with_an_answer_gets_the_address_of_the_body(alice, pia, body, client_of, letters):
    case = make_complaint(alice)
    browser = client_of(alice)
    assert browser.post(f"/privacy/requests/{case.public_id}/disagree/").status_code == 409  # no answer yet
    answer_case(case=case, by=pia, answer="We did not.")
    letters(alice.email)
    for _twice in range(2):
        page = browser.post(f"/privacy/requests/{case.public_id}/disagree/", follow=True).content.decode()
    assert "Fair Data Panel" in page and "I do not agree" not in page
    (letter,) = letters(alice.email)
    assert "You do not agree with our answer" in letter.body and "Fair Data Panel" in letter.body


def test_without_a_body_on_record_the_letter_names_the_authority(alice, letters):
    let_pass(make_complaint(alice))
    letters(alice.email)
    escalate_late()
    (letter,) = letters(alice.email)
    assert "data protection authority" in letter.body


def test_the_case_file_has_dates_words_and_letters_and_no_key(client, texts, body, pia, letters):
    case = make_guest_case(kind=Case.Kind.COMPLAINT, text="You <b>sold</b> my address.")
    (received,) = letters(case.email)  # the link that proves the address was dropped: it is proved
    own = LINK.search(received.body).group(1)
    answer_case(case=case, by=pia, answer="We never sell.")
    letters(case.email)
    client.post(f"{own}disagree/")
    letters(case.email)
    files = open_file(client.get(f"{own}file/"))
    assert "You &lt;b&gt;sold&lt;/b&gt; my address." in files["case.html"] and "We never sell." in files["case.html"]
    assert "Fair Data Panel" in files["case.html"] and len([name for name in files if "letters/" in name]) == 3
    facts = json.loads(files["case.json"])
    assert facts["number"] == case.label and "We never sell." in facts["letters"][1]["text"]
    assert own not in "".join(files.values())


def test_nobody_else_gets_the_file_and_other_requests_have_none(alice, eve, client_of):
    complaint, other = make_complaint(alice), make_case(alice)
    assert client_of(eve).get(f"/privacy/requests/{complaint.public_id}/file/").status_code == 404
    assert client_of(alice).get(f"/privacy/requests/{other.public_id}/file/").status_code == 404
    assert "case.html" in open_file(client_of(alice).get(f"/privacy/requests/{complaint.public_id}/file/"))


def test_the_clock_of_a_complaint_cannot_be_moved(alice, pia, client_of):
    case = make_complaint(alice)
    with pytest.raises(Refused):
        pause_case(case=case, by=pia, reason="Busy")
    with pytest.raises(Refused):
        extend_case(case=case, by=pia, days=10, reason="Busy")
    page = client_of(pia).get(f"/privacy/queue/{case.number}/").content.decode()
    assert "Extend once" not in page and "due " in page


def test_a_complaint_of_an_accounts_visitor_is_not_ours_to_pass_on(acme, body):
    case = let_pass(make_guest_case(kind=Case.Kind.COMPLAINT, account=acme))
    assert escalate_late() == 0
    with pytest.raises(Refused):
        disagree(case=case)


def test_one_button_objects_to_a_takeover(alice, client_of, texts):
    record_entity(name="First Ltd", office="1 Old Street")
    browser = client_of(alice)
    assert browser.post("/privacy/requests/object/").status_code == 404  # nobody takes over
    record_entity(name="Second Ltd", office="2 New Street")
    page = browser.get("/policy/").content.decode()
    assert 'action="/privacy/requests/object/"' in page and "close your account" in page
    page = browser.post("/privacy/requests/object/", follow=True).content.decode()
    case = Case.objects.get()
    assert case.kind == Case.Kind.OBJECTION and "Second Ltd" in case.text and case.label in page


def test_letters_name_the_privacy_officer_with_the_postal_address(alice, pia, letters):
    record_officer_contact(user=pia, email="privacy@livechat.example", post="Bell Street 9, Stuttgart")
    answer_case(case=make_complaint(alice), by=pia, answer="We did not.")
    sent = letters(alice.email)
    assert len(sent) == 2  # that we have it, and the answer
    for letter in sent:
        assert "privacy@livechat.example" in letter.body and "Bell Street 9, Stuttgart" in letter.body
