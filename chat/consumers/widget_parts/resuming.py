"""Writing again in a chat that has ended, by who came back through the link in a mail."""

from typing import Any
from uuid import UUID

from chat.actions.resuming import resume_chat
from chat.realtime.live import live
from chat.realtime.protocol import Command, iso


class Resume(Command, tag="resume"):
    id: UUID
    text: str


async def resume(consumer: Any, command: Resume) -> None:
    text = consumer.check_message(command.text)
    state = await consumer._own()
    visitor = consumer.visitor
    posted = await live.act(
        consumer.own_account,
        lambda: resume_chat(
            account=consumer.own_account, chat_pk=state.pk, visitor_pk=visitor.pk, client_id=command.id, text=text
        ),
    )
    state.seq = max(state.seq, posted.seq)
    live.change_presence(visitor.pk, chat=state.public_id, state=posted.state)
    consumer.send({"t": "ack", "id": str(command.id), "chat": state.public_id, "seq": posted.seq, "at": iso(posted.at)})


HANDLERS: dict[type, Any] = {Resume: resume}
