"""Care of the search index: the letters of deleted words leave its pages."""

from django.db import connection

from core.full_text import compact
from forum.finding.schema import POSTS, TITLES


def compact_index() -> int:
    """Merges the pages of both indexes until nothing deleted is in them; on PostgreSQL it is nothing (P2)."""
    return sum(compact(table) for table in (POSTS, TITLES)) if connection.vendor == "sqlite" else 0
