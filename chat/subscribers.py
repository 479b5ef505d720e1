"""What the chat does when accounts speak."""

from typing import Any

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.emptying import replace_rows
from chat.actions.parting import end_chats_of_lines, part_with_chats, part_with_visitors
from chat.actions.queue import release_unanswered, tell_changed_groups
from chat.actions.returning import return_left_chats
from chat.actions.telling import wake_queue
from operators.models import Operator


def return_chats(sender: Any, *, account_id: int, **kwargs: Any) -> None:
    """Somebody left an account: their open chats go back to its queue."""
    return_left_chats(account_pk=account_id)


def look_after_queue(sender: Any, *, account_id: int, **kwargs: Any) -> None:
    """Somebody may have room for another chat now."""
    wake_queue(account_pk=account_id)


def release_chats(sender: Any, *, operator_id: int, status: str, **kwargs: Any) -> None:
    """An operator went offline: what they were given and did not answer goes to others."""
    operator = Operator.objects.with_scopes_disabled().select_related("account").filter(pk=operator_id).first()
    if operator is not None and status == Operator.Status.OFFLINE:
        with account_scope(operator.account):
            release_unanswered(operator=operator)


def tell_groups(sender: Any, *, account_id: int, **kwargs: Any) -> None:
    """Groups are others now: consoles hear whose chats they may take, and cards name the group as it is."""
    account = Account.objects.filter(pk=account_id).first()
    if account is not None:
        with account_scope(account):
            tell_changed_groups(account=account)


def part_with_rows(sender: Any, *, model: str, keys: list[Any], **kwargs: Any) -> None:
    """Somebody is erased: what hangs on their chats goes along, whoever erases them."""
    if model == "chat.Message":
        end_chats_of_lines(keys)
    elif model == "chat.Chat":
        part_with_chats(keys)
    elif model == "chat.Visitor":
        part_with_visitors(keys)


def empty_rows(sender: Any, *, model: str, keys: list[Any], **kwargs: Any) -> None:
    """Somebody is erased and these rows stay: what they say is replaced."""
    replace_rows(model=model, keys=keys)
