"""Inviting a visitor who is on the website into a chat (S28)."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from chat.realtime.live import live
from chat.realtime.protocol import Command, clean_text
from core.errors import Refused, not_found
from core.limits import TooMany, count_use
from core.realtime import encode, hub

LONGEST = 300


class Invite(Command, tag="invite"):
    visitor: UUID
    text: str


async def invite(consumer: Any, command: Invite) -> None:
    """Shows an operator's sentence at the visitor's bubble; nothing of it is stored.

    Raises Refused `not_found`, `empty`, `too_long`, `taken` (is in a chat or was invited), `declined`, `limit`.
    """
    text = " ".join(clean_text(command.text).split())
    if not text:
        raise Refused("empty", _("Write something first."))
    if len(text) > LONGEST:
        raise Refused("too_long", _("An invitation can have %(count)d characters.") % {"count": LONGEST})
    found = live.find_present(consumer.own_account.pk, str(command.visitor))
    if found is None:
        raise not_found()
    visitor_pk, here = found
    if here.chat is not None:
        raise Refused("taken", _("This visitor is in a chat already."), status=409)
    if here.invited == "asked":
        raise Refused("taken", _("This visitor has an invitation already."), status=409)
    if here.invited == "no":
        raise Refused("declined", _("This visitor said no. They can still open the chat themselves."), status=409)
    await live.read(None, lambda: _count(consumer.operator.pk))
    live.change_presence(visitor_pk, invited="asked")
    frame = {"t": "invite", "who": consumer.operator.display_name, "text": text}
    hub.publish([f"visitor:{visitor_pk}"], encode(frame))
    consumer.send({"t": "invited", "visitor": str(command.visitor)})


def _count(operator_pk: int) -> None:
    try:
        count_use("visitor.invites", f"operator:{operator_pk}")
    except TooMany as many:
        raise Refused("limit", _("You invited many visitors. Wait a minute."), status=429) from many


HANDLERS: dict[type, Any] = {Invite: invite}
RIGHTS: dict[type, str] = {Invite: "chats.answer"}
