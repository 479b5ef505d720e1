"""Saved replies in the composer: search with the placeholders filled in for the chat, and the count of uses."""

from typing import Any
from uuid import UUID

from accounts.roles import can
from chat.actions.replies import count_use
from chat.desk.replies import fill, search_replies, values_for
from chat.queries import find_chat_for
from chat.realtime.live import live
from chat.realtime.protocol import Command


class FindReplies(Command, tag="replies"):
    q: str = ""
    chat: UUID | None = None


class UsedReply(Command, tag="used"):
    reply: UUID


async def replies(consumer: Any, command: FindReplies) -> None:
    membership, operator = consumer.membership, consumer.operator

    def read() -> list[dict[str, Any]]:
        chat = find_chat_for(membership, command.chat) if command.chat else None
        values = values_for(operator, membership.account.company, chat)
        return [
            {
                "id": str(one.public_id),
                "shortcut": one.shortcut,
                "text": fill(one.text, values),
                "group": one.group.name if one.group else "",
            }
            for one in search_replies(operator, command.q, leads=can(membership, "replies.edit"))
        ]

    rows = await live.read(consumer.account, read)
    consumer.send({"t": "replies", "q": command.q, "rows": rows})


def used(consumer: Any, command: UsedReply) -> None:
    live.act_later(consumer.own_account, lambda: count_use(reply_id=command.reply))


HANDLERS: dict[type, Any] = {FindReplies: replies, UsedReply: used}
RIGHTS: dict[type, str] = {FindReplies: "chats.answer", UsedReply: "chats.answer"}
