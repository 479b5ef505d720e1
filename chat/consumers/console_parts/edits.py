"""Changing own lines from the console, and reading what lines said before."""

from typing import Any
from uuid import UUID

from chat import queries
from chat.actions import edits
from chat.realtime.live import live
from chat.realtime.protocol import Command, Seq, iso


class EditLine(Command, tag="edit"):
    chat: UUID
    id: UUID
    seq: Seq
    text: str


class RemoveLine(Command, tag="remove"):
    chat: UUID
    id: UUID
    seq: Seq


class ReadHistory(Command, tag="history"):
    chat: UUID
    seq: Seq


async def edit(consumer: Any, command: EditLine) -> None:
    text = consumer.check_message(command.text)
    state = await consumer._state(command.chat)
    operator = consumer.operator
    await live.act(
        consumer.own_account,
        lambda: edits.edit_line(chat_pk=state.pk, seq=command.seq, client_id=command.id, text=text, operator=operator),
    )
    consumer.send({"t": "ack", "id": str(command.id), "chat": state.public_id})


async def remove(consumer: Any, command: RemoveLine) -> None:
    state = await consumer._state(command.chat)
    operator = consumer.operator
    await live.act(
        consumer.own_account,
        lambda: edits.remove_line(chat_pk=state.pk, seq=command.seq, client_id=command.id, operator=operator),
    )
    consumer.send({"t": "ack", "id": str(command.id), "chat": state.public_id})


async def history(consumer: Any, command: ReadHistory) -> None:
    state = await consumer._state(command.chat)
    found = await live.read(consumer.account, lambda: queries.list_versions(state.pk, command.seq))
    versions = [{"text": one.text, "at": iso(one.replaced_at)} for one in found]
    consumer.send({"t": "history", "chat": state.public_id, "seq": command.seq, "versions": versions})


HANDLERS: dict[type, Any] = {EditLine: edit, RemoveLine: remove, ReadHistory: history}
RIGHTS: dict[type, str] = {EditLine: "chats.answer", RemoveLine: "chats.answer", ReadHistory: "chats.read"}
