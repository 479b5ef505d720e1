"""The composer in a real browser: marks, preview, count, drafts, quotes, keys; without scripts; axe at three widths."""

from typing import Any

import pytest
from playwright.sync_api import expect

from core.tests import writer_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture(autouse=True)
def _page(settings: Any) -> None:
    settings.ROOT_URLCONF = "core.tests.writer_page"
    writer_page.posted.clear()
    writer_page.drafts.clear()


def opened(page_at: Any, **options: Any) -> Any:
    page = page_at(**options)
    page.set_default_timeout(10_000)
    page.goto("/writer/")
    if options.get("java_script_enabled", True):
        page.wait_for_selector(".writer-head:not([hidden])")
    return page


def choose(page: Any, start: int, end: int) -> None:
    page.locator("#reply").evaluate(
        "(field, [a, b]) => { field.focus(); field.setSelectionRange(a, b); }", [start, end]
    )


def value(page: Any) -> str:
    text: str = page.locator("#reply").input_value()
    return text


MARKS = [
    ("Bold", "one two", (4, 7), "one **two**"),
    ("Bold", "one **two**", (6, 9), "one two"),
    ("Bold", "", (0, 0), "**text**"),
    ("Italic", "one", (0, 3), "_one_"),
    ("Link", "one", (0, 3), "[one](https://)"),
    ("Link", "https://a.example", (0, 17), "[text](https://a.example)"),
    ("Quote", "one\ntwo", (1, 5), "> one\n> two"),
    ("Quote", "> one\n> two", (0, 11), "one\ntwo"),
    ("List", "one\ntwo", (0, 7), "- one\n- two"),
    ("Code", "one", (0, 3), "`one`"),
    ("Code", "one\ntwo", (0, 7), "```\none\ntwo\n```\n"),
]


def test_marks_by_button(page_at):
    page = opened(page_at)
    for button, before, chosen, after in MARKS:
        page.locator("#reply").fill(before)
        choose(page, *chosen)
        page.get_by_role("toolbar").get_by_role("button", name=button).click()
        assert value(page) == after, button
        page.keyboard.press("Control+z")
        assert value(page) == before, button


def test_marks_and_sending_by_key(page_at):
    page = opened(page_at)
    page.locator("#reply").fill("one")
    choose(page, 0, 3)
    page.keyboard.press("Control+b")
    assert value(page) == "**one**"
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reply")).to_have_value("")
    assert [sent["text"] for sent in writer_page.posted] == ["**one**"]
    assert "preview" not in writer_page.posted[0]


def test_toolbar_and_tabs_are_one_stop_each_and_arrows_walk(page_at):
    page = opened(page_at)
    page.get_by_role("tab", name="Write").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.mark") == "bold"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.mark") == "list"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.mark") == "bold"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "reply"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="Preview").get_attribute("aria-selected") == "true"


def test_the_preview_is_what_the_server_renders(page_at):
    page = opened(page_at)
    page.locator("#reply").fill("*a* <script>pwn()</script>")
    page.get_by_role("tab", name="Preview").click()
    page.wait_for_selector("#reply-preview em")
    assert page.locator("#reply-preview").inner_text() == "a <script>pwn()</script>"
    page.get_by_role("tab", name="Write").click()
    page.locator("#reply").fill("*b*")
    page.get_by_role("button", name="Preview").click()  # the form's own button shows it at once
    page.wait_for_selector("#reply-preview em:text-is('b')")
    assert writer_page.posted == []
    page.get_by_role("tab", name="Write").click()
    page.locator("#reply").fill(" ")
    page.get_by_role("tab", name="Preview").click()
    page.wait_for_selector("#reply-preview:has-text('Nothing to show yet.')")


def test_a_preview_that_fails_says_so_and_keeps_the_text(page_at, complaints):
    complaints.expect("status of 400")
    page = opened(page_at)
    page.locator("#reply").evaluate("(field) => { field.value = 'a'.repeat(50001); }")
    page.get_by_role("tab", name="Preview").click()
    page.wait_for_selector("#reply-preview:has-text('50,000')")
    complaints.expect("ERR_FAILED")
    page.route("**/preview/", lambda route: route.abort())
    page.get_by_role("tab", name="Write").click()
    page.get_by_role("tab", name="Preview").click()
    page.wait_for_selector("#reply-preview:has-text('Your text is safe')")
    assert len(value(page)) == 50_001


def test_the_count_is_there_near_the_end_only(page_at):
    page = opened(page_at)
    count = page.locator(".writer [data-count]")
    assert count.is_hidden()
    page.locator("#reply").evaluate(
        "(field) => { field.value = '𝒳'.repeat(49990); field.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    assert count.inner_text() == "Characters left: 10"
    assert page.locator(".writer [role=status]").inner_text() == "Characters left: 10"
    page.locator("#reply").evaluate(
        "(field) => { field.value += 'a'.repeat(12); field.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    assert count.inner_text() == "Characters too many: 2"


def test_what_was_typed_is_kept_as_a_draft(page_at):
    page = opened(page_at)
    page.locator("#reply").press_sequentially("begun")
    page.wait_for_selector(".writer [data-draft]:has-text('Draft saved')", timeout=6_000)
    assert [(kept["text"], kept["draft"]) for kept in writer_page.drafts] == [("begun", "k1")]


def test_a_post_is_quoted_whole_or_as_chosen(page_at):
    page = opened(page_at)
    page.locator("[data-quote]").click()
    assert value(page).startswith("> First line.\n>\n> code")
    page.locator("#reply").fill("Hello")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#p1 em'))")
    page.locator("[data-quote]").click()
    assert value(page) == "Hello\n\n> line\n\n"
    assert page.evaluate("document.activeElement.id") == "reply"


def test_without_scripts_the_form_previews_and_sends(page_at):
    page = opened(page_at, java_script_enabled=False)
    assert page.locator(".writer-head").is_hidden()
    page.locator("#reply").fill("\n*a*")
    page.get_by_role("button", name="Preview").click()
    assert page.locator(".writer-shown em").inner_text() == "a"
    assert value(page) == "\n*a*"
    page.get_by_role("button", name="Post reply").click()
    assert [sent["text"] for sent in writer_page.posted] == ["\r\n*a*"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_to_say_and_nothing_is_wider_than_the_page(page_at, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(page_at, color_scheme=theme)
    for width in (320, 375, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.locator("#reply").fill(
            "*a*\n\n" + "w" * 300 + "\n\n```\n" + "c" * 300 + "\n```\n|" + "a|" * 40 + "\n|" + "-|" * 40
        )
        for tab in ("Write", "Preview"):
            page.get_by_role("tab", name=tab).click()
            if tab == "Preview":
                page.wait_for_selector("#reply-preview em")
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
            found = Axe().run(page, context=".page-pad").response["violations"]
            assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
        page.get_by_role("tab", name="Write").click()
    page.screenshot(path=f"build/composer-{theme}.png")
