"""Whom a log-in, an address or a chat leads to, and that an unproved address leads nowhere."""

import pytest
from allauth.account.models import EmailAddress

from accounts.scoping import scopes_disabled
from chat.testing import make_chat, make_visitor
from core.personal_data import Subject, SubjectRef, registry
from operators.testing import make_invitation
from privacy.persons import person_of_address, person_of_user, person_of_visitor, rows_of
from support.testing import make_request

pytestmark = pytest.mark.django_db


def test_a_confirmed_address_leads_to_chats_requests_and_invitations(acme, eve, alice_member):
    visitor = make_visitor(acme, name="Eve", email=eve.email)
    asked = make_request(email=eve.email.upper())
    invited = make_invitation(alice_member, email=eve.email)
    make_visitor(acme, name="Somebody", email="somebody@specimen.example")
    rows = {SubjectRef(Subject.VISITOR, visitor.pk), SubjectRef(Subject.GUEST, asked.pk),
            SubjectRef(Subject.INVITED, invited.pk)}  # fmt: skip
    assert set(person_of_user(eve).refs) == {SubjectRef(Subject.USER, eve.pk), *rows}

    EmailAddress.objects.filter(user=eve).update(verified=False)
    assert person_of_user(eve).refs == (SubjectRef(Subject.USER, eve.pk),)
    assert set(person_of_address(eve.email).refs) == rows
    assert person_of_address("unknown@specimen.example").refs == ()


def test_rows_of_many_chats_come_with_one_question(acme, eve, django_assert_num_queries):
    chats = [make_chat(acme, text=f"Words {n}", email=eve.email) for n in range(3)]
    make_chat(acme, text="Not mine")
    person = person_of_address(eve.email)
    with scopes_disabled(), django_assert_num_queries(1):
        (messages,) = rows_of(registry.find("chat.Message"), person)
        found = {row["text"] for row in messages.values("text") if row["text"]}
    assert found == {"Words 0", "Words 1", "Words 2"}
    with scopes_disabled():
        (own,) = rows_of(registry.find("chat.Chat"), person_of_visitor(chats[0].visitor_id))
        assert list(own) == [chats[0]]
