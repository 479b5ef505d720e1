"""Changing own lines from the chat window."""

from typing import Any
from uuid import UUID

from chat.actions import edits
from chat.realtime.live import live
from chat.realtime.protocol import Command, Seq


class EditLine(Command, tag="edit"):
    id: UUID
    seq: Seq
    text: str


class RemoveLine(Command, tag="remove"):
    id: UUID
    seq: Seq


async def edit(consumer: Any, command: EditLine) -> None:
    text = consumer.check_message(command.text)
    state = await consumer._own()
    await live.act(
        consumer.own_account,
        lambda: edits.edit_line(chat_pk=state.pk, seq=command.seq, client_id=command.id, text=text),
    )
    consumer.send({"t": "ack", "id": str(command.id), "chat": state.public_id})


async def remove(consumer: Any, command: RemoveLine) -> None:
    state = await consumer._own()
    await live.act(
        consumer.own_account,
        lambda: edits.remove_line(chat_pk=state.pk, seq=command.seq, client_id=command.id),
    )
    consumer.send({"t": "ack", "id": str(command.id), "chat": state.public_id})


HANDLERS: dict[type, Any] = {EditLine: edit, RemoveLine: remove}
