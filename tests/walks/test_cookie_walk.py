"""A browser in four states of consent reads every page: it keeps and asks what is declared, and nothing else (S62)."""

from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import User
from core.consent import COOKIE
from core.outbound import Group, registry
from tests.fences.doors import DOORS
from tests.fences.kinds import Kind
from tests.fences.walk_pages import path_of

pytestmark = [pytest.mark.once, pytest.mark.timeout(400), pytest.mark.long, pytest.mark.django_db(transaction=True)]
ALL = frozenset(Group)
# the choice that is made, and the groups whose things may be there from then on; before it, a theme that was picked
STATES = [
    ("", frozenset({Group.NEEDED, Group.COMFORT})),
    ("needed", frozenset({Group.NEEDED})),
    ("all", ALL),
    ("needed", frozenset({Group.NEEDED})),
]
STORED = """async () => ({
  localStorage: Object.keys(localStorage), sessionStorage: Object.keys(sessionStorage),
  indexedDB: (await indexedDB.databases()).map((one) => one.name),
})"""


def pages(user: User | None, *kinds: Kind) -> Iterator[str]:
    """The addresses of the pages of these kinds that this person can read."""
    client = Client(HTTP_HOST="127.0.0.1")
    if user:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for name, door in DOORS.items():
        if door.kind in kinds and door.get is not None and not door.args and not name.startswith(("admin", "dev_")):
            path = path_of(name, {})
            answer = client.get(path, door.get)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield path


def declared(where: str, groups: frozenset[Group]) -> list[str]:
    return [one.name for one in registry.cookies.values() if one.where == where and one.group in groups]


class Watcher:
    """Reads pages in one window and notes what nobody declared."""

    def __init__(self, page: Any, origin: str) -> None:
        self.page, self.origin = page, origin
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.states = 0
        page.on("request", lambda request: self.asked.append(request.url))

    def read(self, path: str, groups: frozenset[Group]) -> None:
        self.asked.clear()
        self.page.goto(path)
        kept = self.page.evaluate(STORED)
        kept["cookie"] = [one["name"] for one in self.page.context.cookies()]
        for where, names in kept.items():
            known = declared(where, groups)
            strange = [name for name in names if not any(fnmatch(name, pattern) for pattern in known)]
            self.faults += [f"{path}: {where} {name} with {sorted(groups)}" for name in strange]
        self.faults += [f"{path}: asked {url}" for url in self.asked if not url.startswith((self.origin, "blob:"))]
        is_counted = any(urlsplit(url).path == "/b.gif" for url in self.asked)
        if is_counted and Group.STATISTICS not in groups:
            self.faults.append(f"{path}: counted without a yes")

    def choose(self, choice: str) -> None:
        self.page.goto("/cookies/")
        self.page.click(f"button[value={choice}]")
        self.page.wait_for_selector("[role=status]")

    def pick_theme(self) -> bool:
        """Picks the dark theme and says whether the next page still knows it."""
        self.page.goto("/terms/")
        self.page.click("[data-theme-choice] button[value=dark]")
        self.page.goto("/policy/")
        return self.page.locator("html[data-theme=dark]").count() == 1


@pytest.mark.promise("declared_cookies")
def test_in_every_state_a_browser_keeps_and_asks_only_what_is_declared(page_at: Any, site_server: str, alice: User):
    faults = []
    public, own = list(pages(None, Kind.PUBLIC)), list(pages(alice, Kind.OWN, Kind.PERSON))
    assert len(public) > 10
    assert len(own) > 10
    for user, paths in ((None, public), (alice, own)):
        watcher = Watcher(page_at(user=user), site_server)
        for choice, groups in STATES:
            if choice:
                watcher.choose(choice)
            assert watcher.pick_theme() is (Group.COMFORT in groups)
            is_short = user is not None and watcher.states not in (1, 2)  # no and yes; the others as a stranger's
            watcher.states += 1
            for path in paths[:3] if is_short else paths:
                watcher.read(path, groups)
            watcher.read("/cookies/", groups)
            assert any("/b.gif" in url for url in watcher.asked) is (Group.STATISTICS in groups)
            chosen = [one for one in watcher.page.context.cookies() if one["name"] == COOKIE]
            assert bool(chosen) is bool(choice)
            assert all(one["httpOnly"] and one["sameSite"] == "Lax" for one in chosen)
        faults += watcher.faults
    assert not faults, "\n".join(faults)
