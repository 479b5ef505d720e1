"""Posting messages: the hot path. One batch is four statements, whatever its size (PERFORMANCE.md, goal G1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.actions.recording import FirstReply, note_first_replies
from chat.counting import milliseconds
from chat.models import Chat, Message
from core.bulk import db_time, db_uuid, insert_rows, update_rows
from core.errors import Refused, not_found
from core.redaction import mask_secrets

PREVIEW = 200


@dataclass(slots=True)
class NewMessage:
    """A message on its way. `operator_pk` is None for a visitor; `visitor_pk` None for an operator.

    `account_pk` is that of the sender's own socket or session: a chat of another account does not exist for it.
    `supervises` lets owners and admins write into a chat that a colleague has.
    """

    account_pk: int
    chat_pk: int
    client_id: UUID
    text: str
    operator_pk: int | None = None
    visitor_pk: int | None = None
    supervises: bool = False


@dataclass(slots=True)
class Posted:
    """What became of it: the number and time that the chat gave it. `is_new` is False for a harmless resend."""

    chat_pk: int
    account_pk: int
    operator_pk: int | None  # who has the chat
    visitor_pk: int
    state: str
    seq: int
    at: datetime
    is_new: bool


@dataclass(slots=True)
class _Row:
    account_pk: int
    state: str
    operator_pk: int | None
    visitor_pk: int
    seq: int
    count: int
    group_pk: int | None
    by_mail: bool
    asked_at: Any  # as the database gives it: read only when somebody answers (chat/counting.py says the rules)
    first_reply_at: Any
    visitor_lines: int
    operator_lines: int
    replies: int
    reply_ms: int
    text: str = ""
    by_visitor: bool = True
    changed: bool = False

    def count_visitor(self, stored_at: Any) -> None:
        """A line of the visitor, as chat/counting.py counts it."""
        self.visitor_lines += 1
        if self.asked_at is None:
            self.asked_at = stored_at

    def count_operator(self, now: datetime, stored_at: Any) -> int | None:
        """A line of an operator; answers the milliseconds to it when it is the chat's first reply."""
        self.operator_lines += 1
        if self.asked_at is None:
            return None
        took = milliseconds(_aware(self.asked_at), now)
        self.replies, self.reply_ms, self.asked_at = self.replies + 1, self.reply_ms + took, None
        if self.first_reply_at is not None:
            return None
        self.first_reply_at = stored_at
        return took


MESSAGE_COLUMNS = (
    ("account_id", "bigint"),
    ("chat_id", "bigint"),
    ("seq", "integer"),
    ("client_id", "uuid"),
    ("author", "text"),
    ("operator_id", "bigint"),
    ("event", "text"),
    ("text", "text"),
    ("created_at", "timestamptz"),
)
CHAT_COLUMNS = (
    ("last_seq", "integer"),
    ("message_count", "integer"),
    ("last_text", "text"),
    ("last_at", "timestamptz"),
    ("last_by_visitor", "boolean"),
    ("asked_at", "timestamptz"),
    ("first_reply_at", "timestamptz"),
    ("visitor_lines", "integer"),
    ("operator_lines", "integer"),
    ("replies", "integer"),
    ("reply_ms", "bigint"),
)
CHAT_KEY = ("id", "bigint")


def post_messages(messages: Sequence[NewMessage]) -> list["Posted | Refused"]:
    """Stores messages of any number of chats inside the caller's transaction, in the given order.

    Each gets the next number of its chat. A repeat of (chat, client_id) answers the first result when the text is
    the same, else `conflict`. Card numbers, IBANs and keys in the texts are masked first (P15). Refusals per message:
    `not_found`, `closed`, `not_allowed`, `conflict` (S25).
    """
    for message in messages:
        message.text = mask_secrets(message.text)
    now = timezone.now()
    stored_at = db_time(now)
    chats = _lock_chats(sorted({message.chat_pk for message in messages}))
    known = _find_known(messages)
    outcomes: list[Posted | Refused] = []
    rows: list[tuple[Any, ...]] = []
    firsts: list[FirstReply] = []
    for message in messages:
        chat = chats.get(message.chat_pk)
        if chat is None or _is_foreign(message, chat):
            outcomes.append(not_found())
            continue
        first = known.get((message.chat_pk, message.client_id))
        if first is not None:  # also in a chat that has ended since: it is stored, and its sender must hear that
            outcomes.append(_repeat(message, chat, *first))
            continue
        refusal = _why_not(message, chat)
        if refusal is not None:
            outcomes.append(refusal)
            continue
        chat.seq += 1
        chat.count += 1
        chat.text, chat.by_visitor, chat.changed = message.text[:PREVIEW], message.operator_pk is None, True
        first_reply = _count(chat, message, now, stored_at)
        if first_reply is not None:
            firsts.append(first_reply)
        known[(message.chat_pk, message.client_id)] = (chat.seq, message.text, now)
        rows.append(
            (
                chat.account_pk, message.chat_pk, chat.seq, db_uuid(message.client_id),
                "visitor" if message.operator_pk is None else "operator", message.operator_pk, "", message.text,
                stored_at,
            )
        )  # fmt: skip
        outcomes.append(
            Posted(
                message.chat_pk, chat.account_pk, chat.operator_pk, chat.visitor_pk, chat.state, chat.seq, now,
                is_new=True,
            )
        )  # fmt: skip
    if rows:
        _store(rows, chats, stored_at)
    if firsts:
        note_first_replies(firsts, now)
    return outcomes


def _store(rows: list[tuple[Any, ...]], chats: dict[int, _Row], stored_at: Any) -> None:
    """The lines, and what their chats have counted with them: two statements."""
    insert_rows(Message._meta.db_table, MESSAGE_COLUMNS, rows)
    update_rows(
        Chat._meta.db_table,
        CHAT_KEY,
        CHAT_COLUMNS,
        [
            (
                c.seq, c.count, c.text, stored_at, c.by_visitor, c.asked_at, c.first_reply_at, c.visitor_lines,
                c.operator_lines, c.replies, c.reply_ms, pk,
            )
            for pk, c in chats.items()
            if c.changed
        ],
    )  # fmt: skip


def _count(chat: _Row, message: NewMessage, now: datetime, stored_at: Any) -> FirstReply | None:
    """Counts a line; answers the chat's first reply when it is that."""
    if message.operator_pk is None:
        chat.count_visitor(stored_at)
        return None
    took = chat.count_operator(now, stored_at)
    if took is None:
        return None
    return FirstReply(chat.account_pk, message.chat_pk, message.operator_pk, chat.group_pk, chat.by_mail, took)


def _lock_chats(pks: list[int]) -> dict[int, _Row]:
    """The chats' rows, locked until the commit (on SQLite the transaction itself is the lock), in key order."""
    lock = "FOR UPDATE" if connection.vendor == "postgresql" else ""
    marks = ", ".join(["%s"] * len(pks))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, account_id, state, operator_id, visitor_id, last_seq, message_count, group_id, by_mail, "  # noqa: S608
            "asked_at, first_reply_at, visitor_lines, operator_lines, replies, reply_ms FROM chat_chat "
            f"WHERE id IN ({marks}) ORDER BY id {lock}",
            pks,
        )
        return {row[0]: _Row(*row[1:]) for row in cursor.fetchall()}


def _find_known(messages: Sequence[NewMessage]) -> dict[tuple[int, UUID], tuple[int, str, datetime]]:
    """(chat, client id) -> (seq, text, time) of those that were stored before."""
    wanted: list[Any] = []
    for message in messages:
        wanted += [message.chat_pk, db_uuid(message.client_id)]
    pair = "(%s::bigint, %s::uuid)" if connection.vendor == "postgresql" else "(%s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH wanted(chat, client) AS (VALUES {', '.join([pair] * len(messages))}) "  # noqa: S608
            "SELECT m.chat_id, m.client_id, m.seq, m.text, m.created_at FROM wanted "
            "JOIN chat_message m ON m.chat_id = wanted.chat AND m.client_id = wanted.client",
            wanted,
        )
        return {
            (row[0], row[1] if isinstance(row[1], UUID) else UUID(row[1])): (row[2], row[3], _aware(row[4]))
            for row in cursor.fetchall()
        }


def _aware(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if timezone.is_aware(value) else timezone.make_aware(value, timezone.get_default_timezone())


def _is_foreign(message: NewMessage, chat: _Row) -> bool:
    """Whether the chat does not exist for who sends."""
    is_strange = message.operator_pk is None and chat.visitor_pk != message.visitor_pk
    return is_strange or chat.account_pk != message.account_pk


def _why_not(message: NewMessage, chat: _Row) -> Refused | None:
    if message.operator_pk is not None and chat.state == Chat.State.WAITING:
        return Refused("waiting", _("Nobody has this chat yet. Accept it first."), status=409)
    if message.operator_pk not in (None, chat.operator_pk) and not message.supervises:
        return Refused("not_allowed", _("This chat is with somebody else. Take it over first."), status=403)
    if chat.state == Chat.State.CLOSED:
        return Refused("closed", _("This chat has ended."), status=409)
    return None


def _repeat(message: NewMessage, chat: _Row, seq: int, text: str, at: datetime) -> "Posted | Refused":
    if text != message.text:
        return Refused("conflict", _("This message was sent before with another text."), status=409)
    return Posted(
        message.chat_pk, chat.account_pk, chat.operator_pk, chat.visitor_pk, chat.state, seq, at, is_new=False
    )
