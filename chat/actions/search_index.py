"""Care of the search index: the letters of deleted words leave its pages."""

from django.db import connection

from chat.archive.search.schema import LINES, NAMES
from core.search import compact


def compact_index() -> int:
    """Merges the pages of the index in small steps until nothing deleted is in them; answers how many steps (P2).

    PostgreSQL's autovacuum does this by itself; there it is nothing.
    """
    if connection.vendor != "sqlite":
        return 0
    return sum(compact(table) for table in (LINES, NAMES))
