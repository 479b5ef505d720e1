"""A visitor who left while they waited: after five minutes the chat no longer calls operators to an empty chair."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chat.actions.chats import close_chat
from chat.actions.queue import ask_for_mail
from chat.actions.telling import lock_chat_in_queue
from chat.models import Chat
from core.errors import Refused
from outbox.actions import enqueue

AWAY = timedelta(minutes=5)  # a page that is loaded again, a tunnel, a telephone call


@transaction.atomic
def plan_letting_go(*, chat_pk: int) -> None:
    """The visitor's last window closed: plans a look at the chat, if it waits for an operator."""
    now = timezone.now()
    chat = Chat.objects.filter(pk=chat_pk, state=Chat.State.WAITING, by_mail=False).first()
    if chat is not None:
        enqueue(
            kind="chat_left_due", key=f"{chat.pk}:{int(now.timestamp())}", recipient=f"visitor:{chat.visitor_id}",
            payload={"chat": chat.pk}, account_ref=chat.account_id, due_at=now + AWAY,
        )  # fmt: skip


@transaction.atomic
def let_go(*, chat_pk: int, left_at: datetime) -> bool:
    """Ends the wait of a visitor who left at that moment and did not come back (S22). Answers whether it did.

    With an address the question is answered by e-mail; without one nobody could be answered, and the chat is closed as
    one that the visitor gave up.
    """
    try:
        chat = lock_chat_in_queue(chat_pk)
    except Refused:  # deleted by its visitor
        return False
    if chat.state != Chat.State.WAITING or chat.by_mail or chat.visitor.seen_at > left_at:
        return False
    if chat.visitor.email:
        ask_for_mail(chat_pk=chat_pk)
    else:
        close_chat(chat_pk=chat_pk, by=Chat.ClosedBy.VISITOR)
    return True
