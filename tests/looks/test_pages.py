"""Each page has the components of its mockup, passes axe with everything open, and fits from 320 px on."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from tests.looks.crowd import Crowd
from tests.looks.eye import (
    CLASSES,
    OPEN_DISCLOSURES,
    THEMES,
    TOO_WIDE,
    judge,
    judge_layers,
    take_mockup,
    take_picture,
)
from tests.looks.pages import LOOKS, Look

pytestmark = [pytest.mark.once, pytest.mark.timeout(420), pytest.mark.real_hasher]  # the hash of passwords is a promise

WIDTHS = (1440, 768, 375)  # loaded wide, and then made narrower
TWO = [(1440, "light"), (375, "dark")]  # enough for axe, and for the pictures of a page that no mockup shows


def open_look(page: Any, look: Look) -> None:
    answer = page.goto(look.path if isinstance(look.path, str) else look.path())
    assert answer.status == look.status
    if look.before:
        look.before(page)
    if look.ready:
        page.wait_for_selector(look.ready)
    page.wait_for_load_state("networkidle")


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def look(request: pytest.FixtureRequest, furnished: None, site_server: str) -> Iterator[Look]:
    look: Look = request.param
    with Crowd(site_server, look.crowd) if look.crowd else nullcontext():
        yield look


def test_the_page_looks_like_its_mockup_and_fits_from_320_on(look: Look, page_at: Any, complaints: Any) -> None:
    for status in {look.status, look.status_after} - {200}:
        complaints.expect(f"status of {status}")
    assert not look.stale(), f"reasons for classes that the mockup does not have: {look.stale()}"
    user = look.user() if look.user else None
    found: list[str] = []
    classes: set[str] = set()
    page = page_at(WIDTHS[0], user=user)
    open_look(page, look)
    assert page.locator("[style]").count() == 0, f"{look.name}: a style attribute"
    for width in WIDTHS:
        found += see(page, look, width, classes)
    page.evaluate(OPEN_DISCLOSURES)
    for width, theme in TWO:
        found += judge_open(page, look, width, theme)
    missing = look.components() - classes if look.mockup else set()
    assert not missing, f"components of the mockup that are not on the page: {sorted(missing)}"
    assert not found, "\n".join(found)


def variants(look: Look, width: int) -> list[str]:
    """The themes in which a page is looked at."""
    return [theme for theme in THEMES if look.mockup or (width, theme) in TWO]


def see(page: Any, look: Look, width: int, classes: set[str]) -> list[str]:
    """What is too wide at this width, in each theme; adds the page's classes, and writes its pictures."""
    found = []
    page.set_viewport_size({"width": width, "height": 900})
    for theme in variants(look, width):
        page.emulate_media(color_scheme=theme)
        take_picture(page, look.name, width, theme)
        if look.mockup:
            take_mockup(page.context.browser, look.mockup, width, theme)
        found += [f"{look.name} {width} {theme}: wider than the window: {one}" for one in page.evaluate(TOO_WIDE)]
    classes |= set(page.evaluate(CLASSES))
    return found


def judge_open(page: Any, look: Look, width: int, theme: str) -> list[str]:
    """What axe finds with every disclosure open, and in each dialog; and whether the page fits into 320 px."""
    where = f"{look.name} {width} {theme}"
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    if look.rows and width == 1440:
        rows = page.locator(look.rows).filter(visible=True).count()
        assert rows >= 10, f"{look.name}: {rows} rows of data"
    found = judge(page, where) + judge_layers(page, where)
    if width == 375:
        page.set_viewport_size({"width": 320, "height": 900})
        found += [f"{look.name} 320: wider than the window: {one}" for one in page.evaluate(TOO_WIDE)]
    return found
