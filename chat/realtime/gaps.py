"""The gap meter between processes (P18): each process with sockets notes how many of its readers are late."""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.realtime import hub

LATE_SECONDS = 10
NOTE_SECONDS = 5
FRESH_SECONDS = 30  # an older note is of a process that has ended


@dataclass(frozen=True)
class Gap:
    """What the processes of this machine last noted, added up."""

    processes: int
    sockets: int
    late: int


def _folder() -> Path:
    return Path(settings.VAR) / "gaps"


async def keep_noting() -> None:
    """Notes this process's sockets every few seconds until it is cancelled, and takes the note away then."""
    file = _folder() / f"{os.getpid()}.json"
    try:
        while True:
            note_gap(file)
            await asyncio.sleep(NOTE_SECONDS)
    finally:
        file.unlink(missing_ok=True)


def note_gap(file: Path) -> None:
    """Writes the note of this process, whole or not at all."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = {"at": time.time(), "sockets": len(hub.sockets), "late": hub.count_stalled(LATE_SECONDS)}
    aside = file.with_suffix(".new")
    aside.write_text(json.dumps(body), encoding="utf-8")
    os.replace(aside, file)


def read_gap() -> Gap:
    """The sum of the fresh notes; a file that is not whole is left out."""
    notes = []
    for file in _folder().glob("*.json"):
        try:
            note = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if time.time() - note["at"] < FRESH_SECONDS:
            notes.append(note)
    return Gap(len(notes), sum(note["sockets"] for note in notes), sum(note["late"] for note in notes))
