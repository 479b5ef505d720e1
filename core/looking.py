"""How a probe looks at this site: pages through the whole middleware stack, and the text of our own files."""

import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse

OWN_FOLDERS = (
    "livechat", "privacy", "reports", "support", "surveys", "forum", "chat", "facts", "operators", "notifications",
    "accounts", "audit", "policies", "analytics", "outbox", "core",
)  # fmt: skip


@cache
def _handler(middleware: tuple[str, ...]) -> BaseHandler:
    handler = BaseHandler()
    with warnings.catch_warnings():  # the web process has said what it misses
        warnings.simplefilter("ignore")
        handler.load_middleware()
    return handler


def look_at(path: str) -> HttpResponse:
    """The page at `path`, as a stranger gets it: real middleware, real view, no network."""
    from django.test import RequestFactory  # with it come unittest and jinja2: only where a probe looks

    request = RequestFactory().get(path, HTTP_HOST=settings.PUBLIC_HOST, secure=settings.SECURE)
    request.is_own_look = True  # type: ignore[attr-defined]  # no visit: neither the log nor the figures tell of it
    response = _handler(tuple(settings.MIDDLEWARE)).get_response(request)
    assert isinstance(response, HttpResponse)
    return response


def own_files(*suffixes: str, below: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of our own files with these endings, tests and migrations left out; `below` is a folder."""
    base = Path(settings.BASE_DIR)
    for folder in [below] if below else OWN_FOLDERS:
        for file in sorted((base / folder).rglob("*")):
            inside = file.relative_to(base)
            if file.suffix in suffixes and not {"tests", "migrations", "__pycache__"} & set(inside.parts):
                yield inside.as_posix(), file.read_text(encoding="utf-8")
