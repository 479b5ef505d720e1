"""The index on SQLite: FTS5 tables without a copy of the texts, read newest first until there is enough."""

from typing import Any

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import Account
from chat.models import Chat, Message
from chat.search.index import Found
from chat.search.schema import CHAT_BITS, CHAT_SHIFT, LINES, NAMES, SEQ_BITS, VISITOR_BITS, first_key, last_key
from core.search import Query

CHAT_MASK, SEQ_MASK, VISITOR_MASK = (1 << CHAT_BITS) - 1, (1 << SEQ_BITS) - 1, (1 << VISITOR_BITS) - 1
AT_ONCE = 64


def match_of(query: Query) -> str:
    """The query in the words of FTS5: each term a quoted string, so that no sign of it can mean anything."""
    terms = (f'"{" ".join(term.words)}"' + ("*" if term.is_beginning else "") for term in query.terms)
    return " ".join(terms)


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
            params=[match_of(query), low, high],
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
        pairs: Any = RawSQL(  # noqa: S611  marks only; the numbers travel as parameters
            f"(chat_id, seq) IN (VALUES {', '.join(['(%s, %s)'] * len(places))})",
            [number for pair in places.items() for number in pair],
            output_field=BooleanField(),
        )
        lines = Message.of(account).filter(pairs).values_list("chat_id", "text", "file")
        texts = {chat: text or (file or {}).get("name", "") for chat, text, file in lines}
        return {chat: texts.get(chat, "") for chat in places}

    def find_names(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, oldest_first: bool = False
    ) -> Found:
        found: Any = RawSQL(  # noqa: S611  constants; what people typed travels as a parameter
            f"SELECT rowid & {VISITOR_MASK} FROM {NAMES} WHERE {NAMES} MATCH %s AND rowid BETWEEN %s AND %s",  # noqa: S608
            [match_of(query), first_key(account.pk), last_key(account.pk)],
        )
        rows = chats.filter(visitor_id__in=found).order_by("pk" if oldest_first else "-pk")
        return dict.fromkeys(rows.values_list("pk", flat=True)[:limit], "")
