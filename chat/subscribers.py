"""What the chat does when accounts speak."""

from typing import Any

from chat.actions.returning import return_left_chats


def return_chats(sender: Any, *, account_id: int, **kwargs: Any) -> None:
    """Somebody left an account: their open chats go back to its queue."""
    return_left_chats(account_pk=account_id)
