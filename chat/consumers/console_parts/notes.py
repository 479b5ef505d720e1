"""Notes from the console: write one, read those of a chat, and those that named an operator who was away."""

from typing import Any, Literal
from uuid import UUID

from accounts.roles import can
from chat import queries
from chat.actions.notes import add_note
from chat.realtime import frames
from chat.realtime.live import live
from chat.realtime.protocol import Command, Key


class WriteNote(Command, tag="note"):
    chat: UUID
    id: UUID
    text: str
    kind: Literal["note", "whisper"] = "note"
    mentions: list[Key] = []


class ListNotes(Command, tag="notes"):
    chat: UUID


class ListMentions(Command, tag="mentions"):
    pass


async def note(consumer: Any, command: WriteNote) -> None:
    text = consumer.check_message(command.text)
    state = await consumer._state(command.chat)
    operator, supervises = consumer.operator, can(consumer.membership, "chats.supervise")
    await live.act(
        consumer.own_account,
        lambda: add_note(
            chat_pk=state.pk, operator=operator, client_id=command.id, text=text, kind=command.kind,
            mentions=command.mentions, supervises=supervises,
        ),
    )  # fmt: skip
    consumer.send({"t": "ack", "id": str(command.id), "chat": state.public_id})


async def notes(consumer: Any, command: ListNotes) -> None:
    state = await consumer._state(command.chat)
    found = await live.read(consumer.account, lambda: queries.list_notes(state.pk))
    rows = [frames.note_of(one, one.after) for one in found]  # type: ignore[attr-defined]  # annotated
    consumer.send({"t": "notes", "chat": state.public_id, "notes": rows})


async def mentions(consumer: Any, command: ListMentions) -> None:
    """Who was not here when a colleague named them hears of it now, once for a connection."""
    operator = consumer.operator
    since = operator.seen_at  # as it was read when this console came
    found = await live.read(consumer.account, lambda: queries.list_mentions_of(operator, since))
    for one in found:
        told = {"t": "note", "chat": str(one.chat.public_id), "name": one.chat.visitor.shown_name, "late": True}
        consumer.send(told | {"note": frames.note_of(one, one.chat.last_seq)})


HANDLERS: dict[type, Any] = {WriteNote: note, ListNotes: notes, ListMentions: mentions}
RIGHTS: dict[type, str] = {WriteNote: "chats.answer", ListNotes: "chats.read", ListMentions: "chats.read"}
