"""Care of SQLite's full-text indexes: the letters of deleted words leave their pages (P2)."""

from django.db import connection

PAGES = 500  # merged in one transaction, some milliseconds: nobody waits for it
MOST_STEPS = 20_000


def list_indexes() -> list[str]:
    """The names of all FTS5 tables; none on PostgreSQL, whose autovacuum does this by itself."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%USING fts5%' ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


def compact_indexes() -> int:
    """Merges the pages of every index in small steps until nothing deleted is in them; answers how many steps."""
    return sum(compact(index) for index in list_indexes())


def compact(table: str) -> int:
    """Does it for one FTS5 table: a first step with a negative number takes all parts together, then until nothing
    changes.
    """
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        for step in range(MOST_STEPS):
            before = connection.connection.total_changes
            cursor.execute(f"INSERT INTO {name}({name}, rank) VALUES ('merge', %s)", [PAGES if step else -PAGES])  # noqa: S608  names of the schema
            if step and connection.connection.total_changes - before < 2:
                return step
    return MOST_STEPS
