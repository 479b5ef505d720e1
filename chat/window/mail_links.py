"""Links in mails to visitors: each names one chat and its visitor, is signed, and dies with it or after 30 days."""

from typing import Any
from uuid import UUID

from django.core import signing
from django.urls import reverse

from accounts.links import absolute
from accounts.scoping import account_scope
from chat.models import KNOWN, Chat, Visitor, Widget
from core.errors import not_found

LINK_DAYS = 30
PASS_SECONDS = 600
CONTINUE, RATE, STOP = "chat.continue", "chat.rate", "chat.stop"
_PASS = "chat.pass"  # noqa: S105  the salt of a signature
_PAGES = {CONTINUE: "chat:continue", RATE: "chat:rate", STOP: "chat:stop"}


def link_to(purpose: str, chat: Chat) -> str:
    """The absolute address of a page about a chat, for a mail; made when the mail leaves, never stored."""
    token = signing.dumps([chat.public_id.hex, chat.visitor.public_id.hex], salt=purpose)
    return absolute(reverse(_PAGES[purpose], args=[token]))


def find_linked_chat(purpose: str, token: str) -> Chat:
    """The chat of a link. Raises Refused `not_found`: forged, older than 30 days, of another purpose, or deleted."""
    try:
        chat_id, visitor_id = (UUID(hex=part) for part in signing.loads(token, salt=purpose, max_age=LINK_DAYS * 86400))
    except (signing.BadSignature, TypeError, ValueError):
        raise not_found() from None
    every = Chat.objects.with_scopes_disabled()  # the signed link names the chat, the chat its account
    found = every.select_related("account", "visitor", "widget", "operator").filter(public_id=chat_id).first()
    if found is None or found.visitor.public_id != visitor_id or not found.visitor.is_known:
        raise not_found()
    return found


def issue_pass(visitor: Visitor) -> str:
    """What the window shows once, instead of a secret, to come back as this visitor: good for ten minutes."""
    return signing.dumps([visitor.public_id.hex, visitor.widget_id], salt=_PASS)


def read_pass(widget: Widget, token: str) -> Visitor | None:
    """The visitor of a pass for this widget; None for any other word."""
    if not token:
        return None
    try:
        told: Any = signing.loads(token, salt=_PASS, max_age=PASS_SECONDS)
        public_id, widget_pk = UUID(hex=told[0]), int(told[1])
    except (signing.BadSignature, TypeError, ValueError, IndexError):
        return None
    if widget_pk != widget.pk:
        return None
    with account_scope(widget.account):
        known = Visitor.objects.filter(KNOWN).select_related("account", "widget")
        return known.filter(public_id=public_id, widget=widget).first()
