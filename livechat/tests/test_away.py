"""While the database is away, pages say when to come back; another fault is a 500 (SAFETY.md 2.2)."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from livechat import landing


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("problem", "status", "code"), [(OperationalError, 503, "busy"), (ZeroDivisionError, 500, "error")]
)
def test_a_database_that_is_away_is_no_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch, problem: type[Exception], status: int, code: str
) -> None:
    def fail() -> Any:
        raise problem

    monkeypatch.setattr(landing, "read_strip", fail)
    browser = Client(raise_request_exception=False)
    page = browser.get("/")
    assert (page.status_code, page.get("Retry-After")) == (status, "5" if status == 503 else None)
    assert b"<h1>" in page.content and page["X-Content-Type-Options"] == "nosniff"
    answer = browser.get("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
