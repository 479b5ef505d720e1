"""A chat that goes on after its end: the visitor came back by the link in a mail and writes again."""

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from chat.actions.chats import refuse_read_only
from chat.actions.messages import NewMessage, Posted, post_messages
from chat.actions.recording import note_reopened
from chat.actions.telling import add_event, lock_chat_in_queue, tell_line, tell_positions, tell_state, wake_queue
from chat.models import Chat, Message
from core.errors import Refused, not_found


@transaction.atomic
def resume_chat(*, account: Account, chat_pk: int, visitor_pk: int, client_id: uuid.UUID, text: str) -> Posted:
    """Takes an ended chat up again with the visitor's next message; a chat that has not ended gets the message.

    It waits at the end of the queue, and its answers go by mail as before. A repeat of the client id changes nothing.
    Raises Refused: `not_found`, `read_only`, `taken` (another chat of this visitor is open), `conflict`.
    """
    refuse_read_only(account)
    chat = lock_chat_in_queue(chat_pk)
    if not chat.visitor.is_known:
        raise not_found()
    is_known = Message.objects.filter(chat=chat, client_id=client_id).exists()
    if chat.state == Chat.State.CLOSED and not is_known:
        if Chat.objects.filter(visitor_id=chat.visitor_id).exclude(state=Chat.State.CLOSED).exists():
            raise Refused("taken", _("Your chat is open already."), status=409)
        chat.state, chat.closed_at, chat.closed_by, chat.operator = Chat.State.WAITING, None, "", None
        chat.accepted_at, chat.queued_at = None, timezone.now()
        chat.save(
            update_fields=["state", "closed_at", "closed_by", "operator", "accepted_at", "queued_at", "board_seq"]
        )
        note_reopened(chat)
        add_event(chat=chat, event="reopened")
    outcome = post_messages([NewMessage(account.pk, chat_pk, client_id, text, visitor_pk=visitor_pk)])[0]
    if isinstance(outcome, Refused):
        raise outcome
    if outcome.is_new:
        chat = Chat.objects.select_related("visitor", "operator", "group", "account").get(pk=chat_pk)
        tell_line(chat, Message.objects.select_related("operator").get(chat=chat, seq=outcome.seq))
        tell_state(chat=chat)
        tell_positions(account=chat.account)
        wake_queue(account_pk=chat.account_id)
    return outcome
