"""Working together from the console: who can get a chat, transfer, take over, open again, and who looks at it."""

from typing import Any
from uuid import UUID

from accounts.roles import can
from chat import queries
from chat.actions import together
from chat.models import Chat
from chat.realtime import frames
from chat.realtime.live import live
from chat.realtime.lookers import Look, lookers
from chat.realtime.protocol import Command, Key


class ListReceivers(Command, tag="receivers"):
    pass


class Transfer(Command, tag="transfer"):
    chat: UUID
    id: UUID | None = None
    to: Key | None = None
    group: Key | None = None
    note: str = ""
    anyway: bool = False


class TakeOver(Command, tag="take_over"):
    chat: UUID
    id: UUID | None = None
    anyway: bool = False


class Reopen(Command, tag="reopen"):
    chat: UUID


class LookAt(Command, tag="look"):
    chat: UUID | None = None


async def receivers(consumer: Any, command: ListReceivers) -> None:
    account = consumer.own_account
    operators, groups = await live.read(account, lambda: queries.list_receivers(account))
    consumer.send(
        {
            "t": "receivers",
            "operators": [
                {
                    "id": one.pk, "name": one.display_name, "status": one.status, "open": one.open_chats,
                    "limit": one.chat_limit, "groups": [group.name for group in one.groups.all()],
                }
                for one in operators
            ],
            "groups": [{"id": one.pk, "name": one.name, "accepting": one.answering} for one in groups],  # type: ignore[attr-defined]  # annotated
        }
    )  # fmt: skip


async def transfer(consumer: Any, command: Transfer) -> None:
    chat = await consumer._find(command.chat)
    operator, supervises = consumer.operator, can(consumer.membership, "chats.supervise")
    note = consumer.check_message(command.note) if command.note.strip() else ""
    moved: Chat = await live.act(
        consumer.own_account,
        lambda: together.transfer_chat(
            chat_pk=chat.pk, by=operator, to_pk=command.to, group_pk=command.group, note=note,
            supervises=supervises, anyway=command.anyway,
        ),
    )  # fmt: skip
    live.change_presence(moved.visitor_id, state=moved.state)
    consumer.send({"t": "ack", "id": str(command.id), "chat": str(command.chat)})


async def take_over(consumer: Any, command: TakeOver) -> None:
    found = await consumer._find(command.chat)
    operator = consumer.operator
    chat: Chat = await live.act(
        consumer.own_account,
        lambda: together.take_over(chat_pk=found.pk, operator=operator, anyway=command.anyway),
    )
    consumer._follow(chat)
    consumer.send({"t": "took", "card": frames.card_of(chat, online=live.is_present(chat.visitor_id))})


async def reopen(consumer: Any, command: Reopen) -> None:
    found = await consumer._find(command.chat)
    operator = consumer.operator
    chat: Chat = await live.act(consumer.own_account, lambda: together.reopen_chat(chat_pk=found.pk, operator=operator))
    live.change_presence(chat.visitor_id, chat=str(chat.public_id), state=chat.state)
    consumer.send({"t": "took", "card": frames.card_of(chat, online=live.is_present(chat.visitor_id))})


async def look(consumer: Any, command: LookAt) -> None:
    """The chat on this console's screen. Memory only: not a statement for a chat that is followed already (G8)."""
    if command.chat is None:
        lookers.leave(consumer.socket)
        return
    state = await consumer._state(command.chat)
    leads = can(consumer.membership, "chats.supervise")
    operator = consumer.operator
    lookers.look(consumer.socket, Look(state.pk, state.public_id, operator.pk, operator.display_name, leads))


HANDLERS: dict[type, Any] = {
    ListReceivers: receivers,
    Transfer: transfer,
    TakeOver: take_over,
    Reopen: reopen,
    LookAt: look,
}
RIGHTS: dict[type, str] = {
    ListReceivers: "chats.answer",
    Transfer: "chats.answer",
    TakeOver: "chats.supervise",
    Reopen: "chats.answer",
    LookAt: "chats.read",
}
