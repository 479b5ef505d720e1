"""Pages of cases: a member's, a guest's with the mailed link, the officers' and the account's queue."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from outbox.actions import deliver_all
from outbox.models import Delivery
from privacy.models import Case
from privacy.testing import make_case, make_guest_case

LINK = re.compile(r"http://[^/\s]+(/privacy/requests/\S+)")
NEXT_YEAR = (date.today() + timedelta(days=365)).isoformat()  # noqa: DTZ011  a day, no moment


def link_in(letter) -> str:
    return LINK.search(letter.body).group(1)


def only_to(email: str, letters) -> list:
    return [letter for letter in letters if email in letter.to[0]]


@pytest.fixture
def letters(settings):
    """Delivers what waits, and answers the mails since the last time."""

    def deliver():
        mail.outbox.clear()
        deliver_all()
        return list(mail.outbox)

    return deliver


def test_a_member_asks_sees_the_clock_and_withdraws(alice, client_of, letters, commits):
    browser = client_of(alice)
    with commits():
        answer = browser.post("/privacy/requests/new/", {"kind": "erasure", "text": "My old website"}, follow=True)
    page = answer.content.decode()
    assert "D-0001" in page and "<strong>30</strong>" in page and "My old website" in page
    assert "Identity checked: you were logged in" in page
    (letter,) = only_to(alice.email, letters())
    assert "[D-0001]" in letter.subject and "My old website" not in letter.body
    case = Case.objects.get()
    page = browser.post(f"/privacy/requests/{case.public_id}/withdraw/", follow=True).content.decode()
    assert "Withdrawn" in page and "<strong>30</strong>" not in page
    case.refresh_from_db()
    assert case.state == Case.State.WITHDRAWN


def test_nobody_sees_or_withdraws_the_case_of_another(alice, eve, client_of):
    case = make_case(alice, text="A secret of Alice")
    browser = client_of(eve)
    assert "A secret" not in browser.get("/privacy/requests/").content.decode()
    assert browser.post(f"/privacy/requests/{case.public_id}/withdraw/").status_code == 404
    assert browser.get(f"/privacy/queue/{case.number}/").status_code == 404


def test_a_guest_proves_the_address_by_the_mailed_link_once(client, texts, letters):
    asked = {"kind": "access", "email": "Guest@Specimen.example", "text": "What do you know of me?"}
    assert "guest" in client.post("/privacy/requests/new/", asked).content.decode().lower()
    (letter,) = letters()
    assert "guest@specimen.example" in letter.to[0] and "What do you know" not in letter.body
    link = link_in(letter)
    assert "Yes, it is mine" in client.get(link).content.decode()
    assert Case.objects.get().state == Case.State.IDENTITY_PENDING  # looking is no proof: mail scanners follow links
    page = client.post(link, {"do": "confirm"}, follow=True)
    assert "What do you know of me?" in page.content.decode() and page["Referrer-Policy"] == "strict-origin"
    assert Case.objects.get().state == Case.State.OPEN
    assert client.get(link).status_code == 404 and client.post(link).status_code == 404
    own = link_in(only_to("guest@specimen.example", letters())[0])
    assert "days left" in client.get(own).content.decode()
    assert client.get(own[:-2] + ("0/" if own[-2] != "0" else "1/")).status_code == 404
    client.post(f"{own}withdraw/")
    assert Case.objects.get().state == Case.State.WITHDRAWN


def test_a_link_of_more_than_48_hours_proves_nothing_and_a_new_one_can_be_had(client, texts, letters, monkeypatch):
    make_guest_case(is_proved=False)
    link = link_in(letters()[0])
    monkeypatch.setattr("privacy.case_links.CONFIRM_HOURS", 0)
    Delivery.objects.all().delete()  # days later nothing of it is there
    assert "Send a new link" in client.get(link).content.decode()
    client.post(link, {"do": "confirm"})
    assert Case.objects.get().state == Case.State.IDENTITY_PENDING
    assert len(letters()) == 1


def test_a_guest_says_that_it_was_somebody_else(client, texts, letters):
    make_guest_case(is_proved=False)
    client.post(link_in(letters()[0]), {"do": "not_me"})
    assert Case.objects.get().state == Case.State.WITHDRAWN


def test_an_officer_answers_and_the_person_reads_it(alice, pia, client_of, letters):
    case = make_case(alice)
    officer = client_of(pia)
    assert "D-0001" in officer.get("/privacy/queue/").content.decode()
    page = officer.get("/privacy/queue/1/").content.decode()
    assert case.text in page and alice.email in page
    letters()
    officer.post("/privacy/queue/1/", {"do": "answer", "answer": "Your name is <corrected> now."})
    (letter,) = only_to(alice.email, letters())
    assert "Your name is <corrected> now." in letter.body
    page = client_of(alice).get("/privacy/requests/").content.decode()
    assert "Your name is &lt;corrected&gt; now." in page and "Done" in page
    assert "D-0001" in officer.get("/privacy/queue/?show=ended").content.decode()


def test_a_refusal_without_reason_is_sent_back_and_with_it_the_letter_names_the_complaint(
    alice, pia, client_of, letters
):
    make_case(alice)
    officer = client_of(pia)
    letters()
    answer = officer.post("/privacy/queue/1/", {"do": "refuse", "answer": "Four invoices stay."})
    assert answer.status_code == 400 and "Four invoices stay." in answer.content.decode()
    given = {"do": "refuse", "answer": "Four invoices stay.", "reason_code": "law", "review_on": NEXT_YEAR}
    assert officer.post("/privacy/queue/1/", given).status_code == 302
    (letter,) = letters()
    for words in ("Four invoices stay.", "A law makes us keep it", "data protection authority", "look at it again"):
        assert words in letter.body
    figures = client_of(alice).get("/privacy/requests/").content.decode()
    assert re.search(r"Refused, each with its reason</dt><dd>1<", figures)


def test_an_officer_pauses_and_extends_and_the_person_is_told_why(alice, pia, client_of, letters):
    make_case(alice)
    officer = client_of(pia)
    letters()
    officer.post("/privacy/queue/1/", {"do": "extend", "days": "20", "reason": "Many old chats."})
    officer.post("/privacy/queue/1/", {"do": "pause", "reason": "Which website?"})
    bodies = [one.body for one in only_to(alice.email, letters())]
    assert any("Many old chats." in body for body in bodies) and any("Which website?" in body for body in bodies)
    page = client_of(alice).get("/privacy/requests/").content.decode()
    assert "Paused" in page and "Which website?" in page
    officer.post("/privacy/queue/1/", {"do": "resume"})
    assert Case.objects.get().paused_at is None


def test_an_overdue_case_is_marked_in_the_queue(alice, pia, client_of):
    case = make_case(alice)
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(days=3))
    page = client_of(pia).get("/privacy/queue/").content.decode()
    assert "badge-danger" in page and "2 days late" in page or "3 days late" in page


def test_the_account_sees_the_cases_of_its_own_visitors_only(acme, alice, carol, pia, client_of):
    make_guest_case(account=acme, text="A visitor of Acme")
    owner = client_of(alice)
    assert "D-0001" in owner.get("/app/settings/cases/").content.decode()
    assert "A visitor of Acme" in owner.get("/app/settings/cases/1/").content.decode()
    assert client_of(carol).get("/app/settings/cases/1/").status_code == 404
    assert client_of(pia).get("/privacy/queue/1/").status_code == 404
    assert owner.get("/privacy/queue/1/").status_code == 404


def test_pages_take_the_same_number_of_queries_for_more_cases(alice, pia, client_of):
    for kind in (Case.Kind.ACCESS, Case.Kind.ERASURE):
        make_case(alice, kind=kind)
    own, officer = client_of(alice), client_of(pia)

    def count(browser, path):
        browser.get(path)
        with CaptureQueriesContext(connection) as caught:
            browser.get(path)
        return len(caught)

    before = count(own, "/privacy/requests/"), count(officer, "/privacy/queue/")
    for kind in (Case.Kind.CORRECTION, Case.Kind.OBJECTION):
        make_case(alice, kind=kind)
    assert (count(own, "/privacy/requests/"), count(officer, "/privacy/queue/")) == before
