"""Secrets that a site makes for itself and keeps in a file."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def _make_secret() -> str:
    return secrets.token_urlsafe(48)


def keep_secret_file(path: Path, make: Callable[[], str] = _make_secret) -> str:
    """The secret kept in `path`; made (with 384 random bits) and kept with mode 0600 when it does not exist yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(make())
        with contextlib.suppress(FileExistsError):  # another process of the same start won the race
            os.link(draft, path)  # the file appears whole or not at all
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()
