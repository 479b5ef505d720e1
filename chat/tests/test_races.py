"""Two things at the same moment: one happens, the other hears a sentence, and no counter, line or file is left over."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from accounts.actions import remove_member
from accounts.models import Account, Membership
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import make_member
from chat.actions import blocks, chats, files, returning, together, visitors
from chat.models import Attachment, Chat, Message
from chat.testing import PDF, make_chat, make_operator, make_visitor, say
from core.errors import Refused
from facts.testing import differing_sums, kinds_of
from operators.models import Operator
from surveys.actions import fill_in
from surveys.actions.filling import Asked
from surveys.filling import Filled
from surveys.models import Sheet
from surveys.queries import list_questions
from surveys.testing import make_survey

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(account: Account, *deeds: Callable[[], Any]) -> list[str]:
    """Does everything at the same moment; answers "done", or the code of the refusal, of each."""
    start = threading.Barrier(len(deeds))
    outcomes = ["not over"] * len(deeds)

    def do(number: int) -> None:
        start.wait(20)
        try:
            with account_scope(account):
                deeds[number]()
            outcomes[number] = "done"
        except Refused as refusal:
            outcomes[number] = refusal.code
        except Exception as problem:  # noqa: BLE001  shown by who asserts
            outcomes[number] = repr(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def numbers_of(chat: Chat) -> list[int]:
    return list(Message.objects.filter(chat=chat).order_by("seq").values_list("seq", flat=True))


def events_of(chat: Chat) -> Counter[str]:
    return Counter(Message.objects.filter(chat=chat).exclude(event="").values_list("event", flat=True))


@pytest.fixture
def alice_op(alice_member: Membership) -> Operator:
    return make_operator(alice_member)


def test_of_six_ratings_at_once_one_counts(acme: Account, alice_op: Operator) -> None:
    chat = make_chat(acme, operator=alice_op)
    with account_scope(acme):
        chats.close_chat(chat_pk=chat.pk, by="visitor")
    values = ["good", "bad"] * 3
    outcomes = at_once(acme, *(lambda value=value: chats.rate_chat(chat_pk=chat.pk, value=value) for value in values))  # type: ignore[misc]
    assert Counter(outcomes) == {"done": 1, "taken": 5}
    with account_scope(acme):
        chat.refresh_from_db()
        assert chat.rating == values[outcomes.index("done")]
        assert events_of(chat)["rated"] == 1
    assert kinds_of(acme).count("rated_good") + kinds_of(acme).count("rated_bad") == 1
    assert differing_sums(acme) == 0


def test_closing_and_opening_again_at_once_leaves_one_state_and_right_counters(
    acme: Account, alice_op: Operator
) -> None:
    chat = make_chat(acme, operator=alice_op)

    def close() -> None:
        chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=alice_op)

    def reopen() -> None:
        together.reopen_chat(chat_pk=chat.pk, operator=alice_op)

    outcomes = at_once(acme, close, reopen, close, reopen, close, reopen)
    assert set(outcomes) <= {"done"}
    with account_scope(acme):
        chat.refresh_from_db()
        alice_op.refresh_from_db()
        happened = events_of(chat)
        assert happened["closed"] - happened["reopened"] == (chat.state == "closed")
        assert alice_op.open_chats == (chat.state == "open")
        assert numbers_of(chat) == list(range(1, chat.last_seq + 1))
    assert differing_sums(acme) == 0


def test_files_and_their_rows_agree_when_uploads_and_a_deletion_meet(acme: Account) -> None:
    dave = make_visitor(acme)
    chat = make_chat(acme, visitor=dave)
    before = set(on_disk())
    uploads = [lambda: files.hold_file(chat=chat, name="bill.pdf", data=PDF)] * 4
    outcomes = at_once(acme, *uploads, lambda: visitors.delete_visitor(visitor=dave))
    assert set(outcomes) <= {"done", "closed"}
    with scopes_disabled():
        assert not Attachment.objects.exists()
        assert Chat.objects.get(pk=chat.pk).state == "closed"
    assert set(on_disk()) == before


def on_disk() -> list[Path]:
    return [path for path in Path(settings.FILES_ROOT).rglob("*") if path.is_file()]


def test_nobody_who_was_removed_gets_keeps_or_opens_a_chat(
    acme: Account, alice_op: Operator, alice_member: Membership
) -> None:
    bob_member = make_member(acme, email="bo@acme-bikes.example", name="Bo", surname="Gone")
    bob = make_operator(bob_member)
    mine, waiting = make_chat(acme, operator=alice_op), make_chat(acme)
    his, closed = make_chat(acme, operator=bob), make_chat(acme, operator=bob)
    with account_scope(acme):
        chats.close_chat(chat_pk=closed.pk, by=Chat.ClosedBy.OPERATOR, operator=alice_op, supervises=True)
    outcomes = at_once(
        acme,
        lambda: remove_member(membership=bob_member, by=alice_member),
        lambda: together.transfer_chat(chat_pk=mine.pk, by=alice_op, to_pk=bob.pk, anyway=True),
        lambda: say(his, "Still typing", operator=bob),
    )
    assert set(outcomes) <= {"done", "not_found", "not_allowed", "waiting"}
    returning.return_left_chats()  # what the clock does every third minute, should the word of it be lost
    with account_scope(acme):
        for call in (
            lambda: together.transfer_chat(chat_pk=mine.pk, by=alice_op, to_pk=bob.pk, anyway=True),
            lambda: together.take_over(chat_pk=mine.pk, operator=bob),
            lambda: chats.accept_chat(operator=bob, chat_pk=waiting.pk),
            lambda: chats.accept_chat(operator=bob),
        ):
            with pytest.raises(Refused):
                call()
        together.reopen_chat(chat_pk=closed.pk, operator=alice_op)
        assert not Chat.objects.filter(operator=bob).exclude(state="closed").exists()
        assert Chat.objects.get(pk=closed.pk).operator == alice_op
        bob.refresh_from_db()
        alice_op.refresh_from_db()
        held = Chat.objects.filter(operator=alice_op, state="open").count()
    assert (bob.open_chats, alice_op.open_chats) == (0, held)


def test_nothing_is_said_after_the_end_that_a_block_makes(acme: Account, alice_op: Operator) -> None:
    dave = make_visitor(acme)
    chat = make_chat(acme, visitor=dave, operator=alice_op)
    words = [lambda number=number: say(chat, f"Word {number}") for number in range(6)]  # type: ignore[misc]
    outcomes = at_once(
        acme,
        *words[:3],
        lambda: blocks.block_visitor(operator=alice_op, visitor=dave, what="session", hours=1),
        *words[3:],
        lambda: chats.start_chat(visitor=dave, client_id=uuid.uuid4(), text="Another one"),
    )
    assert set(outcomes) <= {"done", "closed", "taken"}
    with account_scope(acme):
        chat.refresh_from_db()
        end = Message.objects.get(chat=chat, event="closed").seq
        assert (chat.state, chat.last_seq) == ("closed", end)
        assert numbers_of(chat) == list(range(1, end + 1))
        assert Message.objects.filter(chat=chat, event="").count() == 1 + outcomes[:3].count("done") + outcomes[
            4:7
        ].count("done")


def test_a_survey_that_is_sent_four_times_at_once_is_one_sheet(acme: Account) -> None:
    dave, survey = make_visitor(acme), make_survey(acme)
    stars = list_questions(survey)[0].pk

    def fill() -> None:
        fill_in(survey=survey, asked=Asked(visitor=dave), filled=Filled({stars: [5]}, name="Dave"), consent="Known.")

    assert at_once(acme, *[fill] * 4) == ["done"] * 4
    with account_scope(acme):
        assert Sheet.objects.filter(survey=survey).count() == 1
