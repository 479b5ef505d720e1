"""What people write harms nobody: a corpus of our own and Hypothesis, read twice; and in a browser, all at once."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tests.costly_texts import costly
from core.tests.hostile_texts import HOSTILE
from core.tests.reading import TAGS, Reader, faults_of
from core.text import LONGEST, links, mentioned, plain, render

pytestmark = pytest.mark.once
PEOPLE = {"ada": "/forum/people/ada/"}
PARTS = [
    *"[]()<>*_~`!#&\\\"'|-=+:;@/ \n\t", "\n\n", "](", "![", "<script>", "</script>", "<img src=x onerror=pwn()>",
    "javascript:", "https://evil.example/", "data:text/html,", "&#x3c;", "&lt;", "&colon;", "[a]: ", "    ", "> ",
    "- ", "1. ", "```", "~~~", "|-|", "@ada", "\u202e", "\u200b", "\x00", "\ud800", "<svg>", "<math>", "<style>",
    "<!--", "-->", "]]>", "a", "Z", "é",
]  # fmt: skip
COSTLY = costly()
SLOWEST = 1.0  # seconds of processor time; the renderer stops at less than half of it


def test_the_corpus_is_as_large_as_the_issue_asks():
    assert len(set(HOSTILE)) + len(COSTLY) >= 500
    assert all(len(text) <= LONGEST for text in COSTLY.values())


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:60])
def test_nothing_of_a_hostile_text_comes_out(text: str):
    for wrapped in (text, f"> {text}", f"- {text}", f"**{text}**", f"|a|\n|-|\n|{text}|", f"[{text}](/x)", f"# {text}"):
        html = render(wrapped, mentions=PEOPLE)
        assert faults_of(html) == []
        html.encode("utf-8")  # what a page can be made of


@given(st.lists(st.sampled_from(PARTS), max_size=60).map("".join))
@settings(max_examples=400, deadline=None)
def test_nothing_of_mixed_parts_comes_out(text: str):
    html = render(text, mentions=PEOPLE)
    assert faults_of(html) == []
    html.encode("utf-8")


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_nothing_of_any_text_comes_out(text: str):
    assert faults_of(render(text)) == []
    plain(text).encode("utf-8")


@given(st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=6).map("\n".join))
@settings(max_examples=200, deadline=None)
def test_nothing_of_hostile_texts_together_comes_out(text: str):
    assert faults_of(render(text)) == []


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
@settings(max_examples=150, deadline=None)
def test_links_and_handles_are_those_that_the_reader_sees(text: str):
    html = render(text, mentions=PEOPLE)
    reader = Reader()
    reader.feed(html)
    assert len(links(text)) <= html.count("<a href=")
    assert ("/forum/people/ada/" in html) == ("ada" in mentioned(text))


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_text_is_rendered_within_a_second(name: str):
    text = COSTLY[name]
    render("warm")  # the first text loads the libraries
    began = time.thread_time()
    html = render(text, mentions=PEOPLE)
    took = time.thread_time() - began
    assert took < SLOWEST
    assert faults_of(html) == []


def test_ordinary_writing_is_far_from_the_bounds():
    html = render(COSTLY["ordinary writing"])
    assert html.count("<blockquote>") > 500
    assert html.count("<li>") > 1000


RUNS = """<!doctype html><html><head><meta charset="utf-8"><title>t</title></head><body>
<script>window.ran = []; window.pwn = () => window.ran.push(document.currentScript ? 1 : 0);</script>
<main>%s</main></body></html>"""
AGAIN = """(texts) => texts.map((html) => {
  const first = document.createElement("div"), second = document.createElement("div");
  document.querySelector("main").append(first, second);
  first.innerHTML = html;
  second.innerHTML = first.innerHTML;
  for (const one of second.querySelectorAll("*"))
    for (const kind of ["mouseover", "focus", "click", "toggle", "animationstart", "load", "error"])
      if (kind !== "click" || one.localName !== "a") one.dispatchEvent(new Event(kind, { bubbles: true }));
  const strange = [...second.querySelectorAll("*")].filter((one) => !allowed.has(one.localName) ||
    one.namespaceURI !== "http://www.w3.org/1999/xhtml" ||
    one.getAttributeNames().some((name) => !["href", "rel", "start", "class", "tabindex"].includes(name)) ||
    (one.href && !/^(https?|mailto):$/.test(one.protocol)));
  const changed = first.innerHTML !== second.innerHTML;
  first.remove(); second.remove();
  return [...strange.map((one) => one.outerHTML.slice(0, 80)), ...(changed ? ["mutated " + html.slice(0, 80)] : [])];
}).flat()"""


FAULTY = [
    "<script>1</script>", "<p style='x'>a</p>", "<a href='javascript:1'>a</a>", "<img src=x>", "<p>", "</p>",
    "<a href='//evil.example' rel='nofollow ugc noopener'>a</a>", "<a href='/x'>no rel</a>", "<!-- x -->",
]  # fmt: skip
SITE = "https://site.example/topic"


def _harm(browser: Any, texts: list[str]) -> list[str]:
    """What ran, was asked for or changed in a page without any policy that shows these texts."""
    found: list[str] = []
    page = browser.new_page()
    try:
        page.on("request", lambda request: found.append(request.url))
        page.on("dialog", lambda dialog: found.append(dialog.message))
        page.route("**/*", lambda route: route.abort())
        page.route(SITE, lambda route: route.fulfill(content_type="text/html", body=RUNS % "<hr>".join(texts)))
        page.goto(SITE)
        page.evaluate("(names) => { window.allowed = new Set(names); }", sorted(TAGS))
        found += page.evaluate(AGAIN, texts)
        page.wait_for_timeout(300)
        found += page.evaluate("window.ran")
    finally:
        page.close()
    return [one for one in found if one not in (SITE, "https://site.example/favicon.ico")]


def test_in_a_browser_nothing_runs_and_nothing_is_asked_for(browser: Any):
    texts = [str(render(text, mentions=PEOPLE)) for text in HOSTILE]
    assert _harm(browser, [*texts, str(render("\n\n".join(HOSTILE)))]) == []


def test_the_same_page_shows_harm_where_nothing_is_rendered(browser: Any):
    found = _harm(
        browser, ["<img src=https://evil.example/pixel.gif>", "<svg onload=pwn()>", "<a href=javascript:pwn()>x</a>"]
    )
    assert any("evil.example" in str(one) for one in found)
    assert any("javascript" in str(one) for one in found)
    assert 0 in found or 1 in found  # pwn() was called


@pytest.mark.parametrize("html", FAULTY)
def test_the_reader_finds_what_may_not_be_there(html: str):
    assert faults_of(html)
