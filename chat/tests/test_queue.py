"""The queue: given out, passed on, put back, answered by mail; and that of many who take a chat one has it."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import make_member
from audit.models import Entry
from chat.actions import queue
from chat.actions.chats import accept_chat, close_chat, start_chat
from chat.actions.settings import change_chat_settings, choose_widget_group
from chat.models import Chat, Message
from chat.queries import find_position
from chat.queue.line import estimate_wait, list_places
from chat.testing import make_chat, make_operator, make_visitor, make_widget, say
from core.errors import Refused
from operators.actions import change_hours, choose_members, mark_seen, set_chat_limit, set_status
from operators.actions.groups import delete_group, make_group
from operators.hours import DAYS
from operators.models import Group, Operator
from outbox.actions import deliver_all
from outbox.testing import smtp_sink


def operator_of(account: Account, name: str, *, limit: int = 5) -> Operator:
    """A colleague who accepts chats and was seen just now."""
    operator = make_operator(make_member(account, name=name, surname="Mockup"))
    set_chat_limit(operator=operator, limit=limit, actor="system")
    be_here(operator)
    return operator


def be_here(*operators: Operator) -> None:
    for operator in operators:
        with account_scope(operator.account):
            mark_seen(operator=operator)


def read(chat: Chat) -> Chat:
    with scopes_disabled():
        return Chat.objects.select_related("operator", "account", "group", "visitor").get(pk=chat.pk)


def events_of(chat: Chat) -> list[str]:
    with scopes_disabled():
        rows = Message.objects.filter(chat=chat).exclude(event="").order_by("seq")
        return list(rows.values_list("event", flat=True))


def alarm(account: Account, now: datetime) -> int:
    with account_scope(account):
        return queue.send_alerts(account=account, now=now)


@pytest.fixture
def ada(acme: Account, alice_member: Membership) -> Operator:
    """Alice as an operator, away: the owner does not answer here."""
    owner = make_operator(alice_member)
    set_status(operator=owner, status="away")
    return owner


@pytest.fixture
def routed(acme: Account, alice_member: Membership, ada: Operator) -> Callable[..., None]:
    """Sets the account's routing; least busy without asking."""

    def change(**changes: Any) -> None:
        change_chat_settings(by=alice_member, **{"routing": "least_busy", **changes})

    change()
    return change


@pytest.fixture
def sales(acme: Account, alice_member: Membership) -> Group:
    return make_group(by=alice_member, name="Sales")


# ---- given out ------------------------------------------------------------------------------------------
@pytest.mark.promise("queue_limits")
def test_a_new_chat_goes_at_once_to_who_has_the_fewest_and_never_over_a_limit(acme: Account, routed: Any):
    bo, cy = operator_of(acme, "Bo", limit=2), operator_of(acme, "Cy", limit=1)
    chats = [read(make_chat(acme)) for _ in range(5)]
    assert Counter(chat.operator_id for chat in chats) == {bo.pk: 2, cy.pk: 1, None: 2}
    assert [chat.state for chat in chats] == ["open", "open", "open", "waiting", "waiting"]
    with account_scope(acme):
        close_chat(chat_pk=chats[0].pk, by=Chat.ClosedBy.OPERATOR)
        queue.look_after(account=acme)
    assert read(chats[3]).state == "open"  # who waits longest gets the place that is free
    assert read(chats[4]).state == "waiting"
    bo.refresh_from_db()
    assert bo.open_chats == 2


def test_who_is_away_gone_or_not_in_the_group_is_given_nothing(
    acme: Account, alice_member: Membership, routed: Any, sales: Group
):
    away, gone, other = operator_of(acme, "Ava"), operator_of(acme, "Gil"), operator_of(acme, "Oda")
    set_status(operator=away, status="away")
    with account_scope(acme):
        Operator.objects.filter(pk=gone.pk).update(seen_at=timezone.now() - timedelta(minutes=2))
    choose_widget_group(widget=make_widget(acme), by=alice_member, group_id=sales.pk)
    chat = make_chat(acme)
    assert (read(chat).state, read(chat).group) == ("waiting", sales)
    choose_members(group=sales, by=alice_member, operators=[other.pk, away.pk, gone.pk])
    queue.look_after(account=acme)
    assert read(chat).operator == other


def test_nothing_is_given_out_by_hand_or_while_the_hours_say_closed(
    acme: Account, alice_member: Membership, routed: Any
):
    operator_of(acme, "Bo")
    routed(routing="by_hand")
    first = make_chat(acme)
    assert read(first).state == "waiting"
    tomorrow = DAYS[(timezone.now().weekday() + 2) % 7]
    change_hours(by=alice_member, is_on=True, week={tomorrow: [["09:00", "17:00"]]}, holidays=[])
    routed()
    due = queue.look_after(account=acme)
    assert read(first).state == "waiting"
    assert due is not None and due > timezone.now() + timedelta(hours=12)  # when it opens
    queue.look_after(account=acme, now=due)
    assert read(first).state == "waiting"  # Bo went home meanwhile
    change_hours(by=alice_member, is_on=False, week={}, holidays=[])
    queue.look_after(account=acme)
    assert read(first).state == "open"


def test_the_operator_who_knew_the_visitor_gets_them_again(acme: Account, routed: Any):
    bo, cy = operator_of(acme, "Bo"), operator_of(acme, "Cy")
    dave = make_visitor(acme, name="Dave")
    first = read(make_chat(acme, visitor=dave))
    with account_scope(acme):
        close_chat(chat_pk=first.pk, by=Chat.ClosedBy.VISITOR)
    knows = bo if first.operator_id == bo.pk else cy
    with account_scope(acme):
        Operator.objects.filter(pk=knows.pk).update(open_chats=3)  # the other one is less busy
    assert read(make_chat(acme, visitor=dave)).operator == knows


@pytest.mark.promise("queue_limits")
def test_a_full_queue_is_refused_and_keeps_nothing_but_takes_a_mail(
    acme: Account, alice_member: Membership, routed: Any, sales: Group
):
    routed(routing="by_hand", queue_limit=2)
    make_chat(acme), make_chat(acme)
    dave = make_visitor(acme)
    with pytest.raises(Refused, match="queue_full"):
        make_chat(acme, visitor=dave)
    with scopes_disabled():
        assert Chat.objects.count() == 2
    with account_scope(acme):
        with pytest.raises(Refused, match="bad_email"):
            start_chat(visitor=dave, client_id=uuid.uuid4(), text="Hello", by_mail=True)
        late = start_chat(visitor=dave, client_id=uuid.uuid4(), text="Hello", email="d@specimen.example", by_mail=True)
    assert (late.state, late.by_mail) == ("waiting", True)
    routed(routing="by_hand", queue_limit=0)
    with account_scope(acme):
        Group.objects.filter(pk=sales.pk).update(queue_limit=1)
        chat = start_chat(visitor=make_visitor(acme), client_id=uuid.uuid4(), text="Hello", group_id=sales.pk)
        assert (chat.group, find_position(chat)) == (sales, 1)
        with pytest.raises(Refused, match="queue_full"):
            start_chat(visitor=make_visitor(acme), client_id=uuid.uuid4(), text="Hello", group_id=sales.pk)
        with pytest.raises(Refused, match="bad_group"):
            start_chat(visitor=make_visitor(acme), client_id=uuid.uuid4(), text="Hello", group_id=sales.pk + 99)


@pytest.mark.promise("queue_limits")
def test_a_group_with_a_limit_has_no_more_chats_open_than_that(
    acme: Account, alice_member: Membership, routed: Any, sales: Group
):
    bo = operator_of(acme, "Bo", limit=10)
    choose_members(group=sales, by=alice_member, operators=[bo.pk])
    with account_scope(acme):
        Group.objects.filter(pk=sales.pk).update(chat_limit=1)
    choose_widget_group(widget=make_widget(acme), by=alice_member, group_id=sales.pk)
    states = [read(make_chat(acme)).state for _ in range(3)]
    assert states == ["open", "waiting", "waiting"]


# ---- taken by hand --------------------------------------------------------------------------------------
def test_an_operator_takes_chats_of_own_groups_and_a_leader_any(
    acme: Account, alice_member: Membership, ada: Operator, sales: Group
):
    bo = operator_of(acme, "Bo")
    choose_widget_group(widget=make_widget(acme), by=alice_member, group_id=sales.pk)
    for_sales = make_chat(acme)
    choose_widget_group(widget=make_widget(acme), by=alice_member, group_id=None)
    for_all = make_chat(acme)
    with account_scope(acme):
        with pytest.raises(Refused, match="not_allowed"):
            accept_chat(operator=bo, chat_pk=for_sales.pk)
        assert accept_chat(operator=bo).pk == for_all.pk  # the longest that bo may take
        with pytest.raises(Refused, match="empty"):
            accept_chat(operator=bo)
        assert accept_chat(operator=ada).pk == for_sales.pk


@pytest.mark.promise("queue_limits")
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_accept_one_chat_one_has_it(acme: Account, alice_member: Membership):
    """SAFETY 2.2: the others read a sentence, and the count of open chats is right."""
    people = [operator_of(acme, f"Op{number}") for number in range(20)]
    chat = make_chat(acme)
    outcomes: list[str] = []
    start = threading.Barrier(len(people))

    def take(operator: Operator) -> None:
        start.wait(20)
        try:
            with account_scope(acme):
                accept_chat(operator=operator, chat_pk=chat.pk)
            outcomes.append("has it")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(outcomes) == {"has it": 1, "taken": 19}
    with account_scope(acme):
        assert list(Operator.objects.filter(open_chats__gt=0)) == [read(chat).operator]
        assert Message.objects.filter(chat=chat, event="joined").count() == 1


@pytest.mark.promise("queue_limits")
@pytest.mark.django_db(transaction=True)
def test_chats_that_come_and_go_at_once_never_pass_a_limit(acme: Account, alice_member: Membership):
    """Visitors, closings and accepts race; afterwards each counter is the number of open chats and within its limit."""
    change_chat_settings(by=alice_member, routing="in_turn")
    set_status(operator=make_operator(alice_member), status="offline")
    people = [operator_of(acme, f"Op{number}", limit=2) for number in range(3)]
    visitors = [make_visitor(acme) for _ in range(9)]
    faults: list[str] = []
    start = threading.Barrier(len(visitors))

    def come(number: int) -> None:
        start.wait(20)
        try:
            with account_scope(acme):
                chat = start_chat(visitor=visitors[number], client_id=uuid.uuid4(), text="Hello")
                if number % 3 == 0:
                    close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
                queue.give_out(account=acme)
        except Exception as problem:  # noqa: BLE001  shown below
            faults.append(repr(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=come, args=(number,)) for number in range(len(visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    be_here(*people)
    queue.look_after(account=acme)
    with account_scope(acme):
        held = Counter(Chat.objects.filter(state="open").values_list("operator_id", flat=True))
        for operator in Operator.objects.all():
            assert operator.open_chats == held[operator.pk] <= operator.chat_limit
        assert sum(held.values()) == 6  # nine came, three left, six fit


# ---- nobody answers -------------------------------------------------------------------------------------
@pytest.mark.promise("queue_limits")
def test_an_unanswered_chat_goes_to_the_next_and_then_back_to_its_old_place(acme: Account, routed: Any):
    routed(reassign_seconds=30)
    bo, cy = operator_of(acme, "Bo", limit=1), operator_of(acme, "Cy", limit=1)
    chat = read(make_chat(acme))
    later = make_chat(acme)
    first = chat.operator
    assert chat.answer_due_at is not None and first is not None
    with account_scope(acme):
        close_chat(chat_pk=later.pk, by=Chat.ClosedBy.VISITOR)  # the other one is free again
    with account_scope(acme):
        queue.pass_on_overdue(account=acme, now=chat.answer_due_at - timedelta(seconds=1))
        assert read(chat).operator == first
        queue.pass_on_overdue(account=acme, now=chat.answer_due_at)
    second = read(chat).operator
    assert {first, second} == {bo, cy}
    due = read(chat).answer_due_at
    assert due is not None
    queue.look_after(account=acme, now=due)
    assert (read(chat).state, read(chat).operator) == ("waiting", None)  # nobody is left to whom it was not given
    assert events_of(chat) == ["joined", "passed_on", "returned"]
    with account_scope(acme):
        assert find_position(read(chat)) == 1
        assert set(Operator.objects.values_list("open_chats", flat=True)) == {0}


def test_one_line_of_the_operator_keeps_the_chat(acme: Account, routed: Any):
    routed(reassign_seconds=30)
    bo = operator_of(acme, "Bo")
    operator_of(acme, "Cy")
    with account_scope(acme):
        Operator.objects.exclude(pk=bo.pk).update(open_chats=1)
    chat = read(make_chat(acme))
    assert chat.operator == bo
    say(chat, "Good morning", operator=bo)
    queue.look_after(account=acme, now=timezone.now() + timedelta(seconds=31))
    assert (read(chat).operator, read(chat).answer_due_at) == (bo, None)


def test_who_goes_offline_gives_back_what_was_not_answered_yet(acme: Account, ada: Operator, commits: Any):
    bo = operator_of(acme, "Bo")
    answered, silent = make_chat(acme, operator=bo), make_chat(acme, operator=bo)
    say(answered, "Good morning", operator=bo)
    with commits():
        set_status(operator=bo, status="offline")
    assert [read(chat).state for chat in (answered, silent)] == ["open", "waiting"]
    bo.refresh_from_db()
    assert bo.open_chats == 1


# ---- nobody takes it ------------------------------------------------------------------------------------
def test_the_owners_get_one_mail_when_nobody_took_a_chat(acme: Account, alice_member: Membership, ada: Operator):
    chat, other = make_chat(acme, text="A needle"), make_chat(acme)
    now = timezone.now()
    assert alarm(acme, now + timedelta(seconds=100)) == 0
    assert alarm(acme, now + timedelta(seconds=130)) == 2
    assert alarm(acme, now + timedelta(seconds=900)) == 0
    with smtp_sink() as sink:
        deliver_all()
    [letter] = sink.mails
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert alice_member.user.email in letter["To"] and "waiting" in letter["Subject"]
    assert str(chat.public_id) in text and "1 more visitor" in text
    assert "needle" not in letter.as_string()
    assert read(other).alerted_at is not None


def test_chats_that_grow_late_one_after_the_other_are_gathered(acme: Account, alice_member: Membership, ada: Operator):
    first, now = make_chat(acme), timezone.now()
    assert alarm(acme, now + timedelta(seconds=130)) == 1
    with account_scope(acme):
        Chat.of(acme).filter(pk=first.pk).update(alerted_at=now - timedelta(seconds=300))
    make_chat(acme), make_chat(acme)
    assert alarm(acme, now + timedelta(seconds=200)) == 0  # the owners know that somebody waits
    due = queue.look_after(account=acme)
    assert due is not None and abs((due - now).total_seconds() - 300) < 5
    assert alarm(acme, due) == 2
    make_chat(acme)
    with account_scope(acme):
        Chat.of(acme).filter(state="waiting").exclude(alerted_at=None).update(state="closed", closed_at=now)
    assert alarm(acme, due + timedelta(seconds=1)) == 1  # nobody of them waits any more: this is news


def test_an_alarm_keeps_to_the_opening_hours_and_is_not_sent_once_somebody_took_the_chat(
    acme: Account, alice_member: Membership, ada: Operator
):
    day = DAYS[(timezone.now().weekday() + 2) % 7]
    change_hours(by=alice_member, is_on=True, week={day: [["09:00", "17:00"]]}, holidays=[])
    chat = make_chat(acme)
    assert alarm(acme, timezone.now() + timedelta(minutes=30)) == 0
    due = queue.look_after(account=acme)
    assert due is not None and due > timezone.now() + timedelta(hours=12)
    assert alarm(acme, due) == 1
    with account_scope(acme):
        accept_chat(operator=ada, chat_pk=chat.pk)
    with smtp_sink() as sink:
        deliver_all()
    assert sink.mails == []


# ---- places, waits, mail --------------------------------------------------------------------------------
@pytest.mark.promise("queue_limits")
def test_places_are_counted_per_group_and_move_up(acme: Account, alice_member: Membership, ada: Operator, sales: Group):
    first, second = make_chat(acme), make_chat(acme)
    choose_widget_group(widget=make_widget(acme), by=alice_member, group_id=sales.pk)
    third = make_chat(acme)
    with account_scope(acme):
        assert [place.position for place in list_places(acme)] == [1, 2, 1]
        accept_chat(operator=ada, chat_pk=first.pk)
        assert {place.chat: place.position for place in list_places(acme)} == {
            str(second.public_id): 1,
            str(third.public_id): 1,
        }


@pytest.mark.promise("queue_limits")
def test_the_usual_wait_is_the_median_of_the_newest_chats(acme: Account, ada: Operator):
    now = timezone.now()
    for wait in (10, 20, 600):
        chat = make_chat(acme, operator=ada)
        with account_scope(acme):
            Chat.objects.filter(pk=chat.pk).update(started_at=now, accepted_at=now + timedelta(seconds=wait))
    cache.clear()  # it is worked out once a minute
    assert estimate_wait(acme) == 20


def test_who_asks_for_a_mail_leaves_the_queue_and_stays_on_the_console(
    acme: Account, alice_member: Membership, ada: Operator, routed: Any
):
    routed(routing="by_hand")
    chat, behind = make_chat(acme), make_chat(acme)
    with account_scope(acme):
        for wrong in ("", "nobody"):
            with pytest.raises(Refused, match="bad_email"):
                queue.ask_for_mail(chat_pk=chat.pk, email=wrong)
        queue.ask_for_mail(chat_pk=chat.pk, email="dave@specimen.example")
        assert [place.chat for place in list_places(acme)] == [str(behind.public_id)]
    assert (read(chat).state, read(chat).visitor.email) == ("waiting", "dave@specimen.example")
    routed()
    be_here(operator_of(acme, "Bo"))
    queue.look_after(account=acme, now=timezone.now() + timedelta(minutes=10))
    assert read(chat).state == "waiting"  # no routing, no alarm
    assert read(chat).alerted_at is None
    with account_scope(acme):
        assert accept_chat(operator=ada, chat_pk=chat.pk).by_mail
        with pytest.raises(Refused, match="taken"):
            queue.ask_for_mail(chat_pk=chat.pk, email="dave@specimen.example")
    assert events_of(chat) == ["by_mail", "joined"]


# ---- rights ---------------------------------------------------------------------------------------------
def test_only_leaders_change_routing_and_it_is_written_to_the_log(
    acme: Account, alice_member: Membership, bob_member: Membership, carol_member: Membership, sales: Group
):
    for stranger in (bob_member, carol_member):
        with pytest.raises(Refused, match="not_found"):
            delete_group(group=sales, by=stranger)
    with pytest.raises(Refused, match="not_found"):
        change_chat_settings(by=bob_member, routing="in_turn")
    with pytest.raises(Refused, match="bad_number"):
        change_chat_settings(by=alice_member, alert_seconds=5)
    chat = make_chat(acme)
    with account_scope(acme):
        Chat.objects.filter(pk=chat.pk).update(group=sales)
    delete_group(group=sales, by=alice_member)
    assert read(chat).group is None
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"group.added", "group.deleted"} <= actions
