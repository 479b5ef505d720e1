"""Whom and what this site erased, as keyed hashes in a file that no backup holds: a restored backup erases them again.

The hash is of the kind, the number and the random public id, so that a number which is given away again means nobody.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from core.keys import keep_secret_file


def erased_file() -> Path:
    """The file of hashes, one line of JSON each; it stays where it is when a backup is restored."""
    return Path(settings.VAR) / "erased" / "erased.jsonl"


def _key() -> bytes:
    return keep_secret_file(erased_file().with_name("key")).encode()


def word_of(kind: str, key: int, public_id: object = "") -> str:
    """The word of a row that stands for a person or an account: its kind, number and random public id."""
    return f"{kind}:{key}:{public_id}"


def whole_of(word: str) -> str:
    """The word that says of the same row that its company deleted it whole."""
    return f"whole:{word}"


def hash_word(word: str) -> str:
    """HMAC-SHA256 of a word such as "user:12:<public id>", with a key that lies beside the file."""
    return hmac.new(_key(), word.encode(), hashlib.sha256).hexdigest()


def remember_erased(words: Iterable[str]) -> None:
    """Appends the hashes and waits until they are on the disk. Called before the rows go; twice is harmless."""
    known = read_erased()
    lines = [
        json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), "hash": hashed}) + "\n"
        for hashed in map(hash_word, words)
        if hashed not in known
    ]
    if not lines:
        return
    with os.fdopen(os.open(erased_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())


def read_erased() -> set[str]:
    """Every hash; a line that was cut off by a power cut is skipped."""
    try:
        lines = erased_file().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return set()
    found = set()
    for line in lines:
        try:
            found.add(str(json.loads(line)["hash"]))
        except (ValueError, KeyError):
            continue
    return found
