"""The tables, triggers and functions of the index, and how they survive a migration of the tables they watch."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

LINES, NAMES = "chat_search", "chat_search_name"
# the key of a line on SQLite: 18 bits of the account, 28 of the chat, 17 of the number; what does not fit is not found
ACCOUNT_BITS, CHAT_BITS, SEQ_BITS = 18, 28, 17
CHAT_SHIFT, VISITOR_BITS = SEQ_BITS, CHAT_BITS + SEQ_BITS
ACCOUNT_SHIFT = VISITOR_BITS


def first_key(account_pk: int) -> int:
    """The least key that a row of the account can have."""
    return account_pk << ACCOUNT_SHIFT


def last_key(account_pk: int) -> int:
    """The greatest key that a row of the account can have."""
    return ((account_pk + 1) << ACCOUNT_SHIFT) - 1


# ---- SQLite -------------------------------------------------------------------------------------------------
# Contentless: the texts are not kept twice, and deleting takes the same text as adding did, which the triggers have.
# Lines come into the index when their chat ends: nothing is done while people write (G1), and the archive holds
# closed chats only. `prefix` makes beginnings of two and three letters quick.
FTS_TABLES = tuple(
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5(words, content='', columnsize=0, prefix='2 3', "
    "tokenize='unicode61 remove_diacritics 2')"
    for name in (LINES, NAMES)
)


def _line(row: str) -> str:
    """Key and text of a row of chat_message, as columns of a SELECT."""
    key = f"({row}.account_id << {ACCOUNT_SHIFT}) | ({row}.chat_id << {CHAT_SHIFT}) | {row}.seq"
    return f"{key}, {row}.text || coalesce(' ' || json_extract({row}.file, '$.name'), '')"


def _fits(row: str) -> str:
    """Whether a row of chat_message is one that the index takes; cheap things first."""
    return (
        f"{row}.author <> 'system' AND {row}.seq < {1 << SEQ_BITS} AND {row}.chat_id < {1 << CHAT_BITS} "
        f"AND {row}.account_id < {1 << ACCOUNT_BITS}"
    )


def _name(row: str) -> str:
    return f"({row}.account_id << {ACCOUNT_SHIFT}) | {row}.id, {row}.name || ' ' || {row}.email"


def _is_named(row: str) -> str:
    return f"({row}.name <> '' OR {row}.email <> '') AND {row}.account_id < {1 << ACCOUNT_BITS}"


def _closed(row: str) -> str:
    return f"(SELECT state FROM chat_chat WHERE id = {row}.chat_id) = 'closed'"  # noqa: S608  NEW or OLD


def _add(table: str, columns: str, source: str = "") -> str:
    return f"INSERT INTO {table}(rowid, words) SELECT {columns} {source};"


def _take(table: str, columns: str, source: str = "") -> str:
    return f"INSERT INTO {table}({table}, rowid, words) SELECT 'delete', {columns} {source};"


def _lines_of(chat: str) -> str:
    return f"FROM chat_message AS line WHERE line.chat_id = {chat}.id AND {_fits('line')}"


TRIGGERS = {
    "chat_search_closed": "AFTER UPDATE OF state ON chat_chat WHEN NEW.state = 'closed' AND OLD.state <> 'closed' "
    f"BEGIN {_add(LINES, _line('line'), _lines_of('NEW'))} END",
    "chat_search_reopened": "AFTER UPDATE OF state ON chat_chat WHEN OLD.state = 'closed' AND NEW.state <> 'closed' "
    f"BEGIN {_take(LINES, _line('line'), _lines_of('NEW'))} END",
    "chat_search_chat_gone": "BEFORE DELETE ON chat_chat WHEN OLD.state = 'closed' "
    f"BEGIN {_take(LINES, _line('line'), _lines_of('OLD'))} END",
    "chat_search_line_new": f"AFTER INSERT ON chat_message WHEN {_fits('NEW')} AND {_closed('NEW')} "
    f"BEGIN {_add(LINES, _line('NEW'))} END",
    "chat_search_line_edited": "AFTER UPDATE OF text, file ON chat_message "
    f"WHEN {_fits('NEW')} AND {_closed('NEW')} "
    f"BEGIN {_take(LINES, _line('OLD'))} {_add(LINES, _line('NEW'))} END",
    "chat_search_line_gone": f"BEFORE DELETE ON chat_message WHEN {_fits('OLD')} AND {_closed('OLD')} "
    f"BEGIN {_take(LINES, _line('OLD'))} END",
    "chat_search_name_new": f"AFTER INSERT ON chat_visitor WHEN {_is_named('NEW')} "
    f"BEGIN {_add(NAMES, _name('NEW'))} END",
    "chat_search_name_forgotten": "AFTER UPDATE OF name, email ON chat_visitor "
    f"WHEN {_is_named('OLD')} AND (OLD.name <> NEW.name OR OLD.email <> NEW.email) "
    f"BEGIN {_take(NAMES, _name('OLD'))} END",
    "chat_search_name_known": "AFTER UPDATE OF name, email ON chat_visitor "
    f"WHEN {_is_named('NEW')} AND (OLD.name <> NEW.name OR OLD.email <> NEW.email) "
    f"BEGIN {_add(NAMES, _name('NEW'))} END",
    "chat_search_name_gone": f"BEFORE DELETE ON chat_visitor WHEN {_is_named('OLD')} "
    f"BEGIN {_take(NAMES, _name('OLD'))} END",
}
CLOSED_LINES = (
    "FROM chat_message AS line JOIN chat_chat ON chat_chat.id = line.chat_id "
    f"WHERE chat_chat.state = 'closed' AND {_fits('line')}"
)
FILL = (
    *(f"INSERT INTO {name}({name}) VALUES ('delete-all')" for name in (LINES, NAMES)),  # noqa: S608  constants
    _add(LINES, _line("line"), f"{CLOSED_LINES} ORDER BY 1"),
    _add(NAMES, _name("one"), f"FROM chat_visitor AS one WHERE {_is_named('one')} ORDER BY 1"),
)


def _missing_triggers(cursor: Any) -> list[str]:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'chat_search_%'")
    there = {row[0] for row in cursor.fetchall()}
    return [name for name in TRIGGERS if name not in there]


def _has_tables(cursor: Any) -> bool:
    cursor.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('chat_message', 'chat_visitor', %s)", [LINES])
    return bool(cursor.fetchone()[0] == 3)


def drop_triggers(connection: Any) -> None:
    """Takes the triggers away: SQLite refuses to make a table anew that a trigger of another table names."""
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def make_triggers(connection: Any) -> None:
    """Puts missing triggers there and, where one was missing, fills the index anew."""
    with connection.cursor() as cursor:
        missing = _missing_triggers(cursor)
        for name in missing:
            cursor.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
        for statement in FILL if missing else ():
            cursor.execute(statement)


def before_migrations(*, using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    """Signal `pre_migrate`: only where something will be migrated."""
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        drop_triggers(connection)


def after_migrations(*, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Signal `post_migrate`: the triggers are there when it has run."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            ready = _has_tables(cursor)
        if ready:
            make_triggers(connection)


# ---- PostgreSQL ---------------------------------------------------------------------------------------------
# Accents, case and signs go before the parser sees a word, so that "Ägypten" is "agypten" and an address is its
# parts, as on SQLite. Everything stands in pg_catalog: the functions work whatever the search path is.
FOLD = (
    r"regexp_replace(regexp_replace(normalize(lower({0}), NFKD), '[\u0300-\u036f]', '', 'g'), "
    r"'[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f\ufe00-\ufe6f]+', "
    r"' ', 'g')"
)
FUNCTIONS = (
    "CREATE OR REPLACE FUNCTION chat_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE "
    f"AS $$ SELECT {FOLD.format('$1')} $$",
    "CREATE OR REPLACE FUNCTION chat_words(bigint, text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE "
    "COST 200 AS $$ SELECT array_to_tsvector(ARRAY['@' || $1::text]) || "
    f"to_tsvector('pg_catalog.simple'::regconfig, {FOLD.format('$2')}) $$",
)
# A column of words, not an index over an expression: the planner has statistics of it, and so knows a rare word, for
# which it asks the index, from a common one, for which it walks the newest chats; and a phrase is checked without
# working out the words of each line anew. What the search passes over has no words.
COLUMNS = (
    "ALTER TABLE chat_message ADD COLUMN IF NOT EXISTS words tsvector GENERATED ALWAYS AS (CASE "
    "WHEN author <> 'system' THEN chat_words(account_id, text || coalesce(' ' || (file ->> 'name'), '')) END) STORED",
    "ALTER TABLE chat_visitor ADD COLUMN IF NOT EXISTS words tsvector GENERATED ALWAYS AS (CASE WHEN name <> '' "
    "OR email <> '' THEN chat_words(account_id, name || ' ' || email) END) STORED",
)
INDEXES = (
    "CREATE INDEX IF NOT EXISTS chat_search ON chat_message USING gin (words)",
    "CREATE INDEX IF NOT EXISTS chat_search_name ON chat_visitor USING gin (words)",
)


def create(connection: Any) -> None:
    """Makes the index; the migration's work. On SQLite the triggers follow when all migrations are done."""
    with connection.cursor() as cursor:
        for statement in (*FUNCTIONS, *COLUMNS, *INDEXES) if connection.vendor == "postgresql" else FTS_TABLES:
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Takes all of it away."""
    if connection.vendor == "sqlite":
        drop_triggers(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in (LINES, NAMES):
                cursor.execute(f"DROP TABLE IF EXISTS {name}")
            return
        for table in ("chat_message", "chat_visitor"):
            cursor.execute(f"ALTER TABLE {table} DROP COLUMN IF EXISTS words")  # and its index
        for name in ("chat_words(bigint, text)", "chat_fold(text)"):
            cursor.execute(f"DROP FUNCTION IF EXISTS {name}")
