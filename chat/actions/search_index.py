"""Care of the search index: the letters of deleted words leave its pages."""

from django.db import connection

from chat.archive.search.schema import LINES, NAMES

PAGES = 500  # merged in one transaction, some milliseconds: nobody waits for it
MOST_STEPS = 20_000


def compact_index() -> int:
    """Merges the pages of the index in small steps until nothing deleted is in them; answers how many steps (P2).

    PostgreSQL's autovacuum does this by itself; there it is nothing.
    """
    if connection.vendor != "sqlite":
        return 0
    return sum(compact(table) for table in (LINES, NAMES))


def compact(table: str) -> int:
    """Does it for one FTS5 table: a first step with a negative number takes all parts together, then until nothing
    changes.
    """
    with connection.cursor() as cursor:
        for step in range(MOST_STEPS):
            before = connection.connection.total_changes
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', %s)", [PAGES if step else -PAGES])  # noqa: S608  a constant
            if step and connection.connection.total_changes - before < 2:
                return step
    return MOST_STEPS
