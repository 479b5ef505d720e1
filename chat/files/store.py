"""The files of chats: below FILES_ROOT, under names that the server makes, readable by the site alone.

A file is written before its row and removed after it; what a process that died left between the two is swept.
"""

import errno
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat.models import Attachment
from core.errors import Refused, not_found
from core.faults import fault_point

log = structlog.get_logger(__name__)

PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{40}")
PARCEL = re.compile(r"out/[0-9a-f]{40}")  # made for one download, gone when that begins
LINK_SECONDS = 300
LINK_SALT = "chat.files.link"
CHUNK = 500  # paths in one question to the database
LONGEST_NAME = 160
# what no name of a file may hold: control characters, what turns the direction of what follows, separators of folders
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SEPARATORS = re.compile(r'[/\\:*?"<>|]')


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.FILES_ROOT)


def path_of(name: str) -> Path:
    """The file of a made-up name. Raises ValueError for what is no name of ours."""
    if not PATH.fullmatch(name) and not PARCEL.fullmatch(name):
        raise ValueError("no file has this name")
    return folder() / name


def no_space() -> Refused:
    """The answer when the disk takes no more."""
    return Refused("no_space", _("We cannot store files now. Your message can go without it."), status=503)


def store(data: bytes) -> str:
    """Writes the bytes under a new name and answers it: all of them, or none. Raises Refused `no_space`."""
    token = secrets.token_hex(20)
    name = f"{token[:2]}/{token}"
    aside = path_of(name).with_suffix(".new")
    try:
        aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data[: len(data) // 2])
            fault_point("files.half_written")
            file.write(data[len(data) // 2 :])
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path_of(name))
    except OSError as problem:
        _unlink(aside)
        log.warning("files.not_stored", why=errno.errorcode.get(problem.errno or 0, "OSError"))
        raise no_space() from None
    return name


def new_parcel() -> tuple[str, Path]:
    """The name and place of a file that is made for one download."""
    name = f"out/{secrets.token_hex(20)}"
    path_of(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return name, path_of(name)


def remove(names: Iterable[str]) -> None:
    """Removes files from the disk; what is gone already is fine."""
    for name in names:
        _unlink(path_of(name))


def remove_on_commit(names: list[str]) -> None:
    """The same once the transaction is committed; a file that is left then is swept within the hour."""
    if names:
        transaction.on_commit(lambda: remove(names), robust=True)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        log.warning("files.not_removed", why=errno.errorcode.get(problem.errno or 0, "OSError"))


# ---- what hangs on rows that go ---------------------------------------------------------------------------
def forget_files(keys: list[Any]) -> None:
    """Removes the files of attachments whose rows are about to go (in the caller's transaction)."""
    _forget(pk__in=keys)


def forget_files_of_chats(keys: list[Any]) -> None:
    """The same for chats."""
    _forget(chat_id__in=keys)


def forget_files_of_lines(keys: list[Any]) -> None:
    """The same for lines."""
    _forget(message_id__in=keys)


def forget_files_of_visitors(keys: list[Any]) -> None:
    """The same for visitors with every chat."""
    _forget(chat__visitor_id__in=keys)


def _forget(**which: Any) -> None:
    rows = Attachment._base_manager.filter(**which)  # keys of rows that the caller has chosen, of whatever account
    remove_on_commit(list(rows.values_list("path", flat=True)))


# ---- files without a row ----------------------------------------------------------------------------------
def list_strays(older_than_seconds: float) -> Iterator[str]:
    """Files that no row names and that are at least that old: a process died between the two."""
    names: list[str] = []
    for name in _list_old(older_than_seconds):
        names.append(name)
        if len(names) == CHUNK:
            yield from _without_row(names)
            names = []
    yield from _without_row(names)


def _list_old(older_than_seconds: float) -> Iterator[str]:
    before = time.time() - older_than_seconds
    for path in folder().glob("*/*"):
        try:
            if path.stat().st_mtime < before:
                yield f"{path.parent.name}/{path.name}"
        except OSError:
            continue  # it went meanwhile


def _without_row(names: list[str]) -> list[str]:
    known = {path for owner in _owners for path in owner(names)} if names else set()
    return [name for name in names if name not in known]


def _known_paths(names: list[str]) -> set[str]:
    return set(Attachment._base_manager.filter(path__in=names).values_list("path", flat=True))


Owner = Callable[[list[str]], set[str]]
_owners: list[Owner] = [_known_paths]


def register_owner(owner: Owner) -> None:
    """Another app keeps files here: `owner` answers which of these names its rows name, and the sweep leaves them."""
    if owner not in _owners:
        _owners.append(owner)


def remove_strays(names: Iterable[str]) -> int:
    """Removes such files, half-written ones too. Answers how many."""
    count = 0
    for name in names:
        if PATH.fullmatch(name.removesuffix(".new")) or PARCEL.fullmatch(name):
            _unlink(folder() / name)
            count += 1
    return count


# ---- names and links --------------------------------------------------------------------------------------
def ending_of(name: str) -> str:
    """The ending of a file's name in lower case, "" without one."""
    ending = name.rpartition(".")[2].strip().lower() if "." in name else ""
    return ending if ending.isascii() and ending.isalnum() and len(ending) <= 10 else ""


def clean_name(name: str, ending: str, *, fallback: str = "file") -> str:
    """A name without folders, control characters and turned directions, at most 160 long, with this ending."""
    name = _UNWANTED.sub("", name.replace("\\", "/").rpartition("/")[2])
    name = " ".join(_SEPARATORS.sub("-", name).split()).strip(". ")
    stem = name
    if ending_of(name) and len(name) > len(ending_of(name)) + 1:
        stem = name[: -len(ending_of(name)) - 1].rstrip(". ")
    same = {"jpeg": "jpg"}
    while same.get(ending_of(stem), ending_of(stem)) == ending:  # "bill.pdf.exe" that is a PDF
        stem = stem.rpartition(".")[0].rstrip(". ")
    stem = stem[: LONGEST_NAME - len(ending) - 1].rstrip(". ") or fallback
    return f"{stem}.{ending}"


def make_link_token(visitor: UUID, file: UUID) -> str:
    """A word that opens one file to one visitor for five minutes."""
    return signing.dumps([visitor.hex, file.hex], salt=LINK_SALT)


def check_link_token(token: str, visitor: UUID, file: UUID) -> None:
    """Raises Refused not_found unless the word was made for this file and visitor within the last five minutes."""
    try:
        named = signing.loads(token, salt=LINK_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        raise not_found() from None
    if named != [visitor.hex, file.hex]:
        raise not_found()
