"""Blocking from the console: the visitor of a chat, by session or address, and lifting it."""

from typing import Any, Literal
from uuid import UUID

from accounts.roles import can
from chat.actions.blocks import block_visitor, lift_block
from chat.desk.blocks import find_block_for, find_visitor_for
from chat.models import Block, Visitor
from chat.realtime.live import live
from chat.realtime.protocol import Command


class BlockVisitor(Command, tag="block"):
    chat: UUID
    what: Literal["session", "address"]
    hours: int
    reason: str = ""


class Unblock(Command, tag="unblock"):
    chat: UUID
    block: UUID


async def block(consumer: Any, command: BlockVisitor) -> None:
    chat = await consumer._find(command.chat)
    operator, membership = consumer.operator, consumer.membership

    def act() -> Block:
        visitor: Visitor = find_visitor_for(membership, chat.visitor.public_id)
        return block_visitor(
            operator=operator, visitor=visitor, what=command.what, hours=command.hours, reason=command.reason,
            supervises=can(membership, "chats.supervise"),
        )  # fmt: skip

    await live.act(consumer.own_account, act)
    live.change_presence(chat.visitor_id, chat=None, state="browsing")
    consumer.send({"t": "blocks", "chat": str(command.chat), "done": True})


async def unblock(consumer: Any, command: Unblock) -> None:
    await consumer._find(command.chat)
    operator, membership = consumer.operator, consumer.membership

    def act() -> None:
        found = find_block_for(membership, command.block)
        lift_block(block=found, operator=operator, any_of_them=can(membership, "blocks.lift"))

    await live.act(consumer.own_account, act)
    consumer.send({"t": "blocks", "chat": str(command.chat), "done": True})


HANDLERS: dict[type, Any] = {BlockVisitor: block, Unblock: unblock}
RIGHTS: dict[type, str] = {BlockVisitor: "visitors.block", Unblock: "visitors.block"}
