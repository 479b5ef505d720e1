"""The index on PostgreSQL: GIN over the words of each line, with the account as one of the words."""

from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet

from accounts.models import Account
from chat.archive.search.index import Found
from chat.models import Chat, Message, Visitor
from core.search import Query


def tsquery_of(account: Account, query: Query) -> tuple[str, list[Any]]:
    """The query as an expression with its parameters; what was typed goes through the index's own `chat_fold`."""
    parts, params = ["%s::tsquery"], [f"'@{account.pk}'"]
    for term in query.terms:
        begins = "to_tsquery('simple', quote_literal(trim(chat_fold(%s))) || ':*')"
        parts.append(begins if term.is_beginning else "phraseto_tsquery('simple', chat_fold(%s))")
        params.append(" ".join(term.words))
    return " && ".join(parts), params


class HasWords(Func):
    """Whether the words of the given columns have all terms. The columns must be written as in the index."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *columns: Any, body: str, account: Account, query: Query) -> None:
        super().__init__(*columns)
        self.body, self.account, self.query = body, account, query

    def copy(self) -> "HasWords":
        copied = super().copy()
        copied.body, copied.account, copied.query = self.body, self.account, self.query
        return copied

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        columns = [compiler.compile(column)[0] for column in self.get_source_expressions()]
        words, params = tsquery_of(self.account, self.query)
        return f"chat_words({self.body.format(*columns)}) @@ ({words})", params


def has_words_of_line(account: Account, query: Query) -> Any:
    body = "{0}, {1} || coalesce(' ' || ({2} ->> 'name'), '')"
    return HasWords(F("account_id"), F("text"), F("file"), body=body, account=account, query=query)


def has_words_of_name(account: Account, query: Query) -> Any:
    body = "{0}, {1} || ' ' || {2}"
    return HasWords(F("account_id"), F("name"), F("email"), body=body, account=account, query=query)


class PostgresIndex:
    """The planner chooses: rare words by the index, common ones by walking the newest chats until there is enough."""

    def find_lines(
        self, account: Account, chats: QuerySet[Chat], query: Query, limit: int, *, below: int | None = None,
        above: int | None = None, oldest_first: bool = False,
    ) -> Found:  # fmt: skip
        hits = Message.of(account).filter(has_words_of_line(account, query)).exclude(author=Message.Author.SYSTEM)
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
        named = ~Q(name="") | ~Q(email="")  # as the index says it
        known = Visitor.of(account).filter(named, has_words_of_name(account, query))
        rows = chats.filter(visitor__in=known.values("pk")).order_by("pk" if oldest_first else "-pk")
        return dict.fromkeys(rows.values_list("pk", flat=True)[:limit], "")
