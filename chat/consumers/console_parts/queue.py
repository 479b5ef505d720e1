"""What the queue adds to the console's socket: who is here, and chats that were given to an operator."""

from typing import Any
from uuid import UUID

from chat.models import Chat
from chat.realtime import attendance
from chat.realtime.clock import clock
from core.realtime import hub

HANDLERS: dict[type, Any] = {}
RIGHTS: dict[type, str] = {}

SESSIONS: dict[int, set[Any]] = {}  # operator -> the sessions of this process


def arrive(session: Any) -> None:
    """A console is open: its operator is here, and room for another chat with them."""
    SESSIONS.setdefault(session.operator.pk, set()).add(session)
    attendance.arrive(session.operator.pk)
    if session.operator.status == "accepting":
        clock.work(session.membership.account_id)


def depart(session: Any) -> None:
    """A console was closed; the operator's last one starts a minute in which they may come back."""
    others = SESSIONS.get(session.operator.pk, set())
    if session not in others:
        return
    others.discard(session)
    if not others:
        SESSIONS.pop(session.operator.pk, None)
    if attendance.depart(session.operator.pk):
        clock.expect(session.operator.pk)


def _hear_follow(ids: dict[str, Any]) -> None:
    """A chat was given to an operator: their consoles follow it from now on, so that no last line of it is lost."""
    chat = Chat(
        pk=ids["chat"], public_id=UUID(ids["public_id"]), last_seq=ids["seq"], visitor_id=ids["visitor"]
    )  # a bare row for its numbers, never saved
    for session in SESSIONS.get(ids["operator"], ()):
        session._follow(chat)


hub.on_control("follow", _hear_follow)
