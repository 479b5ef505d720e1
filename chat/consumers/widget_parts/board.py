"""What the page around the chat tells: a yes to being seen, who the visitor is, and the answer to an invitation."""

from typing import Any

from chat.actions.seeing import allow_seeing, identify_visitor
from chat.realtime.live import live
from chat.realtime.protocol import Command
from core.realtime import encode, hub


class Seen(Command, tag="seen"):
    on: bool
    asked: bool = False  # by the question on the bubble; else by the window's switch
    lang: str = ""


class Identify(Command, tag="identify"):
    token: str


class Invited(Command, tag="invited"):
    yes: bool


async def seen(consumer: Any, command: Seen) -> None:
    """A yes or no to being seen: with its receipt, and gone from every board at once (P14, P16)."""
    visitor_pk = consumer.visitor.pk
    listed = await live.act(
        consumer.own_account,
        lambda: allow_seeing(visitor_pk=visitor_pk, on=command.on, asked=command.asked, language=command.lang[:35]),
    )
    live.change_presence(visitor_pk, hidden=not command.on, listed=listed)
    hub.publish([f"visitor:{visitor_pk}"], encode({"t": "set", "seen": command.on, "listed": listed}))


async def identify(consumer: Any, command: Identify) -> None:
    """Who the website says this is; the name goes back for the form and is shown when the visitor has sent it."""
    visitor_pk = consumer.visitor.pk
    found = await live.act(consumer.own_account, lambda: identify_visitor(visitor_pk=visitor_pk, token=command.token))
    consumer.visitor.external_id = found.subject
    consumer.send({"t": "prefill", "name": found.name, "email": found.email})


def invited(consumer: Any, command: Invited) -> None:
    """The visitor opened or closed an operator's invitation; after a no they are not asked again in this visit."""
    here = live.presence.get(consumer.visitor.pk)
    if here is not None and here.invited == "asked":
        live.change_presence(consumer.visitor.pk, invited="" if command.yes else "no")


HANDLERS: dict[type, Any] = {Seen: seen, Identify: identify, Invited: invited}
