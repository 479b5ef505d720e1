"""What the queue adds to the widget's socket: asking for an answer by e-mail instead of waiting."""

from typing import Any

from chat.actions.queue import ask_for_mail
from chat.realtime.live import live
from chat.realtime.protocol import Command


class ByMail(Command, tag="by_mail"):
    email: str = ""


async def ask(consumer: Any, command: ByMail) -> None:
    """The waiting chat leaves the live queue and is answered by e-mail."""
    state = await consumer._own()
    chat = await live.act(consumer.own_account, lambda: ask_for_mail(chat_pk=state.pk, email=command.email))
    consumer.visitor.email = chat.visitor.email


HANDLERS: dict[type, Any] = {ByMail: ask}
