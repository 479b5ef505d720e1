"""The files of photos: below MEDIA_ROOT, under random names that the server makes, two sizes for each key."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

SIZES = (512, 96)
KIND = "image/jpeg"
KEY = re.compile(r"[A-Za-z0-9_-]{22}")


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.MEDIA_ROOT) / "photos"


def path_of(key: str, size: int) -> Path:
    """The file of one size. Raises ValueError for what is no key and no size of ours."""
    if not KEY.fullmatch(key) or size not in SIZES:
        raise ValueError("no photo has this name")
    return folder() / f"{key}-{size}.jpg"


def store(key: str, pictures: dict[int, bytes]) -> None:
    """Writes every size, all or none. Raises OSError when the disk takes no more."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for size, data in pictures.items():
            aside = path_of(key, size).with_suffix(".new")
            try:
                aside.write_bytes(data)
                os.replace(aside, path_of(key, size))
            finally:
                aside.unlink(missing_ok=True)
    except OSError:
        remove(key)
        raise


def read(key: str, size: int) -> bytes | None:
    """The bytes of one size; None where there is no such file."""
    try:
        return path_of(key, size).read_bytes()
    except (OSError, ValueError):
        return None


def remove(key: str) -> None:
    """Removes every size from the disk, and the note that they must go."""
    if key:
        for size in SIZES:
            path_of(key, size).unlink(missing_ok=True)
        _note_of(key).unlink(missing_ok=True)


def announce_removal(key: str) -> None:
    """Notes on the disk, before the commit, that these files must go: a process that dies after it leaves the note."""
    if key:
        _note_of(key).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _note_of(key).touch()


def take_back(key: str) -> None:
    """Takes the note back: the commit did not come, and the photo stays."""
    _note_of(key).unlink(missing_ok=True)


def list_announced(older_than_seconds: float) -> list[str]:
    """The keys whose files must go since at least that time; on a healthy site there are none."""
    before = time.time() - older_than_seconds
    return [path.name for path in _note_of("").glob("*") if KEY.fullmatch(path.name) and _is_older(path, before)]


def _is_older(path: Path, moment: float) -> bool:
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:  # its files are gone since the folder was read
        return False


def _note_of(key: str) -> Path:
    if key and not KEY.fullmatch(key):
        raise ValueError("no photo has this name")
    return folder() / "going" / key


def list_keys(older_than_seconds: float) -> Iterator[str]:
    """The keys that have a file of at least that age."""
    before, seen = time.time() - older_than_seconds, set()
    for path in folder().glob("*-*.*"):
        key = path.name.rpartition("-")[0]
        if key not in seen and KEY.fullmatch(key) and path.stat().st_mtime < before:
            seen.add(key)
            yield key
