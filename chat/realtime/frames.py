"""What frames carry: lines, cards and chats as dictionaries (docs/protocol.md), and the rooms they go to."""

import json
from datetime import datetime
from typing import Any

from django.utils import timezone

from chat.desk.tags import known_names_of
from chat.models import Chat, Message, Note
from chat.realtime.protocol import iso
from core.realtime import encode


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
    """The `line` of a stored message (its operator selected); of a change what the changed line says now."""
    found = line(
        message.seq,
        message.client_id,
        message.author,
        message.text,
        message.created_at,
        who=message.operator.display_name if message.operator else "",
        op=message.operator_id,
        event=message.event,
    )
    if message.of_seq is not None:
        found["of"], found["text"] = message.of_seq, getattr(message, "of_text", "")
        if getattr(message, "is_newest", False):
            found["newest"] = True
    if message.file is not None:
        found["file"] = message.file
    if message.removed_at is not None:
        found["removed"] = True
    elif message.edited_at is not None:
        found["edited"] = True
    return found


def note_of(note: Note, after: int) -> dict[str, Any]:
    """A `note` object (its operator selected); `after` is the newest line that stood when it was written.

    Never for a room of a visitor: operators only.
    """
    return {
        "id": str(note.client_id),
        "kind": note.kind,
        "text": note.text,
        "by": person(note.operator),
        "mentions": note.mentions,
        "at": iso(note.created_at),
        "after": after,
    }


def person(operator: Any) -> dict[str, Any] | None:
    """`{"id", "name"}` of an operator, or None."""
    return None if operator is None else {"id": operator.pk, "name": operator.display_name}


def group_of(chat: Chat) -> dict[str, Any] | None:
    """`{"id", "name"}` of a chat's group, or None."""
    return {"id": chat.group.pk, "name": chat.group.name} if chat.group is not None else None


def chat_for_visitor(chat: Chat, position: int | None = None, wait: int | None = None) -> dict[str, Any]:
    """A `chat` object as its visitor sees it; `position` and `wait` (seconds) only while it waits live."""
    return {
        "id": str(chat.public_id),
        "state": chat.state,
        "seq": chat.last_seq,
        "read": chat.operator_read_seq,
        "operator": person(chat.operator),
        "position": position,
        "wait": wait,
        "mail": chat.by_mail,
        "group": group_of(chat),
        "started": iso(chat.started_at),
        "rating": chat.rating,
    }


def card_of(chat: Chat, *, unread: int = 0, online: bool = False) -> dict[str, Any]:
    """A `card`: the chat as operators see it (its visitor and operator selected)."""
    visitor = chat.visitor
    names = known_names_of(chat)  # left out where nobody read them: a client keeps those that it has
    return {
        **({} if names is None else {"tags": names}),
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
        "mail": chat.by_mail,
        "group": group_of(chat),
    }


def hide_operators(frame: str, company: str) -> str:
    """A frame to a visitor without names and keys of operators: the company speaks (ChatSettings.show_operators)."""
    return encode(hide_names(json.loads(frame), company))


def hide_names(value: Any, company: str) -> Any:
    """The same for what a frame, or a download, is made of."""
    if isinstance(value, list):
        return [hide_names(one, company) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: hide_names(one, company) for name, one in value.items()}
    if "who" in found:
        found["who"] = company
    if "op" in found:
        found["op"] = 0
    if found.get("operator"):
        found["operator"] = {"id": 0, "name": company}
    if "operators" in found:
        found["operators"] = []
    return found


def now_iso() -> str:
    """The server's time as frames say it."""
    return iso(timezone.now())
