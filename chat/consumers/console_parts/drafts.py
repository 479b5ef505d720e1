"""What an operator has begun to write: kept on the server while it is written, gone when it is sent."""

from typing import Any
from uuid import UUID

from accounts.roles import can
from chat.actions.drafts import save_draft
from chat.realtime.live import live
from chat.realtime.protocol import MAX_TEXT, Command, clean_text
from core.redaction import mask_secrets


class KeepDraft(Command, tag="draft"):
    chat: UUID
    id: UUID | None = None
    text: str = ""


async def draft(consumer: Any, command: KeepDraft) -> None:
    state = await consumer._state(command.chat)
    operator, supervises = consumer.operator, can(consumer.membership, "chats.supervise")
    text = mask_secrets(clean_text(command.text[:MAX_TEXT]))
    await live.act(
        consumer.own_account,
        lambda: save_draft(chat_pk=state.pk, operator=operator, text=text, supervises=supervises),
    )
    consumer.send({"t": "draft", "chat": state.public_id, "id": str(command.id)})


HANDLERS: dict[type, Any] = {KeepDraft: draft}
RIGHTS: dict[type, str] = {KeepDraft: "chats.answer"}
