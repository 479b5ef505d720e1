"""The full-text index of requests: FTS5 kept by triggers on SQLite, GIN over expressions on PostgreSQL.

As the archive's index does (chat/archive/search), words are found without case and accents, and no sign that people
type means anything.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

from chat.archive.search.schema import FOLD
from core.search import Query

TABLE = "support_search"
BITS = 20  # of a row's key on SQLite, for the number of the message; 0 is the request's own words
HEAD = "subject || ' ' || name || ' ' || surname || ' ' || email || ' ' || company || ' ' || number"
HEAD_COLUMNS = "subject, name, surname, email, company, number"

FTS_TABLE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(words, content='', columnsize=0, prefix='2 3', "
    "tokenize='unicode61 remove_diacritics 2')"
)


def _head(row: str) -> str:
    words = " || ' ' || ".join(f"{row}.{column.strip()}" for column in HEAD_COLUMNS.split(","))
    return f"{row}.id << {BITS}, {words}"


def _line(row: str) -> str:
    return f"({row}.request_id << {BITS}) | {row}.number, {row}.text"


def _add(columns: str, source: str = "") -> str:
    return f"INSERT INTO {TABLE}(rowid, words) SELECT {columns} {source};"


def _take(columns: str) -> str:
    return f"INSERT INTO {TABLE}({TABLE}, rowid, words) SELECT 'delete', {columns};"


TRIGGERS = {
    "support_search_new": f"AFTER INSERT ON support_supportrequest BEGIN {_add(_head('NEW'))} END",
    "support_search_changed": f"AFTER UPDATE OF {HEAD_COLUMNS} ON support_supportrequest "
    f"BEGIN {_take(_head('OLD'))} {_add(_head('NEW'))} END",
    "support_search_gone": f"BEFORE DELETE ON support_supportrequest BEGIN {_take(_head('OLD'))} END",
    "support_search_line_new": f"AFTER INSERT ON support_requestmessage BEGIN {_add(_line('NEW'))} END",
    "support_search_line_changed": "AFTER UPDATE OF text, request_id, number ON support_requestmessage "
    f"BEGIN {_take(_line('OLD'))} {_add(_line('NEW'))} END",
    "support_search_line_gone": f"BEFORE DELETE ON support_requestmessage BEGIN {_take(_line('OLD'))} END",
}
FILL = (
    f"INSERT INTO {TABLE}({TABLE}) VALUES ('delete-all')",  # noqa: S608
    _add(_head("one"), "FROM support_supportrequest AS one"),
    _add(_line("line"), "FROM support_requestmessage AS line"),
)

FUNCTION = (
    "CREATE OR REPLACE FUNCTION support_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 200 "
    f"AS $$ SELECT to_tsvector('pg_catalog.simple'::regconfig, {FOLD.format('$1')}) $$"
)
INDEXES = (
    f"CREATE INDEX IF NOT EXISTS support_search ON support_supportrequest USING gin (support_words({HEAD}))",
    "CREATE INDEX IF NOT EXISTS support_search_line ON support_requestmessage USING gin (support_words(text))",
)


def create(on: Any) -> None:
    """Makes the index; the migration's work. On SQLite the triggers follow when all migrations are done."""
    with on.cursor() as cursor:
        for statement in (FUNCTION, *INDEXES) if on.vendor == "postgresql" else (FTS_TABLE,):
            cursor.execute(statement)


def remove(on: Any) -> None:
    """Takes all of it away."""
    if on.vendor == "sqlite":
        _drop_triggers(on)
        gone: tuple[str, ...] = (f"DROP TABLE IF EXISTS {TABLE}",)
    else:
        gone = (
            "DROP INDEX IF EXISTS support_search",
            "DROP INDEX IF EXISTS support_search_line",
            "DROP FUNCTION IF EXISTS support_words(text)",
        )
    with on.cursor() as cursor:
        for statement in gone:
            cursor.execute(statement)


def before_migrations(*, using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    """Signal `pre_migrate`: SQLite refuses to make a table anew that a trigger of another table names."""
    if plan and connections[using].vendor == "sqlite":
        _drop_triggers(connections[using])


def after_migrations(*, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Signal `post_migrate`: the triggers are there when it has run; where one was missing the index is filled anew."""
    on = connections[using]
    if on.vendor != "sqlite":
        return
    with on.cursor() as cursor:
        cursor.execute("SELECT type, name FROM sqlite_master WHERE name LIKE 'support_%'")
        there = {name for _kind, name in cursor.fetchall()}
        if not {"support_supportrequest", "support_requestmessage", TABLE} <= there:
            return
        missing = [name for name in TRIGGERS if name not in there]
        for name in missing:
            cursor.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
        for statement in FILL if missing else ():
            cursor.execute(statement)


def _drop_triggers(on: Any) -> None:
    with on.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


# ---- reading ------------------------------------------------------------------------------------------------
def has_words(query: Query) -> Q:
    """Requests with a message, or with own words, that hold every term."""
    if connection.vendor == "sqlite":
        found: Any = RawSQL(  # noqa: S611  constants; what people typed travels as a parameter
            f"SELECT rowid >> {BITS} FROM {TABLE} WHERE {TABLE} MATCH %s",  # noqa: S608
            [query.as_fts5()],
        )
        return Q(pk__in=found)
    words, params = query.as_tsquery("chat_fold")
    of_lines: Any = RawSQL(  # noqa: S611  as above
        f"SELECT request_id FROM support_requestmessage WHERE support_words(text) @@ ({words})",  # noqa: S608
        params,
    )
    of_heads: Any = RawSQL(  # noqa: S611  as above
        f"SELECT id FROM support_supportrequest WHERE support_words({HEAD}) @@ ({words})",  # noqa: S608
        params,
    )
    return Q(pk__in=of_lines) | Q(pk__in=of_heads)
