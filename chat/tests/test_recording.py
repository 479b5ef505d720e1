"""What chats tell the facts, and that sums and counters are what a recount says after any order of events (G21)."""

import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.actions import change_company
from accounts.models import Membership
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import make_member, make_owner
from chat.actions import edits, tags, together
from chat.actions.chats import accept_chat, close_chat, rate_chat
from chat.actions.messages import NewMessage, post_messages
from chat.actions.queue import put_back
from chat.actions.recording import note_passed_on
from chat.actions.telling import lock_chat_in_queue
from chat.actions.visitors import delete_visitor
from chat.counting import count_lines
from chat.models import Chat, Message, Visitor
from chat.testing import make_chat, make_operator, make_visitor, say
from core.errors import Refused
from facts.actions import check_a_day, recount_account
from facts.models import DaySum, Fact, HourSum
from facts.testing import count_of, differing_sums, kinds_of
from operators.actions import change_open_chats

COUNTERS = ("asked_at", "first_reply_at", "visitor_lines", "operator_lines", "replies", "reply_ms")


class Clock:
    """The time of the chat's actions, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: datetime) -> None:
        self.now = start
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def go(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, datetime(2026, 11, 23, 10, 0, tzinfo=UTC))


def close(chat: Chat, by: str = "visitor", **more: Any) -> None:
    with account_scope(chat.account):
        close_chat(chat_pk=chat.pk, by=by, **more)


def accept(chat: Chat, operator: Any) -> None:
    with account_scope(chat.account):
        accept_chat(operator=operator, chat_pk=chat.pk)


def test_a_chat_leaves_its_wait_replies_length_and_rating(acme: Any, alice_member: Any, clock: Clock) -> None:
    alice = make_operator(alice_member)
    chat = make_chat(acme)
    clock.go(seconds=30)
    accept(chat, alice)
    clock.go(seconds=12)
    say(chat, "Hi", operator=alice)
    say(chat, "How can I help?", operator=alice)
    clock.go(seconds=50)
    say(chat, "A tyre")
    say(chat, "a flat one")
    clock.go(seconds=8)
    say(chat, "Come by", operator=alice)
    clock.go(seconds=20)
    close(chat)
    with account_scope(acme):
        rate_chat(chat_pk=chat.pk, value="good")
    own = {"operator_ref": alice.pk}
    assert count_of(acme, "started") == (1, 0)
    assert count_of(acme, "accepted", **own) == (1, 30_000)
    assert count_of(acme, "first_reply", **own) == (1, 12_000)
    assert count_of(acme, "replies", **own) == (2, 20_000)
    assert count_of(acme, "visitor_lines", **own) == (3, 0)
    assert count_of(acme, "operator_lines", **own) == (3, 0)
    assert count_of(acme, "closed", **own) == (1, 120_000)
    assert count_of(acme, "rated_good", **own) == (1, 0)
    assert count_of(acme, "abandoned") == (0, 0)
    assert differing_sums(acme) == 0


def test_who_gives_up_counts_as_such_and_who_was_answered_does_not(acme: Any, alice_member: Any, clock: Clock) -> None:
    alice = make_operator(alice_member)
    left = make_chat(acme)
    clock.go(seconds=75)
    close(left)
    answered = make_chat(acme, operator=alice)
    clock.go(seconds=5)
    say(answered, "Hi", operator=alice)
    pass_back(answered)
    clock.go(seconds=60)
    close(answered)
    assert count_of(acme, "abandoned") == (1, 75_000)
    assert count_of(acme, "accepted") == (1, 0)
    assert count_of(acme, "closed")[0] == 1
    assert differing_sums(acme) == 0


def pass_back(chat: Chat) -> None:
    """Back to the queue, as for somebody who left."""
    with account_scope(chat.account), transaction.atomic():
        fresh = lock_chat_in_queue(chat.pk)
        note_passed_on(fresh, fresh.operator_id)
        change_open_chats(operator_id=fresh.operator_id, by=-1)
        put_back(chat=fresh, now=timezone.now())


def test_a_chat_that_is_passed_on_unanswered_was_taken_once(acme: Any, alice_member: Any, bob_member: Any) -> None:
    alice, bob = make_operator(alice_member), make_operator(bob_member)
    chat = make_chat(acme, operator=alice)
    pass_back(chat)
    accept(chat, bob)
    assert count_of(acme, "accepted", operator_ref=alice.pk)[0] == 0
    assert count_of(acme, "accepted", operator_ref=bob.pk)[0] == 1
    assert count_of(acme, "passed_on", operator_ref=alice.pk)[0] == 1
    assert differing_sums(acme) == 0


def test_a_transfer_leaves_each_operator_their_own_replies(
    acme: Any, alice_member: Any, bob_member: Any, clock: Clock
) -> None:
    alice, bob = make_operator(alice_member), make_operator(bob_member)
    chat = make_chat(acme, operator=alice)
    clock.go(seconds=4)
    say(chat, "Hi", operator=alice)
    say(chat, "Is it open?")
    clock.go(seconds=100)
    with account_scope(acme):
        together.take_over(chat_pk=chat.pk, operator=bob)
    clock.go(seconds=7)
    say(chat, "Yes", operator=bob)
    close(chat, "operator", operator=bob)
    assert count_of(acme, "replies", operator_ref=alice.pk) == (1, 4_000)
    assert count_of(acme, "replies", operator_ref=bob.pk) == (1, 7_000)
    assert count_of(acme, "transferred", operator_ref=alice.pk) == (1, 0)
    assert count_of(acme, "first_reply") == (1, 4_000)
    assert differing_sums(acme) == 0


def test_closing_opening_again_and_closing_counts_one_end(acme: Any, alice_member: Any, clock: Clock) -> None:
    alice = make_operator(alice_member)
    chat = make_chat(acme, operator=alice)
    say(chat, "Hi", operator=alice)
    clock.go(seconds=40)
    close(chat, "operator", operator=alice)
    with account_scope(acme):
        together.reopen_chat(chat_pk=chat.pk, operator=alice)
    say(chat, "One more thing", operator=alice)
    clock.go(seconds=20)
    close(chat, "operator", operator=alice)
    assert count_of(acme, "closed") == (1, 60_000)
    assert count_of(acme, "operator_lines") == (2, 0)
    assert kinds_of(acme).count("-closed") == 1
    assert differing_sums(acme) == 0


def test_a_tag_is_counted_while_it_is_on_the_chat(acme: Any, alice_member: Any) -> None:
    alice = make_operator(alice_member)
    chat = make_chat(acme, operator=alice)
    with account_scope(acme):
        for _ in range(2):
            tags.tag_chat(operator=alice, chat_pk=chat.pk, name="Order")
        assert count_of(acme, "tagged")[0] == 1
        for _ in range(2):
            tags.untag_chat(chat_pk=chat.pk, name="order")
    assert count_of(acme, "tagged")[0] == 0
    assert differing_sums(acme) == 0


def test_a_batch_without_a_first_reply_is_four_statements(acme: Any, alice_member: Any) -> None:
    alice = make_operator(alice_member)
    chats = [make_chat(acme, operator=alice) for _ in range(3)]

    def post(operator: Any = None) -> int:
        batch = [
            NewMessage(
                acme.pk, chat.pk, uuid.uuid4(), "Hello", operator_pk=operator.pk if operator else None,
                visitor_pk=None if operator else chat.visitor_id,
            )
            for chat in chats
        ]  # fmt: skip
        with scopes_disabled(), CaptureQueriesContext(connection) as seen:
            assert all(not isinstance(one, Refused) for one in post_messages(batch))
        kinds = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        return len({query["sql"][:40] for query in seen if not query["sql"].startswith(kinds)})

    assert post() == 4
    assert post(alice) == 8  # the three first replies: zones, facts, and two tables of sums
    assert post() == 4
    assert post(alice) == 4


def test_another_time_zone_moves_days_and_hours_and_keeps_the_sums(acme: Any, alice_member: Any, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    make_chat(acme)
    assert HourSum.of(acme).values_list("day", "hour").get(kind="started")[1] == 18
    with account_scope(acme):
        change_company(by=alice_member, time_zone="Asia/Kathmandu")
    acme.refresh_from_db()
    recount_account(account_pk=acme.pk)
    day, hour = HourSum.of(acme).values_list("day", "hour").get(kind="started")
    assert (str(day), hour) == ("2026-11-24", 0)
    assert DaySum.of(acme).filter(kind="started").count() == 1
    assert differing_sums(acme) == 0


@pytest.mark.parametrize(
    ("moments", "hours"),
    [
        (("2026-10-25T00:30Z", "2026-10-25T01:30Z"), {2: 2}),  # the hour that is there twice
        (("2026-03-29T00:30Z", "2026-03-29T01:30Z"), {1: 1, 3: 1}),  # the hour that is not there
    ],
)
def test_days_of_25_and_23_hours_lose_and_double_nothing(
    acme: Any, clock: Clock, moments: Any, hours: dict[int, int]
) -> None:
    type(acme).objects.filter(pk=acme.pk).update(time_zone="Europe/Warsaw")
    acme.refresh_from_db()
    for moment in moments:
        clock.now = datetime.fromisoformat(moment)
        make_chat(acme)
    assert dict(HourSum.of(acme).filter(kind="started").values_list("hour", "count")) == hours
    assert count_of(acme, "started")[0] == 2
    assert differing_sums(acme) == 0


def test_what_was_put_wrong_by_hand_is_found_and_put_right(acme: Any, alice_member: Any) -> None:
    make_chat(acme, operator=make_operator(alice_member))
    with account_scope(acme):
        DaySum.objects.filter(kind="started").update(count=7)
        HourSum.objects.filter(kind="accepted").delete()
    assert differing_sums(acme) == 2
    assert check_a_day(days_back=0) == 2
    assert differing_sums(acme) == 0


def test_a_deleted_visitor_leaves_counts_and_nothing_else(acme: Any, alice_member: Any) -> None:
    chat = make_chat(acme, operator=make_operator(alice_member), name="Quillfeather")
    with account_scope(acme):
        delete_visitor(visitor=chat.visitor)
    assert count_of(acme, "closed")[0] == 1
    assert differing_sums(acme) == 0
    with scopes_disabled():
        assert not Visitor.objects.filter(name="Quillfeather").exists()
        assert not any("Quillfeather" in str(row) for row in Fact.objects.values_list())


# ---- any order -----------------------------------------------------------------------------------------------
step = st.sampled_from(
    ["visitor", "visitor", "operator", "operator", "colleague", "accept", "accept", "take_over", "back", "close",
     "reopen", "rate_good", "rate_bad", "edit", "remove", "resend", "tag", "untag", "delete", "start"]
)  # fmt: skip


class Desk:
    """One visitor, two operators, and whatever they do."""

    def __init__(self) -> None:
        owner = make_owner(company="Any Order")
        self.member = Membership.objects.select_related("account", "user").get(user=owner)
        self.account = self.member.account
        self.alice = make_operator(self.member)
        self.bob = make_operator(make_member(self.account, role="admin"))
        self.visitor = make_visitor(self.account)
        self.sent: list[tuple[uuid.UUID, str]] = []

    @property
    def chat(self) -> Chat | None:
        return Chat.of(self.account).select_related("account").order_by("-pk").first()

    def do(self, what: str) -> None:
        chat = self.chat
        if chat is None or what == "start":
            if self.visitor.pk is None:
                self.visitor = make_visitor(self.account)
            make_chat(self.account, visitor=self.visitor)
            return
        with account_scope(self.account):
            getattr(self, f"_{what}")(chat)

    def _visitor(self, chat: Chat) -> None:
        self.sent.append((uuid.uuid4(), "Hello?"))
        say(chat, "Hello?", client_id=self.sent[-1][0])

    def _resend(self, chat: Chat) -> None:
        for client_id, text in self.sent[-1:]:
            say(chat, text, client_id=client_id)

    def _operator(self, chat: Chat) -> None:
        say(chat, "Hi", operator=self.alice)

    def _colleague(self, chat: Chat) -> None:
        say(chat, "Hi too", operator=self.bob)

    def _accept(self, chat: Chat) -> None:
        accept_chat(operator=self.alice, chat_pk=chat.pk)

    def _take_over(self, chat: Chat) -> None:
        together.take_over(chat_pk=chat.pk, operator=self.bob)

    def _back(self, chat: Chat) -> None:
        if chat.state == Chat.State.OPEN:
            pass_back(chat)

    def _close(self, chat: Chat) -> None:
        close_chat(chat_pk=chat.pk, by="operator", operator=self.alice, supervises=True)

    def _reopen(self, chat: Chat) -> None:
        together.reopen_chat(chat_pk=chat.pk, operator=self.alice)

    def _rate_good(self, chat: Chat) -> None:
        rate_chat(chat_pk=chat.pk, value="good")

    def _rate_bad(self, chat: Chat) -> None:
        rate_chat(chat_pk=chat.pk, value="bad")

    def _edit(self, chat: Chat) -> None:
        edits.edit_line(chat_pk=chat.pk, seq=1, client_id=uuid.uuid4(), text="Hello!")

    def _remove(self, chat: Chat) -> None:
        edits.remove_line(chat_pk=chat.pk, seq=1, client_id=uuid.uuid4())

    def _tag(self, chat: Chat) -> None:
        tags.tag_chat(operator=self.alice, chat_pk=chat.pk, name="Order")

    def _untag(self, chat: Chat) -> None:
        tags.untag_chat(chat_pk=chat.pk, name="Order")

    def _delete(self, chat: Chat) -> None:
        delete_visitor(visitor=Visitor.objects.get(pk=chat.visitor_id))
        self.visitor, self.sent = make_visitor(self.account), []


class AnyOrder(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(step, min_size=4, max_size=24))
    def test_sums_are_a_recount_of_facts_and_counters_one_of_lines(self, steps: list[str]) -> None:
        desk = Desk()
        for what in ["start", *steps]:
            with suppress(Refused):
                desk.do(what)
        assert differing_sums(desk.account) == 0
        for chat in Chat.of(desk.account):
            lines = (
                Message.of(desk.account).filter(chat=chat).order_by("seq").values_list("author", "event", "created_at")
            )
            counted = count_lines(lines)
            assert {name: getattr(chat, name) for name in COUNTERS} == {
                name: getattr(counted, name) for name in COUNTERS
            }
        for chat in Chat.of(desk.account).filter(state="closed"):
            facts = Fact.of(desk.account).filter(chat_ref=chat.pk)
            ends = [row.count for row in facts if row.kind in ("closed", "abandoned")]
            assert sum(ends) == 1
            assert sum(row.count for row in facts if row.kind == "operator_lines") == chat.operator_lines
            assert sum(row.total for row in facts if row.kind == "replies") == chat.reply_ms
