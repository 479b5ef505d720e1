"""Chats of somebody who left go back to the queue."""

from django.db import transaction
from django.db.models import Q

from accounts.scoping import account_scope
from chat.actions.chats import next_board_number, tell_positions, tell_state
from chat.models import Chat
from chat.queries import list_left_alone
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
        same = Chat.objects.filter(Q(operator_id=found.operator_id), pk=found.pk, state=Chat.State.OPEN)
        if not same.update(state=Chat.State.WAITING, operator=None, accepted_at=None):
            return 0
        if found.operator_id is not None:
            change_open_chats(operator_id=found.operator_id, by=-1)
        chat = Chat.objects.select_related("visitor", "operator", "account").get(pk=found.pk)
        chat.board_seq = next_board_number(account=chat.account)
        chat.save(update_fields=["board_seq"])
        tell_state(chat=chat)
        tell_positions(account=chat.account)
    return 1
