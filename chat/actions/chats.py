"""The life of a chat: start, accept, close, rate, read marks. Each change tells visitor and operators on commit."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.scoping import account_scope
from chat import frames
from chat.models import Board, Chat, Message, Visitor
from chat.queries import find_position, list_silent, list_waiting
from core.errors import Refused, not_found
from core.realtime import publish_on_commit, send_on_commit
from operators.actions import change_open_chats
from operators.models import Operator

SILENT = timedelta(days=7)  # the shortest time for which a company can keep chats


def refuse_read_only(account: Account) -> None:
    """Raises Refused `read_only` when the trial is over and nobody prolonged it (S11)."""
    if account.is_read_only():
        raise Refused("read_only", _("This chat is closed. The company's trial has ended."), status=403)


@transaction.atomic
def start_chat(
    *, visitor: Visitor, client_id: uuid.UUID, text: str, name: str = "", email: str = "", page_url: str = "",
    page_title: str = "", adult: bool = False,
) -> Chat:  # fmt: skip
    """Starts the visitor's chat with a first message, at the end of the queue (S25).

    A repeat with the same client id answers the chat that it started. Raises Refused: `read_only`, `underage` (the
    widget asks for 13 or older and got no yes), `taken` (another chat of this visitor is still open).
    """
    account = visitor.account
    refuse_read_only(account)
    locked = Visitor.objects.select_for_update(of=("self",)).select_related("widget", "account")
    found = locked.filter(pk=visitor.pk).first()
    if found is None:  # deleted at the visitor's own wish
        raise not_found()
    visitor = found
    live = Chat.objects.select_related("operator").filter(visitor=visitor).exclude(state=Chat.State.CLOSED).first()
    if live is not None:
        if Message.objects.filter(chat=live, client_id=client_id).exists():
            return live
        raise Refused("taken", _("Your chat is open already."), status=409)
    earlier = Message.objects.select_related("chat").filter(chat__visitor=visitor, client_id=client_id).first()
    if earlier is not None:
        return earlier.chat
    if visitor.widget.ask_thirteen and not adult:
        raise Refused("underage", _("This chat is for people who are 13 or older. Nothing was kept."), status=403)
    visitor.name, visitor.email = name or visitor.name, email or visitor.email
    visitor.page_url, visitor.page_title = page_url or visitor.page_url, page_title or visitor.page_title
    visitor.save(update_fields=["name", "email", "page_url", "page_title"])
    now = timezone.now()
    chat = Chat.objects.create(
        account=account, widget=visitor.widget, visitor=visitor, started_at=now, last_at=now,
        page_url=visitor.page_url, page_title=visitor.page_title, board_seq=next_board_number(account=account),
    )  # fmt: skip
    message = Message.objects.create(
        account=account, chat=chat, seq=1, client_id=client_id, author=Message.Author.VISITOR, text=text, created_at=now
    )
    chat.last_seq = chat.message_count = 1
    chat.last_text = text[:200]
    chat.save(update_fields=["last_seq", "message_count", "last_text"])
    _tell_line(chat, message)
    tell_state(chat=chat)
    return chat


def _tell_line(chat: Chat, message: Message) -> None:
    publish_on_commit(
        frames.rooms_of(chat),
        {"t": "msg", "chat": str(chat.public_id), "line": frames.line_of(message)},
        {"chat": chat.pk, "seq": message.seq},
    )


def next_board_number(*, account: Account) -> int:
    """Takes the next number of the account-wide cursor; the row stays locked until the commit."""
    if Board.objects.filter(account=account).update(cursor=F("cursor") + 1) == 0:
        Board.objects.get_or_create(account=account)
        Board.objects.filter(account=account).update(cursor=F("cursor") + 1)
    return Board.objects.values_list("cursor", flat=True).get(account=account)


def add_event(*, chat: Chat, event: str, operator: Operator | None = None) -> Message:
    """Adds a numbered system line ("joined", "closed", ...) to a chat that the caller has locked."""
    chat.last_seq += 1
    chat.last_at = timezone.now()
    chat.save(update_fields=["last_seq", "last_at"])
    message = Message.objects.create(
        account_id=chat.account_id, chat=chat, seq=chat.last_seq, client_id=uuid.uuid4(), author=Message.Author.SYSTEM,
        operator=operator, event=event, created_at=chat.last_at,
    )  # fmt: skip
    _tell_line(chat, message)
    return message


def tell_state(*, chat: Chat) -> None:
    """Tells the visitor and the account's operators how a chat stands now."""
    position = find_position(chat) if chat.state == Chat.State.WAITING else None
    send_on_commit(f"visitor:{chat.visitor_id}", {"t": "chat", "chat": frames.chat_for_visitor(chat, position)})
    unread = max(0, chat.last_seq - chat.operator_read_seq)
    gone = chat.state == Chat.State.CLOSED
    publish_on_commit(
        [f"account:{chat.account_id}"],
        {
            "t": "board",
            "cursor": chat.board_seq,
            "cards": [frames.card_of(chat, unread=unread, online=True)],
            "gone": [str(chat.public_id)] if gone else [],
        },
        {"account": chat.account_id, "cursor": chat.board_seq},
    )


def tell_positions(*, account: Account) -> None:
    """Tells each waiting visitor their place in the queue."""
    for position, chat in enumerate(list_waiting(account), start=1):
        send_on_commit(f"visitor:{chat.visitor_id}", {"t": "chat", "chat": frames.chat_for_visitor(chat, position)})


def _lock_chat(chat_pk: int) -> Chat:
    chat = Chat.objects.select_for_update(of=("self",)).filter(pk=chat_pk).first()
    if chat is None:
        raise not_found()
    return Chat.objects.select_related("visitor", "operator", "account").get(pk=chat.pk)


@transaction.atomic
def accept_chat(*, operator: Operator, chat_pk: int | None = None) -> Chat:
    """Gives a waiting chat to an operator; without `chat_pk` the one that waits longest.

    Raises Refused: `empty` (nobody waits), `taken` (a colleague was faster), `limit` (as many chats as allowed),
    `read_only`, `not_found`. Of any number of operators who accept one chat exactly one gets it.
    """
    refuse_read_only(operator.account)
    operator = Operator.objects.select_for_update(of=("self",)).select_related("account").get(pk=operator.pk)
    if operator.open_chats >= operator.chat_limit:
        raise Refused("limit", _("You have as many chats as you allow yourself. Close one first."), status=409)
    if chat_pk is None:
        waiting = list_waiting(operator.account)
        if not waiting:
            raise Refused("empty", _("Nobody is waiting."), status=409)
        chat_pk = waiting[0].pk
    now = timezone.now()
    taken = Chat.objects.filter(pk=chat_pk, state=Chat.State.WAITING).update(
        state=Chat.State.OPEN, operator=operator, accepted_at=now
    )
    chat = _lock_chat(chat_pk)
    if not taken:
        if chat.state == Chat.State.OPEN and chat.operator_id == operator.pk:
            return chat
        name = chat.operator.display_name if chat.operator else ""
        sentence = _("%(name)s took this chat.") % {"name": name} if name else _("This visitor has left.")
        raise Refused("taken", sentence, status=409)
    change_open_chats(operator_id=operator.pk, by=1)
    chat.board_seq = next_board_number(account=operator.account)
    chat.save(update_fields=["board_seq"])
    add_event(chat=chat, event="joined", operator=operator)
    tell_state(chat=chat)
    tell_positions(account=operator.account)
    return chat


@transaction.atomic
def close_chat(*, chat_pk: int, by: str, operator: Operator | None = None, supervises: bool = False) -> Chat:
    """Ends a chat; ending an ended chat changes nothing. `by` is a Chat.ClosedBy.

    Raises Refused `not_found`; `not_allowed` when a colleague has the chat and `supervises` is False.
    """
    chat = _lock_chat(chat_pk)
    if chat.state == Chat.State.CLOSED:
        return chat
    if operator is not None and chat.operator_id not in (None, operator.pk) and not supervises:
        raise Refused("not_allowed", _("This chat is with somebody else."), status=403)
    was_waiting, holder = chat.state == Chat.State.WAITING, chat.operator_id
    chat.state, chat.closed_at, chat.closed_by = Chat.State.CLOSED, timezone.now(), by
    chat.board_seq = next_board_number(account=chat.account)
    chat.save(update_fields=["state", "closed_at", "closed_by", "board_seq"])
    if holder is not None:
        change_open_chats(operator_id=holder, by=-1)
    event = "left" if by == Chat.ClosedBy.VISITOR else "closed"
    add_event(chat=chat, event=event, operator=operator)
    tell_state(chat=chat)
    if was_waiting:
        tell_positions(account=chat.account)
    return chat


def close_silent_chats(*, now: datetime | None = None, limit: int = 500) -> int:
    """Closes chats that everybody has left: what never ends would never be deleted (S26). Answers how many."""
    before = (now or timezone.now()) - SILENT
    closed = 0
    for chat_pk, account in list_silent(before, limit):
        with account_scope(account), transaction.atomic():
            if _lock_chat(chat_pk).last_at < before:  # nobody has written meanwhile
                close_chat(chat_pk=chat_pk, by=Chat.ClosedBy.SYSTEM)
                closed += 1
    return closed


@transaction.atomic
def rate_chat(*, chat_pk: int, value: str, comment: str = "") -> Chat:
    """Stores the visitor's rating, once per chat (S24). Raises Refused: `taken`, `not_found`."""
    chat = _lock_chat(chat_pk)
    if chat.rating:
        raise Refused("taken", _("You rated this chat already. Thank you."), status=409)
    chat.rating, chat.rating_comment = value, comment[:1000]
    chat.save(update_fields=["rating", "rating_comment"])
    add_event(chat=chat, event="rated")
    tell_state(chat=chat)
    return chat


@transaction.atomic
def mark_read(*, chat_pk: int, seq: int, by_visitor: bool) -> int:
    """Moves a read mark forward, never past the newest line and never back. Answers where it stands."""
    field = "visitor_read_seq" if by_visitor else "operator_read_seq"
    moved = Chat.objects.filter(pk=chat_pk, last_seq__gte=seq, **{f"{field}__lt": seq}).update(**{field: seq})
    rows = Chat.objects.filter(pk=chat_pk)
    chat: Any = rows.values("account_id", "visitor_id", "operator_id", "state", "public_id", field).first()
    if chat is None:
        raise not_found()
    if moved:
        rooms = frames.rooms_for(chat_pk, chat["account_id"], chat["visitor_id"], chat["operator_id"], Chat.State.OPEN)
        rooms = rooms[1:] if by_visitor else rooms[:1]
        publish_on_commit(rooms, {"t": "read", "chat": str(chat["public_id"]), "seq": seq})
    return int(chat[field])
