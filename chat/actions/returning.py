"""Chats of somebody who left go back to the queue."""

from django.db import transaction
from django.utils import timezone

from accounts.scoping import account_scope
from chat.actions.queue import put_back
from chat.actions.recording import note_passed_on
from chat.actions.telling import lock_chat_in_queue
from chat.models import Chat
from chat.queries import list_left_alone
from core.errors import Refused
from operators.actions import change_open_chats


def return_left_chats(*, account_pk: int | None = None) -> int:
    """Puts open chats whose operator left the account, or lost the log-in, back to the queue. Returns how many.

    Called when a membership ends, for that account, and every third minute for all; again it changes nothing.
    """
    found = list_left_alone(account_pk)
    return sum(_return(chat) for chat in found)


@transaction.atomic
def _return(found: Chat) -> int:
    """One chat, unless somebody closed it or took it since; who waits keeps the place of the first question."""
    with account_scope(found.account):
        try:
            chat = lock_chat_in_queue(found.pk)
        except Refused:  # the visitor deleted it
            return 0
        if chat.state != Chat.State.OPEN or chat.operator_id != found.operator_id:
            return 0
        note_passed_on(chat, chat.operator_id)
        if chat.operator_id is not None:
            change_open_chats(operator_id=chat.operator_id, by=-1)
        put_back(chat=chat, now=timezone.now())
    return 1
