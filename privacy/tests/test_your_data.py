"""The page of a person's own data: what stands there, for whom, and with how many questions to the database."""

import ast
import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import change_profile
from accounts.adapter import NOTICES
from accounts.changes import CHANGES
from accounts.models import Account
from accounts.scoping import scopes_disabled
from chat.models import Chat
from chat.testing import make_chat, say
from core.outbound import Disclosed, disclose
from core.personal_data import Purpose, registry
from privacy.models import Case
from privacy.persons import person_of_address, person_of_user
from privacy.queries.holdings import list_kinds, list_rows, say_whole
from privacy.testing import make_case
from support.testing import make_request
from tests.architecture.code import python_files, tree_of

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


def test_a_change_of_the_profile_is_said_in_words(alice, client_of):
    change_profile(user=alice, name="Alicia", surname=alice.surname, language="en", time_zone="Europe/Warsaw")
    page = client_of(alice).get("/privacy/kinds/accounts.ProfileChange/").content.decode()
    assert "<dd>First name</dd>" in page and "<dd>Time zone</dd>" in page and "time_zone" not in page


def test_every_code_of_a_change_has_words():
    written = {
        node.value
        for path in python_files()
        if path.parts[0] == "accounts"
        for call in ast.walk(tree_of(path))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("note_change")
        for given in call.keywords
        if given.arg == "what"
        for node in ast.walk(given.value)
        if isinstance(node, ast.Constant)
    }
    assert {"photo.changed", "photo.removed", "sessions.ended"} <= written
    assert written - set(CHANGES) == {"profile.changed"}  # of which each field has a line of its own
    assert {action for _event, action in NOTICES.values()} - set(CHANGES) == {"address.changed"}  # the same


def test_a_code_of_a_closed_list_is_said_in_words(acme):
    chat = make_chat(acme, email="dave@specimen.example")
    with scopes_disabled():
        Chat.objects.filter(pk=chat.pk).update(rating=Chat.Rating.GOOD)
    ((row,), _more) = list_rows(person_of_address("dave@specimen.example"), registry.find("chat.Chat"), 1)
    assert dict(row)["Rating"] == Chat.Rating.GOOD.label != Chat.Rating.GOOD


def test_every_kind_of_which_something_is_held_says_why(alice, client_of):
    key = client_of(alice).session.session_key
    UserSession.objects.create(user=alice, session_key=key, ip="2001:db8::1", user_agent="Firefox")
    kinds = {kind.entry.model: kind for kind in list_kinds(person_of_user(alice))}
    assert "sessions.Session" in kinds
    silent = [model for model, kind in kinds.items() for line in kind.lines if not str(line.why)]
    assert silent == []
    assert str(kinds["sessions.Session"].lines[0].why) == "Ties the cookie to your log-in."


def test_values_are_said_as_people_read_them():
    moment = datetime(2026, 11, 24, 5, 32, tzinfo=UTC)
    assert say_whole(moment) == "24 November 2026, 05:32 UTC" and say_whole(moment.date()) == "24 November 2026"
    assert say_whole({"is_on": True, "in_part": [1, "two"]}) == "is on: yes; in part: 1, two"


def test_since_when_is_no_day_to_come_and_what_is_late_says_so(eve, client_of):
    browser = client_of(eve)
    case = make_case(eve)
    page = browser.get("/privacy/").content.decode()
    assert "at the latest" in page
    Case.objects.filter(pk=case.pk).update(
        received_at=case.received_at - timedelta(days=40), due_at=case.due_at - timedelta(days=40)
    )
    page = browser.get("/privacy/").content.decode()
    assert "is late." in page and "at the latest" not in page
    for row in re.findall(r'<td data-label="From"[^>]*>([^<]*)</td>', page):
        if match := re.search(r", (\d+ \w{3} \d{4})$", row):
            assert datetime.strptime(match[1], "%d %b %Y").date() <= timezone.now().date(), row  # noqa: DTZ007


def test_how_long_a_chat_is_kept_is_what_its_company_set(acme, eve, client_of):
    make_chat(acme, email=eve.email)
    Account.objects.filter(pk=acme.pk).update(chat_keep_days=33)
    page = client_of(eve).get("/privacy/").content.decode()
    assert "33 days after the chat ended" in page and "unless it set" not in page
