"""The small modules of the pages, and the pages without any script."""

from typing import Any

import pytest

pytestmark = [pytest.mark.once, pytest.mark.timeout(120)]


@pytest.fixture(autouse=True)
def published(site_server: str) -> None:
    from policies.testing import make_policies

    make_policies()


def background(page: Any) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_a_chosen_theme_beats_the_system_and_stays_until_it_is_taken_back(page_at: Any, site_server: str) -> None:
    page = page_at(1440, "light")
    page.goto("/")
    assert page.context.cookies() == [], "nothing is stored before a choice"
    light = background(page)
    page.get_by_role("button", name="Dark").click()
    page.locator("html[data-theme=dark]").wait_for()
    dark = background(page)
    assert dark != light
    page.goto("/account/login/")
    assert background(page) == dark
    assert page.locator("html").get_attribute("data-theme") == "dark", "the server knows it before any script"
    theme = [cookie for cookie in page.context.cookies() if cookie["name"] == "theme"]
    assert [(cookie["value"], cookie["sameSite"], cookie["path"]) for cookie in theme] == [("dark", "Lax", "/")]
    page.get_by_role("button", name="As the system").click()
    page.locator("html:not([data-theme])").wait_for()
    assert background(page) == light
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "theme"]


def test_a_menu_is_walked_with_arrows_and_left_with_escape_or_a_click_outside(page_at: Any) -> None:
    page = page_at(375)
    page.goto("/")
    button = page.locator(".site-menu > summary")
    button.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Product"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent") == "Log in"
    page.keyboard.press("Escape")
    assert not page.locator(".site-menu").evaluate("menu => menu.open")
    assert button.evaluate("button => button === document.activeElement")
    button.click()
    page.mouse.click(60, 500)
    assert not page.locator(".site-menu").evaluate("menu => menu.open")


def test_a_toast_waits_while_a_pointer_is_on_it_and_then_goes(page_at: Any) -> None:
    page = page_at(1440)
    page.clock.install()
    page.goto("/")
    page.evaluate("import('livechat/core/toast.js').then(module => { module.toast('Saved'); })")
    toast = page.get_by_role("status").filter(has_text="Saved")
    toast.hover()
    page.clock.run_for(20_000)
    assert toast.is_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(9_000)
    assert toast.count() == 0


def test_undo_of_a_toast_runs_and_the_toast_goes(page_at: Any) -> None:
    page = page_at(1440)
    page.goto("/")
    page.evaluate(
        "import('livechat/core/toast.js').then(module => "
        "{ module.toast('Closed', { action: { label: 'Undo', run: () => { document.title = 'undone'; } } }); })"
    )
    page.get_by_role("button", name="Undo").click()
    assert page.title() == "undone"
    assert page.get_by_text("Closed", exact=True).count() == 0


def test_words_of_time_stay_true_on_a_page_that_stays_open(page_at: Any) -> None:
    page = page_at(1440)
    page.goto("/")
    said = page.evaluate(
        "import('livechat/core/moments.js').then(({ ago }) => "
        "[30, 720, 7200, 90000].map(seconds => ago(0, seconds * 1000)))"
    )
    assert said == ["", "12 min ago", "2 hours ago", ""]


def test_pages_are_complete_without_script(page_at: Any) -> None:
    page = page_at(375, java_script_enabled=False)
    page.goto("/")
    assert page.get_by_role("heading", level=1).is_visible()
    page.locator(".site-menu > summary").click()
    page.locator(".menu-list").get_by_role("link", name="Log in").click()
    assert page.get_by_role("button", name="Log in").is_visible()
    assert not page.get_by_role("button", name="Dark").is_visible(), "what needs script is not shown without it"
