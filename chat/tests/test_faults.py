"""Repeats after the end, broken addresses, broken calls: nobody loses anything by them."""

import threading
import uuid
from typing import Any

import pytest
import time_machine
from django.db import DataError, IntegrityError, OperationalError, connection, connections

from accounts.scoping import account_scope, scopes_disabled
from audit.models import Entry, SubjectKey
from chat.actions.chats import close_chat
from chat.actions.messages import NewMessage
from chat.actions.visitors import delete_visitor
from chat.actions.widgets import origin_of
from chat.models import Chat, Message, Visitor
from chat.queries import list_lines
from chat.realtime.protocol import clean_address
from chat.realtime.writer import Call, Writer
from chat.testing import make_chat, make_operator, make_visitor, make_widget, say
from core.errors import Refused
from core.tickets import issue_ticket, redeem_ticket


def test_a_repeat_after_the_end_is_answered_with_what_was_stored(acme: Any, alice_member: Any) -> None:
    alice = make_operator(alice_member)
    chat = make_chat(acme, operator=alice)
    mine, hers = uuid.uuid4(), uuid.uuid4()
    first = [say(chat, "Thank you", client_id=mine), say(chat, "Gladly", operator=alice, client_id=hers)]
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by="visitor")
    again = [say(chat, "Thank you", client_id=mine), say(chat, "Gladly", operator=alice, client_id=hers)]
    assert [(posted.seq, posted.is_new) for posted in again] == [(posted.seq, False) for posted in first]
    with pytest.raises(Refused, match="closed"):
        say(chat, "One more thing")


def test_the_tickets_bearer_cannot_read_the_session_in_it() -> None:
    ticket = issue_ticket("console", membership=1, session="the-key-of-a-session")
    assert "the-key" not in ticket and "dGhlLWtleS" not in ticket
    assert redeem_ticket("widget", ticket) is None
    claims = redeem_ticket("console", ticket)
    assert claims is not None and claims["session"] == "the-key-of-a-session"
    assert redeem_ticket("console", ticket) is None
    assert redeem_ticket("console", "\ud800 no ticket") is None


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://acme-bikes.example/cargo/?a=1#b", "https://acme-bikes.example/cargo/?a=1#b"),
        ("javascript:alert(1)", ""),
        (" java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("http://[", ""),
        ("https://", ""),
        ("", ""),
    ],
)
def test_only_addresses_of_pages_are_kept(told: str, kept: str) -> None:
    assert clean_address(told) == kept


def test_no_address_that_a_visitor_sends_breaks_an_operators_page(
    client: Any, client_of: Any, acme: Any, alice: Any, alice_member: Any
) -> None:
    make_operator(alice_member)
    page = {"url": "javascript:alert(1)", "title": "A", "referrer": "http://["}
    body = {"key": make_widget(acme).key, "page": page}
    answer = client.post("/widget/open/", body, content_type="application/json")
    assert answer.status_code == 200
    with scopes_disabled():
        visitor = Visitor.objects.select_related("account").get(public_id=answer.json()["visitor"])
    chat = make_chat(acme, visitor=visitor)
    shown = client_of(alice).get(f"/app/chats/{chat.public_id}/")
    assert shown.status_code == 200
    assert b"javascript:" not in shown.content


@pytest.mark.parametrize("text", ["http://[", "https://shop.example:port", "https://shop.example:99999"])
def test_an_origin_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="bad_origin"):
        origin_of(text)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("problem", [LookupError, DataError, IntegrityError])
def test_a_broken_call_leaves_the_rest_of_its_batch_alone(acme: Any, problem: type[Exception]) -> None:
    chat = make_chat(acme)
    settled: list[Any] = []
    over = threading.Event()

    def settle(results: list[Any]) -> None:
        settled.extend(results)
        over.set()

    def fail() -> None:
        raise problem

    writer = Writer(settle)
    message = NewMessage(acme.pk, chat.pk, uuid.uuid4(), "Here", visitor_pk=chat.visitor_id)
    writer.submit(message, print)
    writer.submit(Call(fail), print)
    runs: list[int] = []
    real = writer._write_together
    writer._write_together = lambda batch: (runs.append(len(batch)), real(batch))[1]  # type: ignore[method-assign]
    writer.start()
    assert over.wait(10)
    writer.stop()
    assert runs == ([1, 1] if connection.features.has_select_for_update else [2])
    assert [type(error) for _, _, error in settled] == [type(None), problem]
    with scopes_disabled():
        assert Message.objects.filter(text="Here").count() == 1


def test_deleting_twice_counts_once(acme: Any, alice_member: Any) -> None:
    alice = make_operator(alice_member)
    make_chat(acme, operator=alice)
    dave = make_visitor(acme)
    make_chat(acme, visitor=dave, operator=alice)
    with account_scope(acme):
        again = Visitor.objects.get(pk=dave.pk)
        assert (delete_visitor(visitor=dave), delete_visitor(visitor=again)) == (1, 0)
        alice.refresh_from_db()
        assert alice.open_chats == Chat.objects.filter(operator=alice, closed_at=None).count() == 1
    assert Entry.objects.filter(action="visitor.deleted").count() == 1
    assert not SubjectKey.objects.filter(subject__startswith="visitor:").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fails", ["together", "together and alone"])
def test_a_commit_that_fails_acknowledges_nothing_and_lets_nothing_overtake(
    acme: Any, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    first, other = make_chat(acme), make_chat(acme)
    settled: list[Any] = []
    over = threading.Event()

    def settle(results: list[Any]) -> None:
        settled.extend(results)
        over.set()

    writer = Writer(settle)
    for chat, text in ((first, "one"), (first, "two"), (other, "elsewhere")):
        writer.submit(NewMessage(acme.pk, chat.pk, uuid.uuid4(), text, visitor_pk=chat.visitor_id), print)
    kind: Any = type(connections["default"])
    real, commits = kind.commit, []

    def commit(self: Any) -> None:
        commits.append(self)
        if len(commits) <= (1 if fails == "together" else 2):
            raise OperationalError("the server ended the connection")
        real(self)

    monkeypatch.setattr(kind, "commit", commit)
    writer.start()
    assert over.wait(10)
    writer.stop()
    with scopes_disabled():
        stored = set(Message.objects.filter(text__in=["one", "two", "elsewhere"]).values_list("text", flat=True))
    told = [None if result is None else result.seq for _, result, _ in settled]
    if fails == "together":
        assert (stored, told) == ({"one", "two", "elsewhere"}, [2, 3, 2])
    else:
        assert (stored, told) == ({"elsewhere"}, [None, None, 2])
        assert [getattr(error, "code", None) for _, _, error in settled] == ["busy", "busy", None]


def test_with_the_clock_back_an_hour_lines_keep_their_order_and_tickets_stay_dead(acme: Any, alice_member: Any) -> None:
    alice = make_operator(alice_member)
    with time_machine.travel("2026-11-23T12:00:00Z") as clock:
        chat = make_chat(acme, operator=alice)
        used, fresh = (issue_ticket("console", membership=alice_member.pk, session="s") for _ in range(2))
        assert redeem_ticket("console", used) is not None
        say(chat, "before the jump")
        clock.move_to("2026-11-23T11:00:00Z")
        say(chat, "after the jump", operator=alice)
        say(chat, "and on")
        with account_scope(acme):
            lines = [line for line in list_lines(chat.pk, 0) if line.author != "system"]
        assert [line.text for line in lines] == ["Hello", "before the jump", "after the jump", "and on"]
        assert lines[2].created_at < lines[1].created_at
        assert redeem_ticket("console", used) is None  # it does not live again
        assert redeem_ticket("console", fresh) is None  # and one from the future is not believed
