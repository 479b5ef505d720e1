"""The index on SQLite: FTS5 tables without a copy of the texts, read newest first until there is enough."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import Account
from chat.archive.search.index import Found
from chat.archive.search.schema import CHAT_BITS, CHAT_SHIFT, LINES, NAMES, SEQ_BITS, VISITOR_BITS, first_key, last_key
from chat.models import Chat, Message
from core.search import Query

CHAT_MASK, SEQ_MASK, VISITOR_MASK = (1 << CHAT_BITS) - 1, (1 << SEQ_BITS) - 1, (1 << VISITOR_BITS) - 1
AT_ONCE = 64
FEW = 500  # visitors with one name: with more the newest chats are walked until there is enough


def inside(account: Account, model: Any) -> "QuerySet[Any]":
    """The account's rows, said so that no index of the account is taken: without statistics SQLite holds an account
    for ten rows, and would rather read all of them than look for a few by their chat or visitor.
    """
    own = f"+{model._meta.db_table}.account_id = %s"
    rows: QuerySet[Any] = model.objects.with_scopes_disabled().extra(where=[own], params=[account.pk])  # noqa: S610  ours
    return rows


class SqliteIndex:
    """The key of a line in the index is account, chat and number in one, so that one account is one stretch of it."""

    def find_lines(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, below: int | None = None,
        above: int | None = None, oldest_first: bool = False,
    ) -> Found:  # fmt: skip
        low = first_key(account.pk) if above is None else first_key(account.pk) + ((above + 1) << CHAT_SHIFT)
        high = last_key(account.pk) if below is None else first_key(account.pk) + (below << CHAT_SHIFT) - 1
        rows = chats.order_by().extra(  # noqa: S610  constants; what people typed travels as parameters
            tables=[LINES],
            select={"hit": f"{LINES}.rowid"},
            where=[
                f"{LINES} MATCH %s",
                f"{LINES}.rowid BETWEEN %s AND %s",
                f"chat_chat.id = ({LINES}.rowid >> {CHAT_SHIFT}) & {CHAT_MASK}",
            ],
            params=[query.as_fts5(), low, high],
            order_by=[f"{'' if oldest_first else '-'}{LINES}.rowid"],
        )
        places: dict[int, int] = {}
        for key, hit in rows.values_list("pk", "hit").iterator(chunk_size=AT_ONCE):
            places.setdefault(key, hit & SEQ_MASK)
            if len(places) > limit:
                del places[key]
                break
        return self._texts(account, places)

    @staticmethod
    def _texts(account: Account, places: dict[int, int]) -> Found:
        """The lines at these numbers: {chat: seq} -> {chat: text}, in the same order."""
        if not places:
            return {}
        # chats times numbers is a few hundred looks into an index; pairs would read every line of the account
        lines = inside(account, Message).filter(chat_id__in=list(places), seq__in=set(places.values()))
        rows = lines.values_list("chat_id", "seq", "text", "file")
        texts = {chat: text or (file or {}).get("name", "") for chat, seq, text, file in rows if places[chat] == seq}
        return {chat: texts.get(chat, "") for chat in places}

    def find_names(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, oldest_first: bool = False
    ) -> Found:
        known: list[Any] = [query.as_fts5(), first_key(account.pk), last_key(account.pk)]
        named = f"SELECT rowid & {VISITOR_MASK} FROM {NAMES} WHERE {NAMES} MATCH %s AND rowid BETWEEN %s AND %s"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(f"{named} LIMIT {FEW + 1}", known)
            visitors = [key for (key,) in cursor.fetchall()]
        if not visitors:
            return {}
        if len(visitors) <= FEW:  # their chats, by the index of visitors
            theirs = inside(account, Chat).filter(visitor_id__in=visitors).values_list("pk", flat=True)
            keys = sorted(chats.order_by().filter(pk__in=list(theirs)).values_list("pk", flat=True))
            return dict.fromkeys((keys if oldest_first else keys[::-1])[:limit], "")
        many: Any = RawSQL(named, known)  # noqa: S611  constants; what people typed travels as a parameter
        rows = chats.filter(visitor_id__in=many).order_by("pk" if oldest_first else "-pk")
        return dict.fromkeys(rows.values_list("pk", flat=True)[:limit], "")
