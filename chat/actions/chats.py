"""The life of a chat: start, accept, close, rate, read marks. Each change tells visitor and operators on commit."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.queue import give_chat, give_out
from chat.actions.recording import note_closed, note_rated, note_started
from chat.actions.telling import (
    add_event,
    lock_chat,
    lock_chat_in_queue,
    next_board_number,
    tell_line,
    tell_positions,
    tell_state,
    wake_queue,
)
from chat.models import KNOWN, Chat, Draft, Message, Visitor
from chat.queries import find_chat_settings, list_silent
from chat.queue.line import is_full, list_acceptable, may_accept
from chat.realtime import frames
from core.errors import Refused, not_found
from core.realtime import publish_on_commit
from core.redaction import mask_secrets
from operators.actions import change_open_chats
from operators.models import Group, Operator

SILENT = timedelta(days=7)  # the shortest time for which a company can keep chats


def refuse_read_only(account: Account) -> None:
    """Raises Refused `read_only` when the trial is over and nobody prolonged it (S11)."""
    if account.is_read_only():
        raise Refused("read_only", _("This chat is closed. The company's trial has ended."), status=403)


@transaction.atomic
def start_chat(
    *, visitor: Visitor, client_id: uuid.UUID, text: str, name: str = "", email: str = "", page_url: str = "",
    page_title: str = "", adult: bool = False, answers: Sequence[dict[str, str]] = (), by_mail: bool = False,
    group_id: int | None = None,
) -> Chat:  # fmt: skip
    """Starts the visitor's chat with a first message: with an operator who is free, or at the end of the queue (S25).

    `answers` are those of the form before the chat, checked (window/prechat.py); `by_mail`: the answer goes by e-mail.
    `group_id` is the group that the visitor chose; without one the widget's own counts.

    A repeat with the same client id answers the chat that it started. Raises Refused: `read_only`, `underage` (the
    widget asks for 13 or older and got no yes), `taken` (another chat of this visitor is still open), `bad_group`,
    `queue_full` (nothing is kept; the same with `by_mail` is taken), `bad_email` (by mail, and no address is known).
    """
    account, text = visitor.account, mask_secrets(text)
    refuse_read_only(account)
    locked = Visitor.objects.select_for_update(of=("self",)).select_related("widget", "account")
    found = locked.filter(KNOWN, pk=visitor.pk).first()
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
    group = _find_group(visitor, group_id)
    visitor.name, visitor.email = name or visitor.name, email or visitor.email
    if by_mail and not visitor.email:
        raise Refused("bad_email", _("Enter your e-mail, so that we can answer you."))
    visitor.page_url, visitor.page_title = page_url or visitor.page_url, page_title or visitor.page_title
    visitor.save(update_fields=["name", "email", "page_url", "page_title"])
    now = timezone.now()
    chat = Chat.objects.create(
        account=account, widget=visitor.widget, visitor=visitor, started_at=now, last_at=now, queued_at=now,
        group=group,
        page_url=visitor.page_url, page_title=visitor.page_title, board_seq=next_board_number(account=account),
        answers=list(answers), by_mail=by_mail,
    )  # fmt: skip
    message = Message.objects.create(
        account=account, chat=chat, seq=1, client_id=client_id, author=Message.Author.VISITOR, text=text, created_at=now
    )
    chat.last_seq = chat.message_count = 1
    chat.last_text = text[:200]
    chat.visitor_lines, chat.asked_at = 1, now
    chat.save(update_fields=["last_seq", "message_count", "last_text", "visitor_lines", "asked_at"])
    note_started(chat)
    tell_line(chat, message)
    if not by_mail:
        return _enter_queue(chat, group)
    tell_state(chat=chat)
    return chat


def _find_group(visitor: Visitor, group_id: int | None) -> Group | None:
    """The group of a new chat. Raises Refused `bad_group`."""
    if group_id is None:
        return visitor.widget.group
    found: Group | None = Group.of(visitor.account).filter(pk=group_id).first()
    if found is None:
        raise Refused("bad_group", _("Choose one of the groups."))
    return found


def _enter_queue(chat: Chat, group: Group | None) -> Chat:
    """Gives a new chat to an operator who is free, or leaves it in the queue. Raises Refused `queue_full`."""
    settings = find_chat_settings(chat.account)
    given = {one.pk: one for one in give_out(account=chat.account)}
    if chat.pk in given:
        return given[chat.pk]
    if is_full(chat.account, settings, group):
        sentence = _("Very many people are waiting just now. Leave your e-mail and we answer you there.")
        raise Refused("queue_full", sentence, status=409)
    tell_state(chat=chat)
    wake_queue(account_pk=chat.account_id)
    return chat


@transaction.atomic
def accept_chat(*, operator: Operator, chat_pk: int | None = None) -> Chat:
    """Gives a waiting chat to an operator; without `chat_pk` the one that waits longest of those they may take.

    Raises Refused: `empty` (nobody waits), `taken` (a colleague was faster), `limit` (as many chats as allowed),
    `not_allowed` (the chat is for a group that they are not in), `read_only`, `not_found`. Of any number of operators
    who accept one chat exactly one gets it (S22).
    """
    account = operator.account
    refuse_read_only(account)
    number = next_board_number(account=account)  # the lock of the queue
    operator = Operator.objects.select_related("account", "membership__user").get(pk=operator.pk)
    if operator.membership is None or not operator.membership.user.is_active:  # removed a moment ago
        raise not_found()
    if operator.open_chats >= operator.chat_limit:
        raise Refused("limit", _("You have as many chats as you allow yourself. Close one first."), status=409)
    if chat_pk is None:
        longest = list_acceptable(operator, operator.membership).first()
        if longest is None:
            raise Refused("empty", _("Nobody is waiting."), status=409)
        chat_pk = longest.pk
    chat = lock_chat(chat_pk)
    if chat.state != Chat.State.WAITING:
        if chat.state == Chat.State.OPEN and chat.operator_id == operator.pk:
            return chat
        name = chat.operator.display_name if chat.operator else ""
        sentence = _("%(name)s took this chat.") % {"name": name} if name else _("This visitor has left.")
        raise Refused("taken", sentence, status=409)
    if not may_accept(operator, operator.membership, chat):
        sentence = _("This chat is for the group %(group)s.") % {"group": chat.group.name if chat.group else ""}
        raise Refused("not_allowed", sentence, status=403)
    chat.board_seq = number
    settings = find_chat_settings(account)
    if not give_chat(chat=chat, operator=operator, settings=settings, now=timezone.now()):
        raise Refused("limit", _("You have as many chats as you allow yourself. Close one first."), status=409)
    return chat


@transaction.atomic
def close_chat(*, chat_pk: int, by: str, operator: Operator | None = None, supervises: bool = False) -> Chat:
    """Ends a chat; ending an ended chat changes nothing. `by` is a Chat.ClosedBy.

    Raises Refused `not_found`; `not_allowed` when a colleague has the chat and `supervises` is False.
    """
    chat = lock_chat_in_queue(chat_pk)
    if chat.state == Chat.State.CLOSED:
        return chat
    if operator is not None and chat.operator_id not in (None, operator.pk) and not supervises:
        raise Refused("not_allowed", _("This chat is with somebody else."), status=403)
    was_waiting, holder = chat.state == Chat.State.WAITING, chat.operator_id
    chat.state, chat.closed_at, chat.closed_by = Chat.State.CLOSED, timezone.now(), by
    chat.answer_due_at = None
    chat.save(update_fields=["state", "closed_at", "closed_by", "answer_due_at", "board_seq"])
    note_closed(chat, was_waiting=was_waiting)
    if holder is not None:
        change_open_chats(operator_id=holder, by=-1)
    Draft.objects.filter(chat=chat).delete()
    event = "left" if by == Chat.ClosedBy.VISITOR else "closed"
    add_event(chat=chat, event=event, operator=operator)
    tell_state(chat=chat)
    if was_waiting:
        tell_positions(account=chat.account)
    if holder is not None:
        wake_queue(account_pk=chat.account_id)
    return chat


def close_silent_chats(*, now: datetime | None = None, limit: int = 500) -> int:
    """Closes chats that everybody has left: what never ends would never be deleted (S26). Answers how many."""
    before = (now or timezone.now()) - SILENT
    closed = 0
    for chat_pk, account in list_silent(before, limit):
        with account_scope(account), transaction.atomic():
            if lock_chat(chat_pk).last_at < before:  # nobody has written meanwhile
                close_chat(chat_pk=chat_pk, by=Chat.ClosedBy.SYSTEM)
                closed += 1
    return closed


@transaction.atomic
def rate_chat(*, chat_pk: int, value: str, comment: str = "") -> Chat:
    """Stores the visitor's rating, once per ended chat (S24). Raises Refused: `taken`, `not_ended`, `not_found`."""
    chat = lock_chat(chat_pk)
    if not chat.visitor.is_known:
        raise not_found()
    if chat.state != Chat.State.CLOSED:
        raise Refused("not_ended", _("You can rate the chat when it has ended."), status=409)
    if chat.rating:
        raise Refused("taken", _("You rated this chat already. Thank you."), status=409)
    chat.rating, chat.rating_comment = value, mask_secrets(comment[:1000])
    chat.save(update_fields=["rating", "rating_comment"])
    note_rated(chat)
    add_event(chat=chat, event="rated")
    tell_state(chat=chat)
    return chat


@transaction.atomic
def mark_read(*, chat_pk: int, seq: int, by_visitor: bool) -> int:
    """Moves a read mark forward, never past the newest line and never back. Answers where it stands."""
    field = "visitor_read_seq" if by_visitor else "operator_read_seq"
    moved = Chat.objects.filter(pk=chat_pk, last_seq__gte=seq, **{f"{field}__lt": seq}).update(**{field: seq})
    rows = Chat.objects.filter(pk=chat_pk)
    told = ("account_id", "visitor_id", "operator_id", "state", "public_id", "visitor__alias", field)
    chat: Any = rows.values(*told).first()
    if chat is None or (by_visitor and chat["visitor__alias"] is not None):
        raise not_found()
    if moved:
        rooms = frames.rooms_for(chat_pk, chat["account_id"], chat["visitor_id"], chat["operator_id"], Chat.State.OPEN)
        rooms = rooms[1:] if by_visitor else rooms[:1]
        publish_on_commit(rooms, {"t": "read", "chat": str(chat["public_id"]), "seq": seq})
    return int(chat[field])
