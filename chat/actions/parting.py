"""What an erasure of visitors and their chats changes besides the rows: counts, facts, consoles, windows, the queue."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.recording import note_deleted
from chat.actions.telling import tell_positions, wake_queue
from chat.models import Chat, Visitor
from core.realtime import publish_on_commit, send_on_commit
from facts.actions import forget_visitor
from operators.actions import change_open_chats


def part_with_chats(keys: Iterable[Any]) -> None:
    """Chats are about to be erased: those that go on end in the figures, and nobody's console shows them any more.

    Called inside the transaction that deletes them, whoever erases: the visitor, the account, the engine of erasure.
    """
    chats = list(Chat._base_manager.select_for_update(of=("self",)).filter(pk__in=keys).select_related("account"))
    for account in {chat.account_id: chat.account for chat in chats}.values():
        with account_scope(account):
            for chat in chats:
                if chat.account_id == account.pk:
                    _part(chat)
            tell_positions(account=account)
            wake_queue(account_pk=account.pk)  # who had one of the chats has room for another


def _part(chat: Chat) -> None:
    note_deleted(chat)
    if chat.state == Chat.State.OPEN and chat.operator_id:
        change_open_chats(operator_id=chat.operator_id, by=-1)
    rooms = [f"account:{chat.account_id}", f"chat:{chat.pk}"]
    publish_on_commit(rooms, {"t": "board", "cursor": chat.board_seq, "cards": [], "gone": [str(chat.public_id)]})


def part_with_visitors(keys: Iterable[Any]) -> None:
    """Visitors are about to be erased: their orders lose the link to them, and their open windows hear of it."""
    rows = Visitor._base_manager.filter(pk__in=keys)
    for pk, account_pk in rows.values_list("pk", "account_id"):
        account = Account.objects.get(pk=account_pk)
        with account_scope(account):
            forget_visitor(account=account, visitor_ref=pk)
        send_on_commit(f"visitor:{pk}", {"t": "chat", "chat": None})
