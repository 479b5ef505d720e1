"""What frames carry: lines, cards and chats as dictionaries (docs/protocol.md), and the rooms they go to."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from chat.models import Chat, Message
from chat.protocol import iso


def rooms_of(chat: Chat) -> list[str]:
    """Every room that gets the lines of a chat: visitor, operator, followers, and all operators while it waits."""
    return rooms_for(chat.pk, chat.account_id, chat.visitor_id, chat.operator_id, chat.state)


def rooms_for(chat_pk: int, account_pk: int, visitor_pk: int, operator_pk: int | None, state: str) -> list[str]:
    """The same from bare ids."""
    rooms = [f"visitor:{visitor_pk}", f"chat:{chat_pk}"]
    if operator_pk is not None:
        rooms.append(f"operator:{operator_pk}")
    if state == Chat.State.WAITING:
        rooms.append(f"account:{account_pk}")
    return rooms


def line(
    seq: int, client_id: Any, by: str, text: str, at: datetime, *, who: str = "", op: int | None = None, event: str = ""
) -> dict[str, Any]:
    """A `line` object."""
    found: dict[str, Any] = {"seq": seq, "id": str(client_id), "by": by, "text": text, "event": event, "at": iso(at)}
    if op is not None:
        found["op"] = op
        found["who"] = who
    return found


def line_of(message: Message) -> dict[str, Any]:
    """The `line` of a stored message (its operator selected)."""
    return line(
        message.seq,
        message.client_id,
        message.author,
        message.text,
        message.created_at,
        who=message.operator.display_name if message.operator else "",
        op=message.operator_id,
        event=message.event,
    )


def person(operator: Any) -> dict[str, Any] | None:
    """`{"id", "name"}` of an operator, or None."""
    return None if operator is None else {"id": operator.pk, "name": operator.display_name}


def chat_for_visitor(chat: Chat, position: int | None = None) -> dict[str, Any]:
    """A `chat` object as its visitor sees it."""
    return {
        "id": str(chat.public_id),
        "state": chat.state,
        "seq": chat.last_seq,
        "read": chat.operator_read_seq,
        "operator": person(chat.operator),
        "position": position,
        "started": iso(chat.started_at),
        "rating": chat.rating,
    }


def card_of(chat: Chat, *, unread: int = 0, online: bool = False) -> dict[str, Any]:
    """A `card`: the chat as operators see it (its visitor and operator selected)."""
    visitor = chat.visitor
    return {
        "id": str(chat.public_id),
        "state": chat.state,
        "seq": chat.last_seq,
        "board": chat.board_seq,
        "name": visitor.shown_name,
        "visitor": str(visitor.public_id),
        "operator": person(chat.operator),
        "started": iso(chat.started_at),
        "accepted": iso(chat.accepted_at) if chat.accepted_at else None,
        "last": {"text": chat.last_text, "at": iso(chat.last_at), "mine": not chat.last_by_visitor},
        "unread": unread,
        "page": {"title": chat.page_title, "url": chat.page_url},
        "peek": visitor.peek_allowed,
        "online": online,
    }


def now_iso() -> str:
    """The server's time as frames say it."""
    return iso(timezone.now())
