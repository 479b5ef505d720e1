"""Structured logs: one line per event, with a request id and without personal data (SAFETY: logs)."""

import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
QUIET = {"healthz", "readyz", "metrics"}  # asked by machines all day


def without_paths(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Django's own warnings end with the path or the Host header, which can hold a token or a name: cut off."""
    if str(event.get("logger", "")).startswith("django."):
        event["event"] = str(event["event"]).partition(":")[0]
    return event


def without_messages(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """An error is told by its type and its places in the code; its message can quote what a person wrote."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    elif isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if found and found[0] is not None:
        frames = traceback.extract_tb(found[2])
        event["error"] = found[0].__name__
        event["where"] = " < ".join(f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in reversed(frames[-8:]))
    return event


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook. `options`: {"level": "INFO", "json": bool, "messages": bool (DEBUG only)}."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_paths,
        structlog.processors.format_exc_info if options.get("messages") else without_messages,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if options["json"] else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(is_of_others)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def is_of_others(record: logging.LogRecord) -> bool:
    """Whether a line is not about a page at which the site itself looked (`core.looking`)."""
    return not getattr(getattr(record, "request", None), "is_own_look", False)


class AccessLog:
    """One line per request: method, name of the route, status and time; no path, query, address or browser.

    A path can hold a token or an id, the name of its route cannot. Requests for static files do not reach us.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = structlog.get_logger("livechat.access")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from core.metrics import requests

        if getattr(request, "is_own_look", False):
            return self.get_response(request)
        started = time.perf_counter()
        response = self.get_response(request)
        passed = time.perf_counter() - started
        match = request.resolver_match
        route = (match.view_name if match else "") or "-"
        requests.labels(str(response.status_code)).observe(passed)
        if route not in QUIET:
            method = request.method if request.method in METHODS else "OTHER"
            self.log.info(
                "request", method=method, route=route, status=response.status_code, ms=round(passed * 1000, 1)
            )
        return response
