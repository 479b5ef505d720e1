"""Looks after an erasure for what was forgotten: every text column of every table, search indexes, files, the cache."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import connection

from core.personal_data import Erase, registry

LARGEST_FILE = 25 * 1024 * 1024  # bytes of a file that are read
ROWS = 2000  # rows of one column that are told apart into kept and forgotten
TEXTS = (
    "text",
    "character varying",
    "character",
    "json",
    "jsonb",
    "inet",
    "tsvector",
    "bytea",
    "ARRAY",
    "USER-DEFINED",
)
NUMBERS = ("int", "bool", "real", "date", "time", "decimal", "float")  # in SQLite's names of types
OWN = "privacy_erasureplan"  # it holds the words that are looked for


@dataclass
class Swept:
    """What a sweep saw. `found` and `kept`: (table, column, rows); `kept` are columns that the data map keeps."""

    columns: int = 0
    indexes: int = 0
    files: int = 0
    entries: int = 0
    found: list[tuple[str, str, int]] = field(default_factory=list)
    kept: list[tuple[str, str, int]] = field(default_factory=list)


def sweep(needles: Iterable[str], keys: dict[str, list[Any]]) -> Swept:
    """Looks for the words everywhere. `keys` are the rows of the plan: only in these a declared column may stay."""
    seen, words = Swept(), sorted({form for needle in needles for form in _forms(needle)})
    if words:
        _sweep_tables(seen, words, keys)
        if connection.vendor == "sqlite":
            _sweep_indexes(seen, sorted(set(needles)))
        _sweep_files(seen, [word.encode() for word in words])
        _sweep_cache(seen, [word.encode() for word in words])
    return seen


def _forms(needle: str) -> set[str]:
    """A word as it may stand in plain text, in JSON and in an address."""
    return {needle, needle.lower(), json.dumps(needle)[1:-1], quote(needle), quote(needle, safe="@")}


# ---- The database -------------------------------------------------------------------------------------------
def _sweep_tables(seen: Swept, words: list[str], keys: dict[str, list[Any]]) -> None:
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    patterns = [f"%{_escape(word)}%" for word in words]
    for table, columns in text_columns().items():
        if table == OWN:
            continue
        seen.columns += len(columns)
        for column, count in _count_hits(table, columns, patterns):
            model = models.get(table)
            stays = _count_kept(model, column, patterns, keys) if model else 0
            name = model._meta.label if model else table
            if stays:
                seen.kept.append((name, column, stays))
            if count > stays:
                seen.found.append((name, column, count - stays))


def text_columns() -> dict[str, list[str]]:
    """Every column of the database that can hold a word, by table; of search indexes those that can be read."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
                " USING (table_schema, table_name) WHERE c.table_schema = current_schema()"
                " AND t.table_type = 'BASE TABLE' AND c.data_type = ANY(%s) ORDER BY 1, 2",
                [list(TEXTS)],
            )
            for table, column in cursor.fetchall():
                found.setdefault(table, []).append(column)
            return found
        cursor.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        for table, _type in cursor.fetchall():
            cursor.execute("SELECT name, type FROM pragma_table_info(%s)", [table])
            columns = [name for name, kind in cursor.fetchall() if not str(kind).lower().startswith(NUMBERS)]
            if columns and not table.startswith("sqlite_"):
                found[table] = columns
    return found


def _escape(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _matches(column: str, patterns: list[str]) -> str:
    """SQL: whether one of the patterns stands in the column."""
    text = f"CAST({connection.ops.quote_name(column)} AS text)"
    like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
    return "(" + " OR ".join([f"{text} {like} %s ESCAPE '\\'"] * len(patterns)) + ")"


def _count_hits(table: str, columns: list[str], patterns: list[str]) -> Iterator[tuple[str, int]]:
    """Each column with a hit and its number of rows, in one walk over the table."""
    sums = ", ".join(f"SUM(CASE WHEN {_matches(column, patterns)} THEN 1 ELSE 0 END)" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM {connection.ops.quote_name(table)}", patterns * len(columns))  # noqa: S608  names come from the schema
        row = cursor.fetchone()
    yield from ((column, count) for column, count in zip(columns, row, strict=True) if count)


def _count_kept(model: Any, column: str, patterns: list[str], keys: dict[str, list[Any]]) -> int:
    """How many hits stand in rows of the plan, in a field that the data map keeps."""
    label = model._meta.label
    names = [one.name for one in model._meta.concrete_fields if one.column == column]
    if label not in registry or label not in keys or not names:
        return 0
    declared = [one for one in registry.find(label).fields if one.name == names[0]]
    if not declared or declared[0].erase is not Erase.KEEP:
        return 0
    own = {str(key) for key in keys[label]}
    pk, table = model._meta.pk.column, model._meta.db_table
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quoted(pk)} FROM {quoted(table)} WHERE {_matches(column, patterns)} LIMIT {ROWS}",  # noqa: S608  as above
            patterns,
        )
        return sum(str(row[0]) in own for row in cursor.fetchall())


def _sweep_indexes(seen: Swept, needles: list[str]) -> None:
    """The full-text indexes of SQLite hold no columns: a word that no table holds any more must not be found there."""
    gone = [needle for needle in needles if not _stands_in_a_table(needle)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%%USING fts5%%'")
        indexes = [name for (name,) in cursor.fetchall()]
        for index in indexes:
            name = connection.ops.quote_name(index)
            seen.indexes += 1
            for needle in gone:
                phrase = '"' + needle.replace('"', " ") + '"'
                cursor.execute(f"SELECT count(*) FROM {name} WHERE {name} MATCH %s", [phrase])  # noqa: S608  as above
                if count := cursor.fetchone()[0]:
                    seen.found.append((index, "words", count))


def _stands_in_a_table(needle: str) -> bool:
    patterns = [f"%{_escape(needle)}%"]
    tables = text_columns().items()
    return any(any(_count_hits(table, columns, patterns)) for table, columns in tables if table != OWN)


# ---- Files and the cache ---------------------------------------------------------------------------------------
def list_folders() -> list[Path]:
    """Where the site keeps files: media, files of chats and requests, the queue and made downloads."""
    var = Path(settings.VAR)
    return [Path(settings.MEDIA_ROOT), Path(settings.FILES_ROOT), var / "broker", var / "copies"]


def _sweep_files(seen: Swept, words: list[bytes]) -> None:
    for folder in list_folders():
        for path, _folders, names in os.walk(folder):
            for name in names:
                seen.files += 1
                if _holds(Path(path) / name, words):
                    seen.found.append((f"files: {folder.name}", "content", 1))


def _holds(path: Path, words: list[bytes]) -> bool:
    try:
        with path.open("rb") as file:
            text = os.fsencode(path.name) + b"\n" + file.read(LARGEST_FILE)
    except OSError:
        return False  # it went meanwhile
    return any(word in text for word in words)


def _sweep_cache(seen: Swept, words: list[bytes]) -> None:
    for key, value in _cached():
        seen.entries += 1
        if any(word in key or word in value for word in words):
            seen.found.append(("cache", "entry", 1))


def _cached() -> Iterator[tuple[bytes, bytes]]:
    """Every entry of the cache as it is stored."""
    store: Any = getattr(caches["default"], "_cache", None)
    if isinstance(store, dict):  # in the memory of this process
        for key, value in list(store.items()):
            yield str(key).encode(), value if isinstance(value, bytes) else str(value).encode()
    elif hasattr(store, "get_client"):
        client = store.get_client(None)
        for key in client.scan_iter(count=500):
            if client.type(key) == b"string":
                yield bytes(key), client.get(key) or b""
