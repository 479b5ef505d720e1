"""Which of a visitor's chats a goal or a sale belongs to: the first or the last one within the days (S19, S20)."""

import uuid
from datetime import datetime, timedelta

from accounts.models import Account
from chat.models import KNOWN, Chat, Visitor
from core.errors import not_found
from facts.actions.sales import Touched
from facts.models import Touch


def find_touched_chat(*, visitor_pk: int, at: datetime, touch: str, window_days: int) -> Chat | None:
    """The chat that gets it, in the account's scope. Only chats that somebody took count: nobody else helped."""
    since = at - timedelta(days=window_days)
    chats = Chat.objects.filter(visitor_id=visitor_pk, operator__isnull=False, last_at__gte=since, started_at__lte=at)
    return chats.order_by("started_at" if touch == Touch.FIRST else "-started_at").first()


def find_touched(*, visitor_pk: int, at: datetime, touch: str, window_days: int) -> Touched | None:
    """What a sale at that moment belongs to: the chat that goes on (direct), else that of the touch (S19)."""
    live = Chat.objects.filter(visitor_id=visitor_pk, state=Chat.State.OPEN, operator__isnull=False).first()
    chat = live or find_touched_chat(visitor_pk=visitor_pk, at=at, touch=touch, window_days=window_days)
    if chat is None:
        return None
    return Touched(visitor_pk, chat.pk, chat.operator_id or 0, chat.group_id or 0, is_direct=chat == live)


def find_visitor_said(
    account: Account, *, visitor: uuid.UUID | None, chat: uuid.UUID | None, external_id: str
) -> Visitor:
    """The visitor that a program means: by its id, by a chat, or by the number that the website gave it.

    Raises Refused `not_found`.
    """
    rows, found = Visitor.of(account).filter(KNOWN), None
    if visitor is not None:
        found = rows.filter(public_id=visitor).first()
    elif chat is not None:
        found = rows.filter(chats__public_id=chat).first()
    elif external_id:
        found = rows.filter(external_id=external_id).exclude(external_id="").order_by("-seen_at").first()
    if found is None:
        raise not_found()
    return found
