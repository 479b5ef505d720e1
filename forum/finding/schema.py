"""The tables, triggers and columns of the index, and how they survive a migration of the tables they watch."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

POSTS, TITLES = "forum_post_search", "forum_topic_search"

# ---- SQLite: contentless tables, so that no word is kept twice; only what everybody may read is in them ----------
FTS_TABLES = tuple(
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5(words, content='', columnsize=0, prefix='2 3', "
    "tokenize='unicode61 remove_diacritics 2')"
    for name in (POSTS, TITLES)
)


def _triggers(table: str, index: str, column: str) -> dict[str, str]:
    """The three triggers that keep one index beside its table."""
    add = f"INSERT INTO {index}(rowid, words) VALUES (NEW.id, NEW.{column});"  # noqa: S608  constants
    take = f"INSERT INTO {index}({index}, rowid, words) VALUES ('delete', OLD.id, OLD.{column});"  # noqa: S608  constants
    changed = f"(OLD.state <> NEW.state OR OLD.{column} <> NEW.{column})"
    return {
        f"{index}_new": f"AFTER INSERT ON {table} WHEN NEW.state = 'published' BEGIN {add} END",
        f"{index}_out": f"AFTER UPDATE OF state, {column} ON {table} WHEN OLD.state = 'published' AND {changed} "
        f"BEGIN {take} END",
        f"{index}_in": f"AFTER UPDATE OF state, {column} ON {table} WHEN NEW.state = 'published' AND {changed} "
        f"BEGIN {add} END",
        f"{index}_gone": f"BEFORE DELETE ON {table} WHEN OLD.state = 'published' BEGIN {take} END",
    }


TRIGGERS = {**_triggers("forum_post", POSTS, "words"), **_triggers("forum_topic", TITLES, "title")}
FILL = tuple(
    statement
    for index, table, column in ((POSTS, "forum_post", "words"), (TITLES, "forum_topic", "title"))
    for statement in (
        f"INSERT INTO {index}({index}) VALUES ('delete-all')",  # noqa: S608  constants
        f"INSERT INTO {index}(rowid, words) SELECT id, {column} FROM {table} WHERE state = 'published'",  # noqa: S608
    )
)


def _missing(cursor: Any) -> list[str]:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'forum_%'")
    there = {row[0] for row in cursor.fetchall()}
    return [name for name in TRIGGERS if name not in there]


def _has_tables(cursor: Any) -> bool:
    cursor.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('forum_post', 'forum_topic', %s)", [POSTS])
    return bool(cursor.fetchone()[0] == 3)


def drop_triggers(connection: Any) -> None:
    """Takes the triggers away: SQLite refuses to make a table anew that a trigger of another table names."""
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def make_triggers(connection: Any) -> None:
    """Puts missing triggers there and, where one was missing, fills the index anew."""
    with connection.cursor() as cursor:
        missing = _missing(cursor)
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


# ---- PostgreSQL: a stored column with a whole index. A partial one has no statistics that the planner can use ------
FOLD = (
    r"regexp_replace(regexp_replace(normalize(lower($1), NFKD), '[\u0300-\u036f]', '', 'g'), "
    r"'[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f\ufe00-\ufe6f]+', "
    r"' ', 'g')"
)
FUNCTION = (
    "CREATE OR REPLACE FUNCTION forum_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE "
    f"AS $$ SELECT {FOLD} $$"
)
COLUMNS = (("forum_post", "words", POSTS), ("forum_topic", "title", TITLES))


def create(connection: Any) -> None:
    """Makes the index; the migration's work. On SQLite the triggers follow when all migrations are done."""
    statements: tuple[str, ...] = FTS_TABLES
    if connection.vendor == "postgresql":
        statements = (FUNCTION,)
        for table, column, index in COLUMNS:
            words = f"to_tsvector('pg_catalog.simple'::regconfig, forum_fold({column}))"
            statements += (
                f"ALTER TABLE {table} ADD COLUMN search tsvector GENERATED ALWAYS AS ({words}) STORED",
                f"CREATE INDEX {index} ON {table} USING gin (search)",
            )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Takes all of it away."""
    if connection.vendor == "sqlite":
        drop_triggers(connection)
    with connection.cursor() as cursor:
        for table, _column, index in COLUMNS:
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {table} DROP COLUMN IF EXISTS search")
            else:
                cursor.execute(f"DROP TABLE IF EXISTS {index}")
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS forum_fold(text)")
