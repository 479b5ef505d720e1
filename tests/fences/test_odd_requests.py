"""No request breaks a page: odd values in every address, every field and every question, from who may be there.

The doors are those of the fence's table, so that a new one is attacked without a new line here. What is asked for is
refused, left out or shown as text; it is never an error of ours (SAFETY: search and ordering, guessed ids).
"""

import contextlib
import itertools
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.urls import resolve
from django.urls.exceptions import Resolver404

from tests.fences.doors import DOORS, Door, Kind
from tests.fences.test_fence import world
from tests.fences.walk_pages import nothing_stays, path_of
from tests.fences.world import World

__all__ = ["world"]

NOTHING = "\x00"  # PostgreSQL has no text with it
ODD_PLACES = [NOTHING, "\ud800", "../../etc/passwd", "9" * 30, "x" * 3000, "'\"><script>", "%2e%2e"]
ODD_WORDS = ["9" * 30, "a\x00b\u202e", "-1", "x" * 20_000, "' OR 1=1 --", "NaN", '"*"*(', "<script>", "{{7*7}}"]
ODD_JSON: list[Any] = [None, True, -1, 10**30, 1.5, "a\x00", "\ud800", "x" * 5000, [], [None], {}, {"\x00": "\x00"}]
# what pages read from the question without saying so in the table of doors
QUESTIONS = (
    "q", "before", "after", "page", "since", "until", "cursor", "order", "sort", "next", "kind", "show", "from", "to",
    "lang", "operator", "group", "tag", "rating",
)  # fmt: skip
FOREIGN = ("admin", "account_", "mfa_", "usersessions_")  # pages of Django and django-allauth, tested by their makers


class Visits:
    """Visits doors as who may enter them; `faults` says which answered with an error of ours."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = 0
        self.faults: list[str] = []
        self.browsers = {who: world.browser_of(user) for who, user in (("alice", world.alice), ("ada", world.ada))}

    def visit(self, name: str, door: Door, method: str, path: str, body: Any = None) -> None:
        cache.clear()  # each visit counts as the first
        options: dict[str, Any] = {"headers": dict(door.headers)} if door.headers else {}
        if method == "POST" and door.content_type:
            options["content_type"] = door.content_type
        browser = self.browsers["ada" if door.kind in (Kind.STAFF, Kind.SHUT) else "alice"]
        said = f"{method} {name} {path[:80]!r} {str(body)[:120]}"
        with nothing_stays():
            try:
                status = getattr(browser, method.lower())(path, body, **options).status_code
            except Exception as problem:  # noqa: BLE001  a page that raises is what is looked for
                self.faults.append(f"{said}: {type(problem).__name__}: {str(problem)[:150]}")
                return
        self.count += 1
        if status >= 500:
            self.faults.append(f"{said}: {status}")


@pytest.fixture
def visits(world: World, caplog: pytest.LogCaptureFixture) -> Visits:
    caplog.set_level(logging.CRITICAL, logger="django.request")  # 404 by the hundred
    return Visits(world)


def own_doors(visits: Visits, method: str) -> Iterator[tuple[str, Door, str, dict[str, Any]]]:
    """The doors that take a method: name, door, address, and what its owner sends."""
    for name, door in DOORS.items():
        sent = door.get if method == "GET" else door.post and door.post(visits.world)
        if sent is not None and not name.startswith(FOREIGN) and "<" not in name:
            yield name, door, path_of(name, door.args(visits.world) if door.args else {}), sent


def test_no_odd_part_of_an_address_breaks_a_page(visits: Visits) -> None:
    for method in ("GET", "POST"):
        for name, door, path, _sent in own_doors(visits, method):
            if method == "POST" and door.get is not None:
                continue  # the same address
            for value in (door.args(visits.world) if door.args else {}).values():
                for odd in ODD_PLACES:
                    there = path.replace(
                        quote(str(value), safe="~:@!$&'()*+,;=/"), quote(odd.encode("utf-8", "surrogatepass"), safe="")
                    )
                    with contextlib.suppress(Resolver404):
                        resolve(there)  # what no route takes is no door
                        visits.visit(name, door, method, there)
    assert visits.faults == [], "\n".join(visits.faults)
    assert visits.count > 100


def test_no_odd_question_breaks_a_page(visits: Visits) -> None:
    turn = itertools.cycle(ODD_WORDS)
    for name, door, path, sent in own_doors(visits, "GET"):
        keys = [*sent, *QUESTIONS]
        visits.visit(name, door, "GET", f"{path}?{urlencode(dict.fromkeys(keys, NOTHING))}")
        visits.visit(name, door, "GET", f"{path}?{urlencode({key: next(turn) for key in keys})}")
    assert visits.faults == [], "\n".join(visits.faults)


def test_no_odd_field_breaks_a_page(visits: Visits) -> None:
    words, values = itertools.cycle(ODD_WORDS), itertools.cycle(ODD_JSON)
    for name, door, path, sent in own_doors(visits, "POST"):
        turn: Iterator[Any] = values if door.content_type else words
        for key in sent:
            visits.visit(name, door, "POST", path, {**sent, key: NOTHING})
        visits.visit(name, door, "POST", path, {key: next(turn) for key in sent})
    assert visits.faults == [], "\n".join(visits.faults)
