"""Limits count exactly, say when to come back, and never depend on Redis."""

import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from core.checks import limits_count_together
from core.errors import Refused
from core.limits import LIMITS, Limit, TooMany, count_use, limited
from core.middleware import RefusedAnswers

APPS = {"accounts", "analytics", "chat", "facts", "livechat", "notifications", "operators", "policies", "privacy"}
APPS |= {"enforcement", "forum", "reports", "support", "surveys"}
REDIS_THAT_IS_GONE = {
    "default": {"BACKEND": "core.cache.SurvivingRedisCache", "LOCATION": "redis://127.0.0.1:9/0"},
}


@pytest.mark.parametrize("route", LIMITS)
def test_each_limit_lets_its_count_in_and_then_no_more(route: str) -> None:
    limit = LIMITS[route]
    with time_machine.travel(1_800_000_000 - 1_800_000_000 % limit.seconds, tick=False):
        for _ in range(limit.count):
            count_use(route, "198.51.100.1")
        with pytest.raises(TooMany) as refused:
            count_use(route, "198.51.100.1")
        count_use(route, "198.51.100.2")
    assert (refused.value.status, refused.value.code) == (429, "rate")
    assert 0 < refused.value.retry_after <= limit.seconds
    with time_machine.travel(1_800_000_000 + limit.seconds, tick=False):
        count_use(route, "198.51.100.1")


def test_four_hundred_at_once_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "test", Limit(100, 3600, "test"))
    refused: list[bool] = []

    def use() -> None:
        for _ in range(40):
            try:
                count_use("test", "key")
            except TooMany:
                refused.append(True)

    workers = [threading.Thread(target=use) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(refused) == 300


def test_a_page_over_its_limit_answers_429_with_retry_after(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "test", Limit(1, 60, "test"))

    @limited("test")
    def view(request: Any) -> HttpResponse:
        return HttpResponse("in")

    def ask() -> HttpResponse:
        request = rf.get("/", headers={"Accept": "application/json"})
        try:
            return view(request)
        except Refused as refused:
            answer = RefusedAnswers(view).process_exception(request, refused)
            assert answer is not None
            return answer

    assert ask().status_code == 200
    answer = ask()
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert b"Wait a moment" in answer.content


def test_the_key_itself_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    add = cache.add
    monkeypatch.setattr(cache, "add", lambda name, *rest, **more: (seen.append(name), add(name, *rest, **more))[1])
    count_use("signup", "198.51.100.1")
    assert len(seen) >= 2
    assert "198.51" not in "".join(seen)


def test_a_window_begins_with_the_first_try_and_not_with_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two windows that follow each other at a full hour would let twice the count in within a moment."""
    monkeypatch.setitem(LIMITS, "test", Limit(2, 600, "test"))
    with time_machine.travel(1_800_000_000 - 1_800_000_000 % 600 + 599, tick=False) as clock:
        count_use("test", "key")
        count_use("test", "key")
        clock.shift(2)
        with pytest.raises(TooMany) as told:
            count_use("test", "key")
        assert told.value.retry_after == 598


@override_settings(CACHES=REDIS_THAT_IS_GONE)
def test_limits_go_on_while_redis_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "test", Limit(2, 60, "test"))
    count_use("test", "key")
    count_use("test", "key")
    with pytest.raises(TooMany):
        count_use("test", "key")


def test_addresses_of_one_ipv6_network_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "test", Limit(2, 60, "test"))
    count_use("test", "2001:db8:1:2::1")
    count_use("test", "2001:db8:1:2:aaaa::7")
    count_use("test", "2001:db8:1:3::1")
    with pytest.raises(TooMany):
        count_use("test", "2001:db8:1:2:ffff::9")


@pytest.mark.parametrize("caches", [None, REDIS_THAT_IS_GONE])
def test_a_full_memory_does_not_throw_counts_out(monkeypatch: pytest.MonkeyPatch, caches: Any) -> None:
    monkeypatch.setitem(LIMITS, "test", Limit(1, 3600, "test"))
    with override_settings(**({"CACHES": caches} if caches else {})):
        count_use("test", "198.51.100.1")
        for number in range(2000):
            cache.add(f"filled:{number}", 1, 60)
        with pytest.raises(TooMany):
            count_use("test", "198.51.100.1")


def test_several_processes_need_a_shared_counter() -> None:
    alone = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    files = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "/nowhere"}}
    with override_settings(CACHES=alone, WEB_PROCESSES=1):
        assert limits_count_together() == []
    with override_settings(CACHES=alone, WEB_PROCESSES=2):
        assert [error.id for error in limits_count_together()] == ["core.E011"]
    with override_settings(CACHES=files, WEB_PROCESSES=1):
        assert [error.id for error in limits_count_together()] == ["core.E010"]
    with override_settings(CACHES=REDIS_THAT_IS_GONE, WEB_PROCESSES=4):
        assert limits_count_together() == []


def test_every_row_of_the_table_is_counted_at_a_door() -> None:
    root = Path(__file__).parent.parent.parent
    doors = [path for path in root.glob("*/**/*.py") if "tests" not in path.parts and path.name != "limits.py"]
    code = "\n".join(path.read_text() for path in doors if path.parts[len(root.parts)] in APPS)
    unused = [route for route in LIMITS if f'("{route}"' not in code and f'["{route}"]' not in code]
    assert unused == []
