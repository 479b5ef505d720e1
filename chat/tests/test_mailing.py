"""Answers and transcripts by mail, and the pages behind their links: one mail a burst, one address, one right."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope, scopes_disabled
from chat.actions.chats import close_chat, mark_read
from chat.actions.mailing import ask_transcript, mail_answer, plan_answer, plan_missed_answers, stop_mail
from chat.actions.resuming import resume_chat
from chat.models import Chat, ChatSettings, Message, Visitor
from chat.testing import make_chat, make_operator, say
from chat.window import mail_links
from chat.window.prechat import FormRefused
from core.errors import Refused
from core.limits import TooMany
from operators.models import Operator
from outbox.actions import deliver_due
from outbox.models import Delivery
from tests.wire import post_json


@pytest.fixture(autouse=True)
def post_box(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def alice_operator(alice_member: Membership) -> Operator:
    return make_operator(alice_member)


@pytest.fixture
def chat(acme: Account, alice_operator: Operator) -> Chat:
    """An open chat whose visitor left an address and went."""
    found = make_chat(acme, text="Does it fit?", operator=alice_operator, name="Pat", email="pat@specimen.example")
    Visitor.objects.with_scopes_disabled().update(seen_at=timezone.now() - timedelta(minutes=5))
    return found


def deliver(hours: float = 0) -> list[Any]:
    """Everything that is due within so many hours leaves; answers the mails."""
    before = len(mail.outbox)
    for _ in range(3):  # a look puts in the mail
        Delivery.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))
        deliver_due()
    return mail.outbox[before:]


def answer(chat: Chat, text: str) -> None:
    """The operator writes; the visitor is not here."""
    say(chat, text, operator=chat.operator)
    with account_scope(chat.account):
        plan_answer(chat_pk=chat.pk)


def link_in(message: Any, part: str) -> str:
    return next(word for word in message.body.split() if f"/widget/{part}/" in word).removeprefix(
        settings.PUBLIC_ORIGIN
    )


# ---- answers ----
def test_three_lines_in_a_minute_are_one_mail_with_a_link_that_goes_on(chat: Chat) -> None:
    for text in ("It does.", "Up to 80 kg.", "Come by <any> day."):
        answer(chat, text)
    waiting = Delivery.objects.filter(kind="chat_answer_due")
    assert all(row.due_at > timezone.now() + timedelta(seconds=30) for row in waiting)
    [message] = deliver()
    assert message.to == ["Pat <pat@specimen.example>"]
    assert "It does." in message.body and "Up to 80 kg." in message.body and "takes no mail" in message.body
    assert "Come by &lt;any&gt; day." in message.alternatives[0][0]
    assert "/widget/continue/" in message.body and "/widget/stop/" in message.body
    answer(chat, "And one more thing.")
    [second] = deliver()
    assert "It does." not in second.body


def test_nothing_leaves_when_the_visitor_has_no_address_read_the_lines_or_came_back(acme: Account, chat: Chat) -> None:
    without = make_chat(acme, operator=chat.operator)
    answer(without, "Hello?")
    assert deliver() == []
    answer(chat, "Read in the window")
    with account_scope(acme):
        mark_read(chat_pk=chat.pk, seq=Chat.objects.get(pk=chat.pk).last_seq, by_visitor=True)
    assert deliver() == []
    answer(chat, "Came back meanwhile")
    Visitor.objects.with_scopes_disabled().filter(pk=chat.visitor_id).update(seen_at=timezone.now() + timedelta(1))
    assert deliver() == []


def test_a_look_that_runs_twice_writes_one_mail(acme: Account, chat: Chat) -> None:
    answer(chat, "It does.")
    seq = Chat.objects.with_scopes_disabled().get(pk=chat.pk).last_seq
    with account_scope(acme):
        outcomes = [mail_answer(chat_pk=chat.pk, seq=seq, planned_at=timezone.now()) for _ in range(2)]
    assert outcomes == [True, False]
    assert len(deliver()) == 1


def test_what_a_crash_left_unplanned_is_found_later(acme: Account, chat: Chat) -> None:
    say(chat, "It does.", operator=chat.operator)
    assert plan_missed_answers() == 0, "a quarter of an hour must pass"
    later = timezone.now() + timedelta(minutes=20)
    assert plan_missed_answers(now=later) == 1
    assert len(deliver()) == 1
    assert plan_missed_answers(now=later) == 0


def test_an_operator_who_writes_to_nobody_plans_the_mail_through_the_socket(
    doors: Any, play: Any, acme: Account, chat: Chat, alice_member: Membership
) -> None:
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> None:
        desk = await doors.console(ticket)
        await desk.message("It does.", chat=str(chat.public_id))
        await desk.send(t="read", chat=str(chat.public_id), seq=1)  # through the writer, after the plan
        await desk.message("Truly.", chat=str(chat.public_id))
        await desk.send(t="status", value="away")
        await desk.expect("set")

    play(scenario())
    [message] = deliver()
    assert "It does." in message.body and "Truly." in message.body


def test_the_address_is_forgotten_by_the_stop_link_and_what_waits_is_not_sent(
    acme: Account, chat: Chat, client: Client
) -> None:
    answer(chat, "It does.")
    [message] = deliver()
    path = link_in(message, "stop")
    assert client.get(path).status_code == 200
    with account_scope(acme):
        assert Visitor.objects.get(pk=chat.visitor_id).email, "a scanner that opens the link stops nothing"
    answer(chat, "One more.")
    assert client.post(path).status_code == 200
    with account_scope(acme):
        assert Visitor.objects.get(pk=chat.visitor_id).email == ""
    assert deliver() == []


# ---- the link ----
def test_the_link_shows_a_button_and_the_button_opens_the_window_with_a_new_secret(
    site_server: str, acme: Account, chat: Chat
) -> None:
    client = Client(headers={"host": site_server.removeprefix("http://")})
    answer(chat, "It does.")
    [message] = deliver()
    path = link_in(message, "continue")
    shown = client.get(path)
    assert "Go on with the chat" in shown.content.decode() and "E-mail" in shown.content.decode()
    assert "It does." not in shown.content.decode()
    assert shown["Referrer-Policy"] == "no-referrer"
    window = client.post(path)
    assert "frame-ancestors 'none'" in window["Content-Security-Policy"]
    told = window.content.decode().partition('"pass": "')[2].partition('"')[0]
    assert told
    status, opened = post_json(
        f"{site_server}/widget/open/", {"key": chat.widget.key, "pass": told}, {"Origin": site_server}
    )
    assert (status, opened["visitor"]) == (200, str(chat.visitor.public_id))
    with scopes_disabled():
        chat.visitor.delete()
    assert client.get(path).status_code == 404


def test_an_ended_chat_goes_on_with_the_next_line_once(
    doors: Any, play: Any, acme: Account, chat: Chat, alice_member: Membership
) -> None:
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=chat.operator)
    status, opened = post_json(
        f"{doors.origin}/widget/open/",
        {"key": chat.widget.key, "pass": mail_links.issue_pass(chat.visitor)},
        {"Origin": doors.origin},
    )
    assert status == 200
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> None:
        pat, desk = await doors.visitor(opened), await doors.console(ticket)
        assert (await pat.expect("ready"))["chat"]["state"] == "closed"
        assert (await pat.expect("lines"))["lines"][0]["text"] == "Does it fit?"
        ident = str(uuid.uuid4())
        for _ in range(2):
            await pat.send(t="resume", id=ident, text="Thank you. And the bell?")
            await pat.expect("ack", id=ident)
        assert (await desk.line(event="reopened"))["seq"]
        assert (await desk.line(by="visitor"))["text"] == "Thank you. And the bell?"

    play(scenario())
    with account_scope(acme):
        again = Chat.objects.get(pk=chat.pk)
        assert again.state in ("waiting", "open")
        lines = Message.objects.filter(chat=chat, author="visitor").count()
    assert lines == 2


def test_a_chat_is_not_taken_up_again_while_another_one_is_open(acme: Account, chat: Chat) -> None:
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
    make_chat(acme, text="Another", visitor=chat.visitor)
    with account_scope(acme), pytest.raises(Refused) as refusal:
        resume_chat(
            account=acme, chat_pk=chat.pk, visitor_pk=chat.visitor_id, client_id=uuid.uuid4(), text="Hello again"
        )
    assert refusal.value.code == "taken"


# ---- transcripts and ratings ----
def test_the_transcript_is_mailed_once_with_the_names_that_the_visitor_knows(
    acme: Account, chat: Chat, alice_member: Membership
) -> None:
    say(chat, "It does.", operator=chat.operator)
    with account_scope(acme):
        ChatSettings.objects.create(account=acme, show_operators=False)
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
        chat = Chat.objects.select_related("visitor", "account").get(pk=chat.pk)
        assert ask_transcript(chat=chat, email="pat.new@specimen.example")
        assert not ask_transcript(chat=chat, email="pat.new@specimen.example")
        with pytest.raises(FormRefused):
            ask_transcript(chat=chat, email="pat@")
    [message] = deliver()
    assert message.to == ["Pat <pat.new@specimen.example>"]
    assert "Pat: Does it fit?" in message.body and "Acme Bikes: It does." in message.body
    assert "Alice" not in message.body + message.alternatives[0][0]
    with account_scope(acme), pytest.raises(TooMany):
        for _ in range(6):
            ask_transcript(chat=chat, email="pat.new@specimen.example")


def test_the_rating_of_the_mail_counts_once_and_only_after_the_button(
    acme: Account, chat: Chat, client: Client
) -> None:
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
        ask_transcript(
            chat=Chat.objects.select_related("visitor", "account").get(pk=chat.pk), email="p@specimen.example"
        )
    [message] = deliver()
    path = link_in(message, "rate")
    assert path.endswith("?value=good")
    page = client.get(path).content.decode()
    assert 'value="good" checked' in page
    with account_scope(acme):
        assert Chat.objects.get(pk=chat.pk).rating == ""
    assert client.post(path.partition("?")[0], {"value": "best"}).status_code == 400
    client.post(path.partition("?")[0], {"value": "bad", "comment": "Too slow"})
    client.post(path.partition("?")[0], {"value": "good"})
    with account_scope(acme):
        rated = Chat.objects.get(pk=chat.pk)
    assert (rated.rating, rated.rating_comment) == ("bad", "Too slow")
    assert "You rated this chat already" in client.get(path).content.decode()


def test_a_member_sends_the_chat_to_its_visitor_from_the_archive(
    acme: Account, chat: Chat, alice: Any, client: Client
) -> None:
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.VISITOR)
    client.force_login(alice)
    client.post(f"/app/archive/{chat.public_id}/send/")
    [message] = deliver()
    assert message.to == ["Pat <pat@specimen.example>"]


def test_no_mail_to_a_visitor_holds_a_note(acme: Account, chat: Chat) -> None:
    from chat.models import Note

    with account_scope(acme):
        Note.objects.create(account=acme, chat=chat, client_id=uuid.uuid4(), operator=chat.operator, text="needle note")
        answer(chat, "It does.")
        ask_transcript(chat=chat, email="pat@specimen.example")
    mails = deliver()
    assert len(mails) == 2
    assert not [one for one in mails if "needle" in one.body + one.alternatives[0][0]]


def test_stopping_twice_is_harmless(acme: Account, chat: Chat) -> None:
    with account_scope(acme):
        for _ in range(2):
            stop_mail(chat=chat)
