"""What every change of a chat needs: the account's cursor, numbered events, and words to visitor and operators."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from chat.counting import JOINS
from chat.models import Board, Chat, Message
from chat.queue.line import find_place
from chat.realtime import frames
from core.errors import not_found
from core.realtime import control_here_on_commit, control_on_commit, publish_on_commit, send_on_commit
from operators.models import Operator


def lock_queue(*, account: Account) -> int:
    """Takes the next number of the account-wide cursor; the row stays locked until the commit.

    It is the lock of the account's queue: whoever gives, takes or ends a chat takes it first, before any row of a chat
    or an operator, so that one process at a time decides and none waits for another in a circle.
    """
    if Board.objects.filter(account=account).update(cursor=F("cursor") + 1) == 0:
        Board.objects.get_or_create(account=account)
        Board.objects.filter(account=account).update(cursor=F("cursor") + 1)
    return Board.objects.values_list("cursor", flat=True).get(account=account)


next_board_number = lock_queue


def lock_chat(chat_pk: int) -> Chat:
    """A chat with visitor, operator, group and account, its row locked until the commit. Raises Refused `not_found`."""
    chat = Chat.objects.select_for_update(of=("self",)).filter(pk=chat_pk).first()
    if chat is None:
        raise not_found()
    return Chat.objects.select_related("visitor", "operator", "group", "account").get(pk=chat.pk)


def lock_chat_in_queue(chat_pk: int) -> Chat:
    """The same with its account's queue locked first; `board_seq` is the new number. Raises Refused `not_found`."""
    found = Chat.objects.select_related("account").filter(pk=chat_pk).first()
    if found is None:
        raise not_found()
    number = lock_queue(account=found.account)
    chat = lock_chat(chat_pk)
    chat.board_seq = number
    return chat


def tell_line(chat: Chat, message: Message) -> None:
    """Tells everybody who follows a chat of its new line."""
    publish_on_commit(
        frames.rooms_of(chat),
        {"t": "msg", "chat": str(chat.public_id), "line": frames.line_of(message)},
        {"chat": chat.pk, "seq": message.seq},
    )


def add_event(
    *, chat: Chat, event: str, operator: Operator | None = None, of: Message | None = None,
    client_id: uuid.UUID | None = None, is_newest: bool = False,
) -> Message:  # fmt: skip
    """Adds a numbered system line ("joined", "closed", ...) to a chat that the caller has locked.

    `of` is the line that "edited" and "removed" are about; `is_newest`: nothing was said since it.
    """
    chat.last_seq += 1
    chat.last_at = timezone.now()
    if event in JOINS and chat.asked_at is not None:
        chat.asked_at = chat.last_at  # the clock of a reply starts anew for who joins (chat/counting.py)
    chat.save(update_fields=["last_seq", "last_at", "asked_at"])
    message = Message.objects.create(
        account_id=chat.account_id, chat=chat, seq=chat.last_seq, client_id=client_id or uuid.uuid4(),
        author=Message.Author.SYSTEM, operator=operator, event=event, created_at=chat.last_at,
        of_seq=of.seq if of is not None else None,
    )  # fmt: skip
    if of is not None:
        message.of_text, message.is_newest = of.text, is_newest  # type: ignore[attr-defined]  # for frames.line_of
    tell_line(chat, message)
    return message


def tell_state(*, chat: Chat) -> None:
    """Tells the visitor and the account's operators how a chat stands now."""
    shown = frames.chat_for_visitor(chat, *find_place(chat))
    send_on_commit(f"visitor:{chat.visitor_id}", {"t": "chat", "chat": shown})
    tell_card(chat=chat)


def tell_card(*, chat: Chat) -> None:
    """Tells the account's operators how a chat stands now."""
    gone = chat.state == Chat.State.CLOSED
    said = Message.objects.filter(chat=chat, author=Message.Author.VISITOR, seq__gt=chat.operator_read_seq)
    unread = 0 if gone else said.count()
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
    """Has each waiting visitor of the account told their place, at most once a second (chat/realtime/clock.py)."""
    control_here_on_commit("queue", {"account": account.pk, "places": True})


def wake_queue(*, account_pk: int) -> None:
    """Has the queue of an account looked after: somebody may be free, something may be due (chat/realtime/clock.py)."""
    control_here_on_commit("queue", {"account": account_pk, "work": True})


def tell_holder(*, chat: Chat) -> None:
    """Has the holder's consoles follow a chat, and the table of visitors know how it stands (realtime/clock.py)."""
    public_id = str(chat.public_id)
    if chat.operator_id is not None and chat.state == Chat.State.OPEN:
        follow = {"operator": chat.operator_id, "chat": chat.pk, "public_id": public_id, "seq": chat.last_seq}
        control_on_commit("follow", {**follow, "visitor": chat.visitor_id})
    state = {"visitor": chat.visitor_id, "state": chat.state, "chat": public_id}
    control_here_on_commit("visitor_state", state)


def tell_operators(operator_pks: Iterable[int], frame: dict[str, Any]) -> None:
    """Sends a frame to every console of these operators."""
    publish_on_commit([f"operator:{pk}" for pk in operator_pks], frame)
