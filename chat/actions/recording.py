"""What chats tell the facts: each function notes one thing that happened, in the caller's transaction (S18-S24, G21).

Each is called once, by the action that made it happen, with the chat as it is after the change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Account
from chat.counting import milliseconds
from chat.models import Chat
from facts.actions import NewFact, record, record_many, settle, take_back
from facts.models import Kind

RATINGS = {"good": Kind.RATED_GOOD, "bad": Kind.RATED_BAD}
ENDS = (Kind.CLOSED, Kind.ABANDONED)


@dataclass(frozen=True, slots=True)
class FirstReply:
    """The first line of an operator in a chat that waited for it."""

    account_pk: int
    chat_pk: int
    operator_pk: int
    group_pk: int | None
    by_mail: bool
    took_ms: int


def _fact(kind: str, chat: Chat, at: datetime, operator_id: int | None = None, **more: Any) -> NewFact:
    return NewFact(kind, at, chat_ref=chat.pk, operator_ref=operator_id or 0, group_ref=chat.group_id or 0, **more)


def note_started(chat: Chat) -> None:
    """A visitor began a chat."""
    facts = [_fact(Kind.STARTED, chat, chat.started_at)]
    if chat.by_mail:
        facts.append(_fact(Kind.BY_MAIL, chat, chat.started_at))
    record(account=chat.account, facts=facts)


def note_by_mail(chat: Chat) -> None:
    """A visitor who waits wants the answer by e-mail."""
    record(account=chat.account, facts=[_fact(Kind.BY_MAIL, chat, timezone.now())])


def note_accepted(chat: Chat) -> None:
    """Its operator took the chat, or got it from the routing; the wait runs from when it came to the queue.

    A chat that is answered by e-mail had no queue, and one that was answered before is not taken a second time.
    """
    if chat.by_mail or chat.accepted_at is None or chat.first_reply_at is not None:
        return
    wait = milliseconds(chat.queued_at, chat.accepted_at)
    record(account=chat.account, facts=[_fact(Kind.ACCEPTED, chat, chat.accepted_at, chat.operator_id, total=wait)])


def note_passed_on(chat: Chat, operator_id: int | None) -> None:
    """The operator who had the chat did not answer in time, or left: it goes to somebody else or back to the queue.

    Called before the change. That somebody took it is taken back where nobody has answered: a chat is taken once.
    """
    _settle(chat, operator_id)
    if chat.first_reply_at is None:
        take_back(account=chat.account, chat_ref=chat.pk, kinds=[Kind.ACCEPTED])
    record(account=chat.account, facts=[_fact(Kind.PASSED_ON, chat, timezone.now(), operator_id)])


def note_transferred(chat: Chat, operator_id: int | None) -> None:
    """The operator who had the chat handed it over, or a supervisor took it; what was written so far is theirs.

    Called before the change.
    """
    _settle(chat, operator_id)
    record(account=chat.account, facts=[_fact(Kind.TRANSFERRED, chat, timezone.now(), operator_id)])


def note_closed(chat: Chat, *, was_waiting: bool) -> None:
    """A chat ended. Nobody had answered and it waited: the visitor gave up, unless the answer goes by e-mail.

    Called before the line that says so. One that the system closed lasted until its last line.
    """
    closed_at = chat.closed_at or timezone.now()
    _settle(chat, chat.operator_id)
    if was_waiting and not chat.by_mail and chat.first_reply_at is None:
        waited = milliseconds(chat.queued_at, closed_at)
        fact = _fact(Kind.ABANDONED, chat, closed_at, total=waited)
    else:
        end = chat.last_at if chat.closed_by == Chat.ClosedBy.SYSTEM else closed_at
        fact = _fact(Kind.CLOSED, chat, closed_at, chat.operator_id, total=milliseconds(chat.started_at, end))
    record(account=chat.account, facts=[fact])


def note_deleted(chat: Chat) -> None:
    """A visitor deletes a chat; one that goes on ends with it."""
    if chat.state != Chat.State.CLOSED:
        note_closed(chat, was_waiting=chat.state == Chat.State.WAITING)


def note_reopened(chat: Chat) -> None:
    """A chat that had ended goes on: that it ended is taken back."""
    take_back(account=chat.account, chat_ref=chat.pk, kinds=ENDS)


def note_rated(chat: Chat, *, before: str = "") -> None:
    """The visitor rated the chat; a rating `before` it is taken back."""
    if before:
        take_back(account=chat.account, chat_ref=chat.pk, kinds=list(RATINGS.values()))
    if chat.rating:
        record(account=chat.account, facts=[_fact(RATINGS[chat.rating], chat, timezone.now(), chat.operator_id)])


def note_tagged(chat: Chat, *, tag_pk: int, on: bool) -> None:
    """A tag was set on a chat, or taken off it again."""
    fact = _fact(Kind.TAGGED, chat, timezone.now(), chat.operator_id, name=str(tag_pk), count=1 if on else -1)
    record(account=chat.account, facts=[fact])


def note_first_replies(replies: Sequence[FirstReply], at: datetime) -> None:
    """First lines of operators in a batch of messages, of any accounts."""
    keys = {reply.account_pk for reply in replies}
    zones = {pk: ZoneInfo(zone) for pk, zone in Account.objects.filter(pk__in=keys).values_list("pk", "time_zone")}
    record_many(
        facts=[
            (
                reply.account_pk,
                zones[reply.account_pk],
                NewFact(
                    Kind.MAIL_REPLY if reply.by_mail else Kind.FIRST_REPLY, at, chat_ref=reply.chat_pk,
                    operator_ref=reply.operator_pk, group_ref=reply.group_pk or 0, total=reply.took_ms,
                ),
            )
            for reply in replies
        ]
    )  # fmt: skip


def _settle(chat: Chat, operator_id: int | None) -> None:
    """The lines and replies since the last time, for who had the chat."""
    settle(
        account=chat.account, chat_ref=chat.pk, at=timezone.now(), operator_ref=operator_id or 0,
        group_ref=chat.group_id or 0, totals=counters_of(chat),
    )  # fmt: skip


def counters_of(chat: Chat) -> dict[str, tuple[int, int]]:
    """A chat's counters as facts count them: kind -> (count, total)."""
    replies = Kind.MAIL_REPLIES if chat.by_mail else Kind.REPLIES
    return {
        str(Kind.VISITOR_LINES): (chat.visitor_lines, 0),
        str(Kind.OPERATOR_LINES): (chat.operator_lines, 0),
        str(replies): (chat.replies, chat.reply_ms),
    }


def note_history(account: Account, chats: Sequence[Chat], first_replies: Sequence[FirstReply]) -> None:
    """Chats of the past that were brought in, with the moments and counters of their rows: three statements for all."""
    facts = [fact for chat in chats for fact in _past(chat)]
    by_chat = {chat.pk: chat for chat in chats}
    for reply in first_replies:
        at = by_chat[reply.chat_pk].first_reply_at
        assert at is not None
        kind = Kind.MAIL_REPLY if reply.by_mail else Kind.FIRST_REPLY
        facts.append(_fact(kind, by_chat[reply.chat_pk], at, reply.operator_pk, total=reply.took_ms))
    record(account=account, facts=facts)


def _past(chat: Chat) -> list[NewFact]:
    facts = [_fact(Kind.STARTED, chat, chat.started_at)]
    if chat.by_mail:
        facts.append(_fact(Kind.BY_MAIL, chat, chat.started_at))
    elif chat.accepted_at is not None:
        wait = milliseconds(chat.queued_at, chat.accepted_at)
        facts.append(_fact(Kind.ACCEPTED, chat, chat.accepted_at, chat.operator_id, total=wait))
    if chat.closed_at is None:
        return facts
    if chat.accepted_at is None and not chat.by_mail:
        return [*facts, _fact(Kind.ABANDONED, chat, chat.closed_at, total=milliseconds(chat.queued_at, chat.closed_at))]
    lasted = milliseconds(chat.started_at, chat.closed_at)
    facts.append(_fact(Kind.CLOSED, chat, chat.closed_at, chat.operator_id, total=lasted))
    for kind, (count, total) in counters_of(chat).items():
        if count:
            facts.append(_fact(kind, chat, chat.closed_at, chat.operator_id, count=count, total=total))
    if chat.rating:
        facts.append(_fact(RATINGS[chat.rating], chat, chat.closed_at, chat.operator_id))
    return facts
