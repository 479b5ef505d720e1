"""Writes the copy of a person's data: one ZIP with a page to read, a JSON file for each kind, and the files.

Rows are read and written in portions, so that a person with many rows needs no more memory than one with few.
"""

import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.scoping import scopes_disabled
from core.personal_data import Category, PersonalModel
from privacy.copy_files import folder
from privacy.persons import Person, rows_of
from privacy.queries.holdings import entries_with_rows, label_values

PORTION = 500
_UNSAFE = re.compile(r"[^\w. ()-]")


def write_copy(person: Person, place: Path, told: Callable[[int], None] = lambda done: None) -> int:
    """Writes the copy, whole or not at all, and answers its size; `told` hears how many kinds are written."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = place.with_suffix(".new")
    try:
        with os.fdopen(os.open(aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, scopes_disabled():
                _write(archive, person, told)
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, place)
    finally:
        aside.unlink(missing_ok=True)
    return place.stat().st_size


def _write(archive: zipfile.ZipFile, person: Person, told: Callable[[int], None]) -> None:
    counts: dict[str, int] = {}
    with tempfile.NamedTemporaryFile("w", dir=folder(), encoding="utf-8", suffix=".html") as page:
        page.write(render_to_string("privacy/copy/head.html", {"made_at": timezone.now()}))
        for done, entry in enumerate(entries_with_rows(), 1):
            number = _write_kind(archive, page, entry, person)
            if number:
                counts[entry.model] = number
                _write_files(archive, entry, person)
            told(done)
        page.write(render_to_string("privacy/copy/foot.html", {"kinds": len(counts)}))
        page.flush()
        archive.write(page.name, "index.html")
    summary = {"made_at": timezone.now(), "rows": counts}
    archive.writestr("contents.json", json.dumps(summary, cls=DjangoJSONEncoder, indent=1))


def _write_kind(archive: zipfile.ZipFile, page: IO[str], entry: PersonalModel, person: Person) -> int:
    """Every row of one kind, into its own JSON file and into the page. Answers how many."""
    portions = _portions(entry, person)
    first = next(portions, None)
    if first is None:
        return 0
    told = [{"field": one.name, "is": str(one.label), "why": str(one.why)} for one in entry.fields if one.export]
    start = json.dumps({"is": str(entry.label), "kept": str(entry.kept), "fields": told}, ensure_ascii=False)
    page.write(render_to_string("privacy/copy/kind.html", {"entry": entry}))
    number, portion = 0, first
    with archive.open(f"data/{entry.model}.json", "w") as file:
        file.write(f'{start[:-1]}, "rows": ['.encode())
        while portion:
            lines = [json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, default=str) for row in portion]
            file.write((("" if not number else ",") + "\n" + ",\n".join(lines)).encode())
            number += len(portion)
            page.write(
                render_to_string("privacy/copy/rows.html", {"rows": [label_values(entry, row) for row in portion]})
            )
            portion = next(portions, [])
        file.write(b"\n]}\n")
    return number


def _portions(entry: PersonalModel, person: Person) -> Iterator[list[dict[str, Any]]]:
    names = columns_of(entry)
    for rows in rows_of(entry, person):
        portion: list[dict[str, Any]] = []
        for row in rows.order_by("pk").values(*names).iterator(chunk_size=PORTION):
            portion.append(row)
            if len(portion) == PORTION:
                yield portion
                portion = []
        if portion:
            yield portion


def columns_of(entry: PersonalModel) -> list[str]:
    """The columns of a table that its person gets: all but secrets, what is kept out of copies, and keys to others."""
    closed = {one.name for one in entry.fields if not one.export or one.category is Category.SECRET}
    closed |= {*entry.keys, *entry.not_personal}
    return [one.name for one in apps.get_model(entry.model)._meta.concrete_fields if one.name not in closed]


def _write_files(archive: zipfile.ZipFile, entry: PersonalModel, person: Person) -> None:
    if entry.files_of is None:
        return
    for rows in rows_of(entry, person):
        for row in rows.order_by("pk").iterator(chunk_size=PORTION):
            for name, path in entry.files_of(row):
                if path.is_file():
                    archive.write(path, f"files/{entry.model}/{row.pk}-{_UNSAFE.sub('_', name)[-120:]}")
