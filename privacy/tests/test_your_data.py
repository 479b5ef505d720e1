"""The page of a person's own data: what stands there, for whom, and with how many questions to the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.scoping import scopes_disabled
from chat.testing import make_chat, say
from core.outbound import Disclosed, disclose
from core.personal_data import Purpose
from privacy.persons import person_of_address, person_of_user
from privacy.queries.holdings import list_kinds
from support.testing import make_request

pytestmark = pytest.mark.django_db


def test_a_person_reads_what_is_held_and_who_received_it(alice, eve, client_of):
    make_request(eve, subject="Needle in the request")
    make_request(alice, subject="Of somebody else")
    disclose([Disclosed("mail", ("contact",), f"user:{eve.pk}", Purpose.SUPPORT, "mail")] * 2)
    browser = client_of(eve)
    page = browser.get("/privacy/").content.decode()
    assert eve.email in page and "For logging in and service notices." in page and "until you leave" in page
    assert "2 times since" in page and "Not collected" in page
    assert alice.email not in page and "Of somebody else" not in page and eve.password not in page

    rows = browser.get("/privacy/kinds/support.SupportRequest/").content.decode()
    assert "Needle in the request" in rows and "Of somebody else" not in rows
    assert browser.get("/privacy/kinds/chat.Chat/").status_code == 404  # nothing of this kind is held
    assert browser.get("/privacy/kinds/accounts.Nothing/").status_code == 404


def test_a_confirmed_address_brings_the_chats(acme, eve, client_of):
    make_chat(acme, text="Where is my bicycle?", email=eve.email)
    browser = client_of(eve)
    assert "A chat" in browser.get("/privacy/").content.decode()
    assert "Where is my bicycle?" in browser.get("/privacy/kinds/chat.Message/").content.decode()


def test_the_number_of_questions_does_not_grow_with_the_rows(acme):
    chat = make_chat(acme, email="dave@specimen.example")
    person = person_of_address("dave@specimen.example")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            list_kinds(person)
        return len(asked)

    before = count()
    with scopes_disabled():
        for number in range(15):
            say(chat, f"Line {number}")
    assert count() == before
    kinds = {kind.entry.model: kind.count for kind in list_kinds(person)}
    assert kinds["chat.Message"] > 15 and kinds["chat.Visitor"] == 1


def test_no_page_without_a_log_in(client, eve):
    assert client.get("/privacy/kinds/accounts.User/").status_code == 302
    assert person_of_user(eve).email == eve.email
