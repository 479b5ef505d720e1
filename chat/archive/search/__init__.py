"""Search in the archive, behind one interface: FTS5 on SQLite, GIN on PostgreSQL (docs/archive.md)."""

from chat.archive.search.archive import PAGE, count_chats, find_neighbour, search_chats
from chat.archive.search.filters import ArchiveFilter

__all__ = ["PAGE", "ArchiveFilter", "count_chats", "find_neighbour", "search_chats"]
