"""What an index of texts can do, whatever the database; its two kinds stand beside it."""

from typing import Protocol

from django.db.models import QuerySet

from accounts.models import Account
from chat.models import Chat
from core.search import Query

Found = dict[int, str]  # the key of a chat, in the order that was asked for -> the line that was hit


class TextIndex(Protocol):
    """Both ask the index inside the account only, and stop as soon as they have enough."""

    def find_lines(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, below: int | None = None,
        above: int | None = None, oldest_first: bool = False,
    ) -> Found:  # fmt: skip
        """Those of the closed `chats` in which one line has all terms; `below` and `above` bound the chats' keys."""

    def find_names(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, oldest_first: bool = False
    ) -> Found:
        """Those of `chats` whose visitor's name and e-mail have all terms."""
