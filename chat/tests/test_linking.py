"""Addresses in what people write: links that show where they lead, and nothing else."""

import re
from html import unescape
from typing import Any

import pytest

from chat.desk.linking import link_text

PLAIN = [  # what must stay text
    "no address here", "javascript:alert(1)", "https://", "http://[", "https://bank.example@evil.example/login",
    "ftp://files.example/a", "https://user:word@evil.example", "data:text/html,<script>alert(1)</script>",
    "http://?x=1", "https://" + "a" * 3000 + ".example",
]  # fmt: skip
LINKED = [  # text, the address that is a link
    ("See https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&z=2"),
    ("(https://en.example/wiki/Saddle_(seat))", "https://en.example/wiki/Saddle_(seat)"),
    ("“http://a.example”", "http://a.example"),
    ('https://a.example/"onmouseover="alert(1)', "https://a.example/"),
    ("https://a.example/<b>bold</b>", "https://a.example/"),
    ("HTTPS://A.EXAMPLE/PATH!", "HTTPS://A.EXAMPLE/PATH"),
    ("a,https://a.example/(x)),", "https://a.example/(x)"),
    ("https://a.example/it's", "https://a.example/it"),
]
LINK = re.compile(r'<a href="([^"]*)" target="_blank" rel="noopener noreferrer nofollow ugc">([^<]*)</a>')


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_plain_web_address_stays_text(text: str) -> None:
    html = str(link_text(text))
    assert "<" not in html
    assert unescape(html) == text


@pytest.mark.parametrize(("text", "address"), LINKED)
def test_an_address_is_a_link_that_shows_itself(text: str, address: str) -> None:
    html = str(link_text(text))
    (found,) = LINK.findall(html)
    assert [unescape(part) for part in found] == [address, address]
    assert unescape(re.sub(r"<[^>]*>", "", html)) == text  # nothing is added and nothing is lost


@pytest.mark.timeout(
    30
)  # it takes a moment; with one count for each bracket it would take long, and longer in browsers
@pytest.mark.parametrize("sign", [")", "]", ".", "(", "()", "https://a.example/) "])
def test_what_stands_behind_an_address_is_no_work(sign: str) -> None:
    text = ("https://a.example/" + sign * 300_000)[:300_000]
    assert unescape(re.sub(r"<[^>]*>", "", str(link_text(text)))) == text


def test_what_cannot_be_rendered_is_shown_as_escaped_text_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(piece: str) -> Any:
        raise LookupError

    assert str(link_text("<b>bold</b>", fail)) == "&lt;b&gt;bold&lt;/b&gt;"
    assert sum("text.not_rendered" in str(record.msg) for record in caplog.records) == 1


@pytest.mark.once
def test_the_browser_makes_the_same_links(page_at: Any, db: None) -> None:
    page = page_at(1000)
    page.goto("/account/login/")
    draw = """async (texts) => {
        const { linkInto } = await import("livechat/core/links.js");
        return texts.map((text) => {
            const node = document.createElement("p");
            linkInto(node, text);
            const links = [...node.querySelectorAll("a")];
            return [node.textContent, links.map((link) => [link.getAttribute("href"), link.rel, link.target])];
        });
    }"""
    texts = [*PLAIN, *(text for text, _ in LINKED)]
    rest = ["noopener noreferrer nofollow ugc", "_blank"]
    wanted = [[text, []] for text in PLAIN] + [[text, [[address, *rest]]] for text, address in LINKED]
    assert page.evaluate(draw, texts) == wanted
