"""The index on PostgreSQL: GIN over a column of words, with the account as one of the words."""

from typing import Any

from django.db.models import BooleanField, Exists, Func, OuterRef, QuerySet

from accounts.models import Account
from chat.archive.search.index import Found
from chat.models import Chat, Message, Visitor
from core.search import Query


class HasWords(Func):
    """Whether a row has all terms: its column `words`, which Django does not know, beside its key, which it does."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, key: Any, account: Account, query: Query) -> None:
        super().__init__(key)
        self.wanted = (account, query)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        key, _none = compiler.compile(self.get_source_expressions()[0])
        account, query = self.wanted
        words, params = query.as_tsquery("chat_fold")
        return f"{key.rpartition('.')[0]}.words @@ (%s::tsquery && {words})", [f"'@{account.pk}'", *params]


class PostgresIndex:
    """The planner chooses: rare words by the index, common ones by walking the newest chats until there is enough."""

    def find_lines(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, below: int | None = None,
        above: int | None = None, oldest_first: bool = False,
    ) -> Found:  # fmt: skip
        hits = Message.of(account).filter(HasWords("pk", account, query)).exclude(author=Message.Author.SYSTEM)
        rows = chats.filter(Exists(hits.filter(chat=OuterRef("pk")))).order_by("pk" if oldest_first else "-pk")
        keys = list(rows.values_list("pk", flat=True)[:limit])
        if not keys:
            return {}
        newest = hits.filter(chat__in=keys).order_by("chat", "-seq").distinct("chat")
        texts = {chat: text or (file or {}).get("name", "") for chat, text, file in newest.values_list(
            "chat", "text", "file")}  # fmt: skip
        return {key: texts.get(key, "") for key in keys}

    def find_names(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, oldest_first: bool = False
    ) -> Found:
        known = Visitor.of(account).filter(HasWords("pk", account, query))
        rows = chats.filter(visitor__in=known.values("pk")).order_by("pk" if oldest_first else "-pk")
        return dict.fromkeys(rows.values_list("pk", flat=True)[:limit], "")
