"""What an erasure of visitors and their chats changes besides the rows: counts, facts, consoles, windows, the queue."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.recording import note_deleted
from chat.actions.telling import lock_chat, lock_queue, tell_positions, wake_queue
from chat.models import Chat, Visitor
from core.realtime import publish_on_commit, send_on_commit
from facts.actions import forget_visitor
from operators.actions import change_open_chats


def end_chats_of_lines(keys: Iterable[Any]) -> None:
    """Lines are about to be erased: nothing more is said in their chats."""
    _end_chats(Chat._base_manager.filter(messages__in=list(keys)).distinct())


def part_with_chats(keys: Iterable[Any]) -> None:
    """Chats are about to be erased: those that go on end, and nobody's console shows them any more.

    Called inside the transaction that erases them, whoever does: the visitor, the account, the engine of erasure.
    """
    rows = Chat._base_manager.filter(pk__in=list(keys))
    _end_chats(rows)
    for pk, account_pk, public_id, cursor in rows.values_list("pk", "account_id", "public_id", "board_seq"):
        gone = {"t": "board", "cursor": cursor, "cards": [], "gone": [str(public_id)]}
        publish_on_commit([f"account:{account_pk}", f"chat:{pk}"], gone)


def _end_chats(rows: QuerySet[Chat]) -> None:
    """Ends those that go on: in the figures, in the queue, for who had them. The locks come in the order of others."""
    live = rows.exclude(state=Chat.State.CLOSED)
    visitors = list(live.order_by().values_list("visitor", flat=True))
    list(Visitor._base_manager.select_for_update(of=("self",)).filter(pk__in=visitors).order_by("pk"))
    chats = list(live.select_related("account").order_by("account", "pk"))
    for account in {chat.account_id: chat.account for chat in chats}.values():
        with account_scope(account):
            number = lock_queue(account=account)
            for chat in chats:
                if chat.account_id == account.pk:
                    _end(chat.pk, number)
            tell_positions(account=account)
            wake_queue(account_pk=account.pk)  # who had one of the chats has room for another


def _end(chat_pk: int, number: int) -> None:
    chat = lock_chat(chat_pk)
    if chat.state == Chat.State.CLOSED:
        return
    note_deleted(chat)
    if chat.state == Chat.State.OPEN and chat.operator_id:
        change_open_chats(operator_id=chat.operator_id, by=-1)
    Chat.objects.filter(pk=chat_pk).update(
        state=Chat.State.CLOSED, closed_at=timezone.now(), closed_by=Chat.ClosedBy.SYSTEM, answer_due_at=None,
        board_seq=number,
    )  # fmt: skip


def part_with_visitors(keys: Iterable[Any]) -> None:
    """Visitors are about to be erased: their orders lose the link to them, and their open windows hear of it."""
    rows = Visitor._base_manager.filter(pk__in=keys)
    for pk, account_pk in rows.values_list("pk", "account_id"):
        account = Account.objects.get(pk=account_pk)
        with account_scope(account):
            forget_visitor(account=account, visitor_ref=pk)
        send_on_commit(f"visitor:{pk}", {"t": "chat", "chat": None})
