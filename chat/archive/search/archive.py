"""The archive's lists: closed chats, newest first, in pages that begin where the last one ended."""

from datetime import tzinfo
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Account
from chat.archive.search.filters import ArchiveFilter, filter_chats
from chat.archive.search.index import Found, TextIndex
from chat.desk.tags import read_tags
from chat.models import Chat
from core.search import Query, read_query

PAGE = 20
MOST_COUNTED = 1000  # "1,000+": nobody waits for an exact number
CLOSED = (Chat.State.CLOSED,)


def text_index() -> TextIndex:
    """The index of the database in use."""
    if connection.vendor == "postgresql":
        from chat.archive.search.postgresql import PostgresIndex

        return PostgresIndex()
    from chat.archive.search.sqlite import SqliteIndex

    return SqliteIndex()


def search_chats(
    account: Account, wanted: ArchiveFilter, zone: tzinfo, *, before: int | None = None, limit: int = PAGE,
    states: tuple[str, ...] = CLOSED, visitor: UUID | None = None,
) -> list[Chat]:  # fmt: skip
    """Chats of the account that fit, newest first, older than the chat with the key `before`.

    Each comes with visitor, operator, group and tags, and with `hit`: the newest line that was found, "" when it was
    the visitor's name or nothing was looked for. A text is looked for in closed chats only, whatever `states` says.
    The statements are the same number for any number of chats.
    """
    chats = filter_chats(account, wanted, zone, CLOSED if wanted.text else states)
    if before is not None:
        chats = chats.filter(pk__lt=before)
    if visitor is not None:
        chats = chats.filter(visitor__public_id=visitor)
    if not wanted.text:
        return _read(chats.order_by("-pk")[:limit], {})
    query = read_query(wanted.text)
    if not query:
        return []
    found = _find(account, chats, query, limit, below=before)
    return _read(Chat.of(account).filter(pk__in=list(found)).order_by("-pk"), found)


def _find(account: Account, chats: QuerySet[Chat], query: Query, limit: int, **where: Any) -> Found:
    """The hits among lines and among names together, in the order of the archive."""
    index = text_index()
    lines = index.find_lines(account, chats, query, limit, **where)
    names = index.find_names(account, chats, query, limit, oldest_first=where.get("oldest_first", False))
    keys = sorted({*lines, *names}, reverse=not where.get("oldest_first"))[:limit]
    return {key: lines.get(key, "") for key in keys}


def _read(chats: QuerySet[Chat], found: Found) -> list[Chat]:
    rows = read_tags(chats.select_related("visitor", "operator", "group", "account"))
    for row in rows:
        row.hit = found.get(row.pk, "")  # type: ignore[attr-defined]  # for the row of the list
    return rows


def count_chats(account: Account, wanted: ArchiveFilter, zone: tzinfo) -> int | None:
    """How many fit, counted to 1,001 at most; None for a text, where only a whole search could tell."""
    if wanted.text:
        return None
    return filter_chats(account, wanted, zone).order_by()[: MOST_COUNTED + 1].count()


def find_neighbour(account: Account, wanted: ArchiveFilter, zone: tzinfo, chat: Chat, *, newer: bool) -> Chat | None:
    """The chat before or after this one in the list that was asked for."""
    chats = filter_chats(account, wanted, zone).filter(**{"pk__gt" if newer else "pk__lt": chat.pk})
    if not wanted.text:
        return chats.order_by("pk" if newer else "-pk").first()
    query = read_query(wanted.text)
    where = {"above": chat.pk, "oldest_first": True} if newer else {"below": chat.pk}
    found = _find(account, chats, query, 1, **where) if query else {}
    return Chat.of(account).filter(pk__in=list(found)).first()
