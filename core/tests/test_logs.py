"""Logs hold what happened, never who."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.test import Client

from core.logs import configure
from core.looking import look_at

CANARIES = ["canary@example.org", "canary-token-1", "198.51.100.77", "CanaryBrowser"]


@pytest.fixture
def lines() -> Iterator[StringIO]:
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    configure({"level": "INFO", "json": True})
    out = StringIO()
    root.handlers[0].stream = out  # type: ignore[attr-defined]
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)  # others write to the log after this test, some for the first time


def test_a_request_is_one_line_without_path_query_address_or_browser(lines: StringIO, client: Client, db: None) -> None:
    answer = client.get(
        "/unsubscribe/canary-token-1/?email=canary@example.org",
        REMOTE_ADDR="198.51.100.77",
        headers={"User-Agent": "CanaryBrowser"},
    )
    for canary in CANARIES:
        assert canary not in lines.getvalue()
    rows = [json.loads(line) for line in lines.getvalue().splitlines()]
    [row] = [row for row in rows if row["event"] == "request"]
    assert row["method"] == "GET"
    assert row["status"] == answer.status_code
    assert row["request_id"] == answer["X-Request-Id"]
    assert row["ms"] >= 0


def test_an_error_is_told_by_type_and_place_and_not_by_what_somebody_wrote(lines: StringIO) -> None:
    try:
        raise ValueError("Key (email)=(canary@example.org) already exists")
    except ValueError:
        logging.getLogger("chat").exception("it failed")
    [row] = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert "canary" not in lines.getvalue()
    assert row["error"] == "ValueError"
    assert "test_logs.py" in row["where"]


def test_djangos_own_warnings_lose_the_path(lines: StringIO) -> None:
    arguments: Any = ("Not Found", "/unsubscribe/canary-token-1/")
    logging.getLogger("django.request").warning("%s: %s", *arguments)
    [row] = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert row["event"] == "Not Found"


def test_machines_that_ask_all_day_are_not_logged(lines: StringIO, client: Client, db: None) -> None:
    client.get("/healthz")
    assert lines.getvalue() == ""


def test_what_the_site_looks_at_itself_is_no_visit(lines: StringIO, db: None) -> None:
    assert look_at("/healthz").status_code == 200
    assert look_at("/no-such-page/").status_code == 404
    assert lines.getvalue() == ""
