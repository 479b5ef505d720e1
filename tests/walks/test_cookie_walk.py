"""A browser in four states of consent reads every page: it keeps and asks what is declared, and nothing else (S62)."""

from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from core.consent import COOKIE
from core.outbound import Group, registry
from tests.fences.doors import DOORS
from tests.fences.kinds import Kind
from tests.fences.test_fence import world as world  # noqa: PLC0414  the fixture
from tests.fences.walk_pages import doors_of_the_resolver, nothing_stays, path_of
from tests.fences.world import World
from tests.walks.shop import open_chat, shop

__all__ = ["shop", "world"]

pytestmark = [pytest.mark.once, pytest.mark.timeout(900), pytest.mark.long, pytest.mark.django_db(transaction=True)]
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


READERS = {Kind.PUBLIC: "nobody", Kind.SECRET: "nobody", Kind.STAFF: "ada", Kind.AGENT: "nik", Kind.OFFICER: "pia"}


def find_pages(world: World, who: str) -> list[str]:
    """Every page of the resolver that is read by `who`, with the keys of real objects; files and the like left out."""
    found, browser = [], world.browser_of(getattr(world, who, None))
    for name in doors_of_the_resolver():
        door = DOORS[name]
        if door.get is None or door.kind in (Kind.DEVELOPMENT, Kind.NOWHERE, Kind.SHUT):
            continue
        if READERS.get(door.kind, "alice") != who:
            continue
        path = path_of(name, door.args(world) if door.args else {})
        with nothing_stays():
            answer = browser.get(path, door.get, headers=dict(door.headers))
        assert answer.status_code < 400 or answer.status_code in door.owner_gets, f"{name}: {answer.status_code}"
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append(path + (f"?{urlencode(door.get)}" if door.get else ""))
    return found


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


# the states in which each reads all of their pages; in the others a few
WHOLE = {"nobody": (0, 1, 2, 3), "alice": (2,), "nik": (2,), "pia": (2,), "ada": (1,)}
LEAST = {"nobody": 51, "alice": 61, "nik": 6, "pia": 6, "ada": 6}  # pages; fewer, and somebody has lost the way to them
# who reads, and which part of their pages of how many: the processes of pytest-xdist share them
PARTS = [*(("nobody", part, 3) for part in range(3)), *((who, 0, 1) for who in ("alice", "nik", "pia", "ada"))]


def test_every_reader_has_a_part():
    assert {who for who, _part, _of in PARTS} == set(WHOLE) == set(LEAST) == {"alice", *READERS.values()}
    for who in WHOLE:
        own = [(part, of) for reader, part, of in PARTS if reader == who]
        assert own == [(part, len(own)) for part in range(len(own))]


@pytest.mark.promise("declared_cookies")
@pytest.mark.parametrize(("who", "part", "of"), PARTS)
def test_in_every_state_a_browser_keeps_and_asks_only_what_is_declared(
    page_at: Any, site_server: str, world: World, complaints: Any, who: str, part: int, of: int
):
    complaints.expect("/favicon.ico")  # a browser asks for it beside an answer that is no page
    pages = find_pages(world, who)
    assert len(pages) >= LEAST[who]
    paths, watcher = pages[part::of], Watcher(page_at(user=getattr(world, who, None)), site_server)
    for number, (choice, groups) in enumerate(STATES):
        if choice:
            watcher.choose(choice)
        assert watcher.pick_theme() is (Group.COMFORT in groups)
        for path in paths if number in WHOLE[who] else paths[:3]:
            watcher.read(path, groups)
        watcher.read("/cookies/", groups)
        assert any("/b.gif" in url for url in watcher.asked) is (Group.STATISTICS in groups)
        chosen = [one for one in watcher.page.context.cookies() if one["name"] == COOKIE]
        assert bool(chosen) is bool(choice)
        assert all(one["httpOnly"] and one["sameSite"] == "Lax" for one in chosen)
    assert not watcher.faults, "\n".join(watcher.faults)


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_browser_that_says_no_is_not_counted_after_a_yes(page_at: Any, site_server: str, texts: Any, header: str):
    watcher = Watcher(page_at(extra_http_headers={header: "1"}), site_server)
    watcher.choose("all")
    for path in ("/", "/cookies/", "/policy/", "/promises/"):
        watcher.read(path, frozenset({Group.NEEDED, Group.COMFORT}))
        assert not any("/b.gif" in url for url in watcher.asked)
    assert not watcher.faults, "\n".join(watcher.faults)


@pytest.mark.parametrize("choice", ["", "needed", "all"])
def test_on_the_website_of_a_company_only_the_declared_things_are_kept(
    page_at: Any, site_server: str, shop: Callable[..., str], choice: str, settings: Any
):
    """127.0.0.1 on another port: the same site for a browser, so that nothing is refused by the browser itself."""
    own, page = shop(host="127.0.0.1"), page_at()
    if choice:
        Watcher(page, site_server).choose(choice)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{own}/")
    page.get_by_role("button", name="Open chat").wait_for()
    before = page.evaluate(STORED)
    assert not any(before.values()), before
    open_chat(page)
    frame = page.frames[-1]
    kept, inside = page.evaluate(STORED), frame.evaluate(STORED)
    for where in kept:
        assert set(kept[where]) <= ({"livechat"} if where == "sessionStorage" else set()), kept
        known = declared(where, frozenset({Group.NEEDED}))
        assert all(any(fnmatch(name, one) for one in known) for name in inside[where]), inside
    cookies = {one["name"] for one in page.context.cookies()}
    assert cookies <= ({COOKIE, settings.CSRF_COOKIE_NAME} if choice else set()), cookies
    assert asked and not [url for url in asked if not url.startswith((own, site_server, "blob:"))]
    assert not any("/b.gif" in url for url in asked)
