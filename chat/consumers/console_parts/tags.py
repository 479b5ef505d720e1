"""Tags in the console: put one on a chat, take it off, and the account's list for the field that offers them."""

from typing import Any
from uuid import UUID

from chat.actions.tags import tag_chat, untag_chat
from chat.desk import tags
from chat.realtime.live import live
from chat.realtime.protocol import Command


class TagChat(Command, tag="tag"):
    chat: UUID
    name: str
    on: bool = True


class ListTags(Command, tag="taglist"):
    pass


async def tag(consumer: Any, command: TagChat) -> None:
    chat = await consumer._find(command.chat)
    operator = consumer.operator
    if command.on:
        names = await live.act(
            consumer.own_account, lambda: tag_chat(operator=operator, chat_pk=chat.pk, name=command.name)
        )
    else:
        names = await live.act(consumer.own_account, lambda: untag_chat(chat_pk=chat.pk, name=command.name))
    consumer.send({"t": "tags", "chat": str(command.chat), "tags": names})


async def taglist(consumer: Any, command: ListTags) -> None:
    consumer.send({"t": "taglist", "tags": await live.read(consumer.account, tags.list_names)})


HANDLERS: dict[type, Any] = {TagChat: tag, ListTags: taglist}
RIGHTS: dict[type, str] = {TagChat: "chats.answer", ListTags: "chats.read"}
