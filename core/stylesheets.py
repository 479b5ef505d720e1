"""Joins the parts of the style sheet into one file, so that a page asks for one."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

CSS = Path("css")
SHEETS: dict[str, tuple[str, ...]] = {
    "css/site.css": (
        "tokens.css",
        "base.css",
        "parts/controls.css",
        "parts/feedback.css",
        "parts/data.css",
        "parts/conversation.css",
        "parts/privacy.css",
        "parts/shells.css",
        "parts/console.css",
        "parts/chat.css",
        "parts/landing.css",
        "parts/pages.css",
        "parts/reports.css",
        "parts/support.css",
        "parts/forum.css",
        "parts/text.css",
    ),
    "css/moderation.css": ("parts/moderation.css",),  # moderators and signed-in members only
    "css/frame.css": (
        "tokens.css",
        "base.css",
        "parts/controls.css",
        "parts/conversation.css",
        "parts/privacy.css",
        "widget.css",
    ),
}


class JoinedSheets(BaseFinder):
    """Finds the joined sheets; they are written below VAR when their parts have changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.source = Path(settings.BASE_DIR) / "static" / CSS
        self.storage = FileSystemStorage(location=Path(settings.VAR) / "joined")
        self.storage.prefix = ""  # type: ignore[attr-defined]  # collectstatic asks for it

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in SHEETS:
            return []
        file = str(self._join(path))
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in SHEETS:
            self._join(path)
            yield path, self.storage

    def _join(self, path: str) -> Path:
        content = "".join((self.source / part).read_text(encoding="utf-8") for part in SHEETS[path])
        target = Path(self.storage.location) / path
        if target.exists() and target.read_text(encoding="utf-8") == content:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(f".{os.getpid()}")
        draft.write_text(content, encoding="utf-8")
        draft.replace(target)  # another process may read it at this moment
        return target
