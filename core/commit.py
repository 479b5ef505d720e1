"""Which state of the code runs here: the commit, from COMMIT in the environment or from .git."""

import os
from pathlib import Path

from django.conf import settings


def current_commit() -> str:
    """The commit's 40 digits; empty where neither COMMIT nor a .git folder says it."""
    named = os.environ.get("COMMIT", "").strip()
    return named or _read_git(Path(settings.BASE_DIR) / ".git")


def _read_git(folder: Path) -> str:
    if folder.is_file():  # a worktree: ".git" names the real folder
        folder = Path(folder.read_text().partition("gitdir:")[2].strip())
    head = _read(folder / "HEAD")
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    common = folder / _read(folder / "commondir") if (folder / "commondir").is_file() else folder
    return _read(common / name) or _find_packed(common / "packed-refs", name)


def _find_packed(file: Path, name: str) -> str:
    for line in _read(file).splitlines():
        commit, _space, ref = line.partition(" ")
        if ref == name:
            return commit
    return ""


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
