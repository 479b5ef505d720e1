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
    WIDTHS,
    judge,
    judge_layers,
    take_mockup,
    take_picture,
)
from tests.looks.pages import LOOKS, Look

pytestmark = [pytest.mark.once, pytest.mark.timeout(420), pytest.mark.real_hasher]  # the hash of passwords is a promise

EVERY = [(width, theme) for theme in THEMES for width in WIDTHS]
TWO = [(375, "dark"), (1440, "light")]  # enough for a page that no mockup shows, and for menus and dialogs


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
    for width, theme in EVERY if look.mockup else TWO:
        page = page_at(width, theme, user=user)
        open_look(page, look)
        found += see(page, look, width, theme, classes)
        page.context.close()
    page = page_at(320, user=user)
    open_look(page, look)
    page.evaluate(OPEN_DISCLOSURES)
    found += [f"{look.name} 320: wider than the window: {one}" for one in page.evaluate(TOO_WIDE)]
    missing = look.components() - classes if look.mockup else set()
    assert not missing, f"components of the mockup that are not on the page: {sorted(missing)}"
    assert not found, "\n".join(found)


def see(page: Any, look: Look, width: int, theme: str, classes: set[str]) -> list[str]:
    """What is wrong with the page at this width in this theme; adds its classes, and writes its picture."""
    where = f"{look.name} {width} {theme}"
    assert page.locator("[style]").count() == 0, f"{where}: a style attribute"
    take_picture(page, look.name, width, theme)  # Playwright hides the caret of fields with a style
    if look.mockup:
        take_mockup(page.context.browser, look.mockup, width, theme)
    found = [f"{where}: wider than the window: {one}" for one in page.evaluate(TOO_WIDE)]
    classes |= set(page.evaluate(CLASSES))
    page.evaluate(OPEN_DISCLOSURES)
    if look.rows and width == 1440:
        rows = page.locator(look.rows).filter(visible=True).count()
        assert rows >= 10, f"{where}: {rows} rows of data"
    if width != 768:  # it holds nothing that the narrow or the wide page has not
        found += judge(page, where)
    if (width, theme) in TWO:
        found += judge_layers(page, where)
    return found
