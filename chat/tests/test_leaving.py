"""A visitor who left while they waited: nobody is called to an empty chair."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.leaving import plan_letting_go
from chat.models import Chat, Visitor
from chat.queries import list_waiting
from chat.testing import make_chat, make_operator
from facts.models import Fact, Kind
from outbox.actions import deliver_due
from outbox.models import Delivery


@pytest.fixture(autouse=True)
def an_operator(alice_member: Any) -> None:
    make_operator(alice_member)


def wait_and_leave(acme: Account, **changes: Any) -> Chat:
    """A visitor asks, waits and closes the page."""
    chat = make_chat(acme, text="Does it fit?", **changes)
    Visitor.objects.with_scopes_disabled().update(seen_at=timezone.now() - timedelta(minutes=1))
    with account_scope(acme):
        plan_letting_go(chat_pk=chat.pk)
    return chat


def five_minutes_later() -> None:
    Delivery.objects.filter(kind="chat_left_due").update(due_at=timezone.now() - timedelta(seconds=1))
    deliver_due()


def test_after_five_minutes_a_chat_without_an_address_is_one_that_the_visitor_gave_up(acme: Account) -> None:
    chat = wait_and_leave(acme)
    due = Delivery.objects.get(kind="chat_left_due").due_at - timezone.now()
    assert timedelta(minutes=4) < due <= timedelta(minutes=5)
    with account_scope(acme):
        assert list_waiting(acme) == [chat]
    five_minutes_later()
    with account_scope(acme):
        chat.refresh_from_db()
        assert (chat.state, chat.closed_by) == (Chat.State.CLOSED, Chat.ClosedBy.VISITOR)
        assert Fact.objects.filter(chat_ref=chat.pk, kind=Kind.ABANDONED).count() == 1


def test_with_an_address_the_question_stays_and_is_answered_by_mail(acme: Account) -> None:
    chat = wait_and_leave(acme, email="pat@specimen.example")
    five_minutes_later()
    with account_scope(acme):
        chat.refresh_from_db()
        assert (chat.state, chat.by_mail) == (Chat.State.WAITING, True)
        assert list_waiting(acme) == []


def test_who_comes_back_keeps_the_place(acme: Account) -> None:
    chat = wait_and_leave(acme)
    Visitor.objects.with_scopes_disabled().update(seen_at=timezone.now())
    five_minutes_later()
    with account_scope(acme):
        assert list_waiting(acme) == [chat]


def test_a_chat_that_somebody_took_meanwhile_goes_on(acme: Account, alice_member: Any) -> None:
    chat = wait_and_leave(acme)
    with account_scope(acme):
        Chat.objects.filter(pk=chat.pk).update(state=Chat.State.OPEN, operator=make_operator(alice_member))
    five_minutes_later()
    with account_scope(acme):
        chat.refresh_from_db()
        assert chat.state == Chat.State.OPEN


def test_closing_the_last_window_plans_the_look_and_a_second_window_does_not(
    doors: Any, play: Any, acme: Account, alice_member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.consumers.widget.ELSEWHERE_SECONDS", 0.05)
    opened = doors.open_widget(acme)
    again = doors.again(opened)

    async def leave_both() -> None:
        first = await doors.visitor(opened)
        await first.send(t="start", id=str(uuid.uuid4()), text="Does it fit?")
        await first.expect("chat")
        second = await doors.visitor(again)
        await first.close()
        await asyncio.sleep(0.5)
        planned = await asyncio.to_thread(Delivery.objects.filter(kind="chat_left_due").count)
        assert planned == 0
        await second.close()
        for _ in range(50):
            await asyncio.sleep(0.1)
            if await asyncio.to_thread(Delivery.objects.filter(kind="chat_left_due").exists):
                return
        raise AssertionError("nobody looks after the chat")

    play(leave_both())
