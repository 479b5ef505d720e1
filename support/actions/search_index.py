"""Care of the search index: the letters of deleted words leave its pages."""

from django.db import connection

from core.search import compact
from support.search import TABLE


def compact_index() -> int:
    """Merges the pages of the index until nothing deleted is in them; on PostgreSQL it is nothing (P2)."""
    return compact(TABLE) if connection.vendor == "sqlite" else 0
