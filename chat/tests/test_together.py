"""A chat between operators: transfer, take over, open again, notes, edits, drafts."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.scoping import account_scope, scopes_disabled
from chat.actions import chats, drafts, edits, notes, together
from chat.models import Chat, Draft, Message, MessageVersion, Note
from chat.queries import list_lines, list_mentions_of, list_notes
from chat.testing import make_chat, make_operator, make_visitor, say
from core.errors import Refused
from operators.actions import set_chat_limit, set_status
from operators.models import Group, GroupMember, Operator


@pytest.fixture(autouse=True)
def _in_acme(acme: Any) -> Iterator[None]:
    with account_scope(acme):
        yield


@pytest.fixture
def alice_op(alice_member: Any) -> Operator:
    return make_operator(alice_member)


@pytest.fixture
def bob_op(bob_member: Any) -> Operator:
    return make_operator(bob_member)


def open_chats(*operators: Operator) -> list[int]:
    return [Operator.objects.get(pk=operator.pk).open_chats for operator in operators]


def events(chat: Chat) -> list[tuple[str, str]]:
    lines = Message.objects.filter(chat=chat).exclude(event="").select_related("operator").order_by("seq")
    return [(line.event, line.operator.display_name if line.operator else "") for line in lines]


def refused(code: str, call: Any, **given: Any) -> None:
    with pytest.raises(Refused) as problem:
        call(**given)
    assert problem.value.code == code


# ---- transfer ----
def test_a_transfer_gives_the_chat_the_note_and_the_counters(acme: Any, alice_op: Operator, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=bob_op)
    together.transfer_chat(chat_pk=chat.pk, by=bob_op, to_pk=alice_op.pk, note="She wants the green one")
    chat.refresh_from_db()
    assert (chat.operator_id, chat.state) == (alice_op.pk, "open")
    assert open_chats(alice_op, bob_op) == [1, 0]
    assert events(chat)[-1] == ("joined", "Alice Example")
    note = Note.objects.get()
    assert (note.text, note.operator_id, note.mentions) == ("She wants the green one", bob_op.pk, [alice_op.pk])
    refused("not_allowed", together.transfer_chat, chat_pk=chat.pk, by=bob_op, to_pk=bob_op.pk)  # not his any more


def test_the_limit_of_who_receives_is_kept_unless_a_leader_says_anyway(
    acme: Any, alice_op: Operator, bob_op: Operator
) -> None:
    chat, own = make_chat(acme, operator=alice_op), make_chat(acme, operator=bob_op)
    set_chat_limit(operator=bob_op, limit=1, actor="test")
    give = {"chat_pk": chat.pk, "by": alice_op, "to_pk": bob_op.pk, "note": "Yours"}
    refused("limit", together.transfer_chat, **give)
    refused("limit", together.transfer_chat, **give, anyway=True)  # she may only as the owner that she is
    assert not Note.objects.exists()
    together.transfer_chat(**give, anyway=True, supervises=True)
    assert open_chats(alice_op, bob_op) == [0, 2]
    assert own.operator_id == bob_op.pk


def test_who_does_not_accept_gets_a_chat_only_after_a_question(acme: Any, alice_op: Operator, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=alice_op)
    set_status(operator=bob_op, status="away")
    refused("away", together.transfer_chat, chat_pk=chat.pk, by=alice_op, to_pk=bob_op.pk)
    refused("same", together.transfer_chat, chat_pk=chat.pk, by=alice_op, to_pk=alice_op.pk)
    refused("not_found", together.transfer_chat, chat_pk=chat.pk, by=alice_op, to_pk=10**9)
    together.transfer_chat(chat_pk=chat.pk, by=alice_op, to_pk=bob_op.pk, anyway=True)
    assert Chat.objects.get().operator_id == bob_op.pk


def test_a_transfer_to_a_group_waits_there_at_its_old_place(acme: Any, alice_op: Operator, bob_op: Operator) -> None:
    chat, later = make_chat(acme, operator=alice_op), make_chat(acme)
    workshop = Group.objects.create(account=acme, name="Workshop")
    give = {"chat_pk": chat.pk, "by": alice_op, "group_pk": workshop.pk, "note": "For the workshop"}
    refused("nobody", together.transfer_chat, **give)
    GroupMember.objects.create(account=acme, group=workshop, operator=bob_op)
    together.transfer_chat(**give)
    chat.refresh_from_db()
    assert (chat.state, chat.operator_id, chat.group_id, chat.accepted_at) == ("waiting", None, workshop.pk, None)
    assert chat.started_at < later.started_at
    assert open_chats(alice_op) == [0]
    give |= {"chat_pk": make_chat(acme, operator=alice_op).pk, "group_pk": 0}
    refused("not_found", together.transfer_chat, **give)


@pytest.mark.parametrize("call", ["transfer", "take_over"])
def test_a_chat_that_ended_or_waits_cannot_be_handed_over(
    call: str, acme: Any, alice_op: Operator, bob_op: Operator
) -> None:
    def hand(chat: Chat) -> None:
        if call == "transfer":
            together.transfer_chat(chat_pk=chat.pk, by=alice_op, to_pk=bob_op.pk, supervises=True)
        else:
            together.take_over(chat_pk=chat.pk, operator=alice_op)

    refused("waiting", hand, chat=make_chat(acme))
    chat = make_chat(acme, operator=bob_op)
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=bob_op)
    refused("closed", hand, chat=chat)
    assert open_chats(alice_op, bob_op) == [0, 0]


# ---- take over ----
def test_who_takes_over_has_the_chat_once_however_often_asked(acme: Any, alice_op: Operator, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=bob_op)
    for _ in range(2):
        together.take_over(chat_pk=chat.pk, operator=alice_op)
    assert open_chats(alice_op, bob_op) == [1, 0]
    assert [event for event, _ in events(chat)] == ["joined", "joined"]
    set_chat_limit(operator=alice_op, limit=1, actor="test")
    other = make_chat(acme, operator=bob_op)
    refused("limit", together.take_over, chat_pk=other.pk, operator=alice_op)
    together.take_over(chat_pk=other.pk, operator=alice_op, anyway=True)
    assert open_chats(alice_op, bob_op) == [2, 0]


@pytest.mark.django_db(transaction=True)
def test_a_chat_that_many_hand_on_at_once_has_one_holder_and_right_counters(
    acme: Any, alice_op: Operator, bob_op: Operator
) -> None:
    chats_here = [make_chat(acme, operator=bob_op), make_chat(acme, operator=alice_op)]
    start, faults = threading.Barrier(8), list[str]()

    def hand(number: int) -> None:
        chat, (mine, other) = chats_here[number % 2], (alice_op, bob_op) if number % 4 < 2 else (bob_op, alice_op)
        start.wait(20)
        try:
            with account_scope(acme):
                if number < 4:
                    together.take_over(chat_pk=chat.pk, operator=mine)
                elif number < 6:
                    together.transfer_chat(chat_pk=chat.pk, by=mine, to_pk=other.pk, supervises=True)
                else:
                    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
        except Refused:
            pass  # a sentence: it is theirs already, or it has ended meanwhile
        except Exception as problem:  # noqa: BLE001  shown below
            faults.append(repr(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hand, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert set(Chat.objects.values_list("state", flat=True)) == {"closed"}
    assert open_chats(alice_op, bob_op) == [0, 0]


# ---- close and open again ----
def test_who_closed_a_chat_opens_it_again_within_a_minute(acme: Any, alice_op: Operator, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=bob_op)
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=bob_op)
    refused("not_allowed", together.reopen_chat, chat_pk=chat.pk, operator=alice_op)
    for _ in range(2):
        together.reopen_chat(chat_pk=chat.pk, operator=bob_op)
    chat.refresh_from_db()
    assert (chat.state, chat.operator_id, chat.closed_at, chat.closed_by) == ("open", bob_op.pk, None, "")
    assert open_chats(bob_op) == [1]
    assert [event for event, _ in events(chat)] == ["joined", "closed", "reopened"]
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=bob_op)
    Chat.objects.update(closed_at=timezone.now() - timedelta(seconds=61))
    refused("late", together.reopen_chat, chat_pk=chat.pk, operator=bob_op)


def test_a_chat_stays_closed_when_its_visitor_ended_it_or_began_another(acme: Any, bob_op: Operator) -> None:
    ended = make_chat(acme, operator=bob_op)
    chats.close_chat(chat_pk=ended.pk, by=Chat.ClosedBy.VISITOR)
    refused("not_allowed", together.reopen_chat, chat_pk=ended.pk, operator=bob_op)
    visitor = make_visitor(acme)
    chat = make_chat(acme, visitor=visitor, operator=bob_op)
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=bob_op)
    make_chat(acme, visitor=visitor)
    refused("moved_on", together.reopen_chat, chat_pk=chat.pk, operator=bob_op)


def test_a_chat_is_rated_when_it_has_ended_and_not_before(acme: Any, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=bob_op)
    refused("not_ended", chats.rate_chat, chat_pk=chat.pk, value="good")
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
    chats.rate_chat(chat_pk=chat.pk, value="good")
    assert Chat.objects.get().rating == "good"


def test_a_leader_cannot_write_into_a_waiting_chat_without_accepting_it(acme: Any, alice_op: Operator) -> None:
    from chat.actions.messages import NewMessage, post_messages

    chat = make_chat(acme)
    message = NewMessage(acme.pk, chat.pk, uuid.uuid4(), "Hello", operator_pk=alice_op.pk, supervises=True)
    with scopes_disabled():
        (outcome,) = post_messages([message])
    assert isinstance(outcome, Refused)
    assert outcome.code == "waiting"


# ---- notes ----
def test_a_note_is_written_once_and_names_only_people_of_the_account(
    acme: Any, alice_op: Operator, bob_op: Operator, carol_member: Any
) -> None:
    chat = make_chat(acme, operator=bob_op)
    carol = make_operator(carol_member)
    ident = uuid.uuid4()
    given = {"chat_pk": chat.pk, "operator": bob_op, "client_id": ident, "mentions": [alice_op.pk, carol.pk, bob_op.pk]}
    first = notes.add_note(**given, text="@Alice look")
    assert notes.add_note(**given, text="@Alice look").pk == first.pk
    assert first.mentions == [alice_op.pk]
    refused("conflict", notes.add_note, **given, text="Something else")
    assert [note.text for note in list_mentions_of(alice_op, None)] == ["@Alice look"]
    assert list_mentions_of(bob_op, None) == []
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
    assert list_mentions_of(alice_op, None) == []


def test_only_leaders_whisper_and_only_to_a_colleague(acme: Any, alice_op: Operator, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=bob_op)
    given = {"chat_pk": chat.pk, "text": "Offer the green one", "kind": "whisper", "client_id": uuid.uuid4()}
    refused("not_allowed", notes.add_note, **given, operator=alice_op)
    refused("waiting", notes.add_note, **given, operator=bob_op, supervises=True)
    assert notes.add_note(**given, operator=alice_op, supervises=True).kind == "whisper"


def test_notes_stand_after_the_line_that_was_the_newest(acme: Any, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=bob_op)  # 1 the question, 2 joined
    notes.add_note(chat_pk=chat.pk, operator=bob_op, client_id=uuid.uuid4(), text="First")
    say(chat, "Hello", operator=bob_op)
    notes.add_note(chat_pk=chat.pk, operator=bob_op, client_id=uuid.uuid4(), text="Second")
    assert [(note.text, note.after) for note in list_notes(chat.pk)] == [("First", 2), ("Second", 3)]  # type: ignore[attr-defined]


# ---- edits ----
def test_an_edit_is_a_numbered_line_and_the_earlier_text_is_kept(acme: Any, bob_op: Operator) -> None:
    chat = make_chat(acme, operator=bob_op)
    seq = say(chat, "It costs 20", operator=bob_op).seq
    ident = uuid.uuid4()
    for _ in range(2):
        edits.edit_line(chat_pk=chat.pk, seq=seq, client_id=ident, text="It costs 25", operator=bob_op)
    chat.refresh_from_db()
    line = Message.objects.get(chat=chat, seq=seq)
    assert (line.text, line.edited_at is not None, chat.last_text, chat.last_seq) == (
        "It costs 25",
        True,
        "It costs 25",
        4,
    )
    assert list(MessageVersion.objects.values_list("text", flat=True)) == ["It costs 20"]
    change = list_lines(chat.pk, seq)[0]
    assert (change.event, change.of_seq, change.of_text) == ("edited", seq, "It costs 25")  # type: ignore[attr-defined]
    assert (
        edits.edit_line(chat_pk=chat.pk, seq=seq, client_id=uuid.uuid4(), text="It costs 25", operator=bob_op) is None
    )
    refused("conflict", edits.remove_line, chat_pk=chat.pk, seq=seq, client_id=ident, operator=bob_op)


def test_a_removed_line_says_nothing_more_anywhere_but_in_its_history(acme: Any, bob_op: Operator) -> None:
    chat = make_chat(acme, text="My secret is 1234", operator=bob_op)
    for _ in range(2):
        edits.remove_line(chat_pk=chat.pk, seq=1, client_id=uuid.uuid4())
    chat.refresh_from_db()
    line = Message.objects.get(chat=chat, seq=1)
    assert (line.text, line.removed_at is not None, chat.last_text) == ("", True, "")
    assert MessageVersion.objects.get().text == "My secret is 1234"
    refused("removed", edits.edit_line, chat_pk=chat.pk, seq=1, client_id=uuid.uuid4(), text="Again")
    assert [event for event, _ in events(chat)] == ["joined", "removed"]


def test_nobody_changes_what_another_wrote_or_when_it_is_too_late(
    acme: Any, alice_op: Operator, bob_op: Operator
) -> None:
    chat = make_chat(acme, operator=bob_op)
    seq = say(chat, "Hello", operator=bob_op).seq
    change = {"chat_pk": chat.pk, "client_id": uuid.uuid4(), "text": "Other"}
    refused("not_allowed", edits.edit_line, **change, seq=seq)  # the visitor
    refused("not_allowed", edits.edit_line, **change, seq=seq, operator=alice_op)
    refused("not_allowed", edits.edit_line, **change, seq=1, operator=bob_op)
    refused("not_found", edits.edit_line, **change, seq=2, operator=bob_op)  # an event
    Message.objects.filter(seq=seq).update(created_at=timezone.now() - timedelta(minutes=16))
    refused("late", edits.edit_line, **change, seq=seq, operator=bob_op)
    edits.remove_line(chat_pk=chat.pk, seq=seq, client_id=uuid.uuid4(), operator=bob_op)
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
    refused("closed", edits.edit_line, **change, seq=1)


# ---- drafts ----
def test_a_draft_is_kept_for_its_writer_until_it_is_sent_or_the_chat_ends(
    acme: Any, alice_op: Operator, bob_op: Operator
) -> None:
    chat = make_chat(acme, operator=bob_op)
    for text in ("Dear", "Dear Pat"):
        drafts.save_draft(chat_pk=chat.pk, operator=bob_op, text=text)
    assert [(draft.operator_id, draft.text) for draft in Draft.objects.all()] == [(bob_op.pk, "Dear Pat")]
    refused("not_allowed", drafts.save_draft, chat_pk=chat.pk, operator=alice_op, text="I")
    drafts.save_draft(chat_pk=chat.pk, operator=bob_op, text="")
    assert not Draft.objects.exists()
    drafts.save_draft(chat_pk=chat.pk, operator=bob_op, text="Again")
    chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
    assert not Draft.objects.exists()
