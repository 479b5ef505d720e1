"""Looks for what is left of somebody without the product's own sweep: every column, the sessions, the files, the cache.

`find_remains` runs in a process that has the site's settings; `House.script` can call it, too.
"""

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection

LARGEST = 50 * 1024 * 1024  # bytes of a file that are read


def find_remains(words: list[str], *, but_for: tuple[str, ...] = ()) -> list[str]:
    """Each place in which one of the words stands: "table support_request: ...". `but_for` are columns that may."""
    marks = [mark for word in words for mark in _marks(word)]
    found = [f"{place}: {_short(text, marks)}" for place, text in _everything(but_for) if _has(text, marks)]
    return found + _find_in_indexes(words)


def _marks(word: str) -> set[str]:
    """A word in the ways in which it can stand in a dump: as text, in JSON, as bytes in hexadecimal digits."""
    low = word.lower()
    return {low, json.dumps(low)[1:-1], low.encode().hex()}


def _has(text: str, marks: list[str]) -> bool:
    low = text.lower()
    return any(mark in low for mark in marks)


def _short(text: str, marks: list[str]) -> str:
    low = text.lower()
    at = min(low.index(mark) for mark in marks if mark in low)
    return text[max(at - 60, 0) : at + 60]


def _everything(but_for: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from _rows(but_for)
    yield from _sessions()
    yield from _files(Path(settings.VAR))
    for folder in (Path(settings.MEDIA_ROOT), Path(settings.FILES_ROOT)):
        if not folder.is_relative_to(settings.VAR):
            yield from _files(folder)
    yield from _cache()


def _rows(but_for: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every column of every row of every table, as text; columns in `but_for` ("table.column") are left out."""
    for table in sorted(set(connection.introspection.table_names()) - set(_indexes())):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  names of the schema
            names = [one[0] for one in cursor.description or ()]
            for row in cursor:
                for name, value in zip(names, row, strict=True):
                    if value is not None and f"{table}.{name}" not in but_for:
                        yield f"table {table}.{name}", _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _sessions() -> Iterator[tuple[str, str]]:
    """What browsers are remembered by: it is packed, so it is unpacked."""
    for session in Session.objects.all():
        yield "session", repr(session.get_decoded())


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Names and contents of files; archives are opened, the database itself was read as rows."""
    for path in folder.rglob("*"):
        if not path.is_file() or path.name.startswith(Path(str(connection.settings_dict["NAME"])).name):
            continue
        data = path.read_bytes()[:LARGEST]
        yield f"file {path.relative_to(folder)}", f"{path.name}\n{data.decode('utf-8', 'replace')}"
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for name in archive.namelist():
                    yield f"file {path.name}/{name}", archive.read(name).decode("utf-8", "replace")


def _cache() -> Iterator[tuple[str, str]]:
    """Each entry of each cache, in the memory of this process or in Redis; pickled words stand there as they are."""
    for alias in settings.CACHES:
        store: Any = caches[alias]._cache  # type: ignore[attr-defined]  # of both kinds that the site knows
        if hasattr(store, "get_client"):
            client = store.get_client(None)
            for key in client.scan_iter(count=500):
                if client.type(key) == b"string":
                    yield "cache", f"{key!r} {(client.get(key) or b'').decode('utf-8', 'replace')}"
        else:
            for key, value in list(store.items()):
                yield "cache", f"{key} {value.decode('utf-8', 'replace') if isinstance(value, bytes) else value}"


def _indexes() -> list[str]:
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%USING fts5%'")
        return [name for (name,) in cursor.fetchall()]


def _find_in_indexes(words: list[str]) -> list[str]:
    """The full-text indexes of SQLite hold packed words: they are asked."""
    found = []
    with connection.cursor() as cursor:
        for index in _indexes():
            for word in words:
                name = connection.ops.quote_name(index)
                phrase = '"' + word.replace('"', " ") + '"'
                cursor.execute(f"SELECT count(*) FROM {name} WHERE {name} MATCH %s", [phrase])  # noqa: S608  as above
                if count := cursor.fetchone()[0]:
                    found.append(f"index {index}: {word} {count}")
    return found


def pack(words: list[str]) -> str:
    """Words for a script of another process, so that its own command line does not hold them as they are."""
    return base64.b64encode(json.dumps(words).encode()).decode()


def unpack(packed: str) -> list[str]:
    """The words again."""
    return list(json.loads(base64.b64decode(packed)))
