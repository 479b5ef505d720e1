"""Markdown as people write it, and what they read then (SAFETY: chat / forum text, render failure, remote media)."""

import subprocess
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.template import Context, Template

import core.text
import core.text.cleaning
import core.text.parsing
from core.text import LONGEST, MOST_MENTIONS, TooLong, links, mentioned, plain, render

LINK = '<a href="{0}" rel="nofollow ugc noopener">{1}</a>'


def link(address: str, words: str = "") -> str:
    return LINK.format(address, words or address)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code></p>"),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("# a\n## b\n### c\n#### d\n###### e", "<h3>a</h3>\n<h4>b</h4>\n<h5>c</h5>\n<h6>d</h6>\n<h6>e</h6>"),
        ("> a\n\nb", "<blockquote>\n<p>a</p>\n</blockquote>\n<p>b</p>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("```py\nx < 1\n```", '<pre tabindex="0"><code>x &lt; 1\n</code></pre>'),
        ("[a](https://b.example 'title')", f"<p>{link('https://b.example', 'a')}</p>"),
        ("[a](/forum/)", f"<p>{link('/forum/', 'a')}</p>"),
        ("<a@b.example>", f"<p>{link('mailto:a@b.example', 'a@b.example')}</p>"),
        ("see https://b.example/x_(y)).", f"<p>see {link('https://b.example/x_(y)')}).</p>"),
        ("HTTPS://B.example", f"<p>{link('HTTPS://B.example')}</p>"),
        ("`https://b.example`", "<p><code>https://b.example</code></p>"),
        ("www.b.example", "<p>www.b.example</p>"),
        ("![a](https://b.example/c.png)", f"<p>{link('https://b.example/c.png', 'a')}</p>"),
        ("![](https://b.example/c.png)", f"<p>{link('https://b.example/c.png')}</p>"),
        ("[![a](https://b.example/c.png)](https://d.example)", f"<p>{link('https://d.example', 'a')}</p>"),
        ("[a](javascript:x)", "<p>[a](javascript:x)</p>"),
        ("https://bank.example@evil.example/", "<p>https://bank.example@evil.example/</p>"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("gpj\u202e.exe\x07", "<p>gpj.exe</p>"),
        ("a\u0301" + "\u0301" * 50, "<p>a" + "\u0301" * 8 + "</p>"),
        ("", ""),
    ],
)
def test_marks_become_html(text: str, html: str):
    assert str(render(text)).strip() == html


def test_a_table_has_its_cells_where_they_were_put():
    html = render("|a|b|c|\n|-|:-:|-:|\n|1|2|3|")
    assert '<th class="center">b</th>' in html
    assert "<td>1</td>" in html and '<td class="end">3</td>' in html
    assert "style" not in html
    assert html.startswith('<div class="table-wrap" tabindex="0">\n<table>') and html.endswith("</table>\n</div>\n")


def test_a_mention_leads_to_the_person_only_when_the_page_knows_the_handle():
    html = render("@Ada and @bob, not x@ada or `@ada` or @ada@b.example", mentions={"ada": "/forum/people/ada/"})
    ada = link("/forum/people/ada/", "@Ada")
    assert html == f"<p>{ada} and @bob, not x@ada or <code>@ada</code> or @ada@b.example</p>\n"


def test_a_mention_of_an_unsafe_page_is_no_link():
    assert "javascript" not in render("@ada", mentions={"ada": "javascript:pwn()"})


def test_mentioned_names_each_person_once_and_not_everybody():
    assert mentioned("@Ada @bob-2 @ada `@code` [@link](/x)\n\n    @code") == ["ada", "bob-2"]
    assert len(mentioned(" ".join(f"@p{at}" for at in range(100)))) == MOST_MENTIONS


def test_links_are_where_the_text_leads_outside_of_this_site():
    text = "[a](https://b.example/) https://c.example/. ![p](https://d.example/p.png) [own](/forum/) <e@f.example>"
    text += " `https://g.example`"
    assert links(text) == ["https://b.example/", "https://c.example/", "https://d.example/p.png", "mailto:e@f.example"]


def test_plain_words_for_mails_and_search():
    text = "# Head\n\nA *b* [c](https://d.example/).\nnext\n\n> quoted\n\n1. one\n2. two\n   - in\n\n"
    text += "|a|b|\n|-|-|\n|1|2|\n\n```\nx < 1\n```"
    assert plain(text) == "Head\n\nA b c.\nnext\n\n> quoted\n\n1. one\n2. two\n  - in\n\na\tb\n1\t2\n\nx < 1"
    assert "c (https://d.example/)." in plain(text, addresses=True)
    assert plain("https://d.example/ <a@b.example>", addresses=True) == "https://d.example/ a@b.example"


def test_a_text_that_is_too_long_is_refused_with_a_sentence():
    for read in (render, plain, links, mentioned):
        with pytest.raises(TooLong) as refused:
            read("a" * (LONGEST + 1))
        assert "50,000" in str(refused.value.message)
    assert isinstance(refused.value, ValueError)
    render("a" * LONGEST)


@pytest.mark.parametrize("place", ["parsing.parse", "parsing.write", "cleaning.clean"])
def test_a_broken_renderer_shows_the_escaped_text(place: str, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: Any) -> Any:
        raise RuntimeError("broken")

    module, name = place.split(".")
    monkeypatch.setattr(getattr(core.text, module), name, broken)
    assert render("<b>*one*</b>\ntwo\n\n\nthree") == "<p>&lt;b&gt;*one*&lt;/b&gt;<br>two</p>\n<p>three</p>"


def test_a_failure_is_one_line_in_the_log_without_the_text(monkeypatch: pytest.MonkeyPatch):
    lines: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(core.text.log, "warning", lambda event, **fields: lines.append((event, fields)), raising=False)
    render(">" * 300 + " secret words")
    assert [event for event, _fields in lines] == ["text.not_rendered"]
    assert "secret" not in str(lines)


def test_what_is_nested_too_deep_is_shown_as_typed_and_nothing_is_lost():
    assert "the last words" in render("> " * 60 + "the last words")
    assert "the last words" in plain("> " * 60 + "the last words")


def test_the_libraries_come_with_the_first_text_only():
    code = "import sys, core.text, core.templatetags.text; print({'markdown_it', 'nh3'} & set(sys.modules))"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "set()"


def test_templates_render_and_unmark():
    page = Template("{% load text %}{{ text|rendered }}|{{ text|unmarked }}")
    assert page.render(Context({"text": "*a* <b>"})) == "<p><em>a</em> &lt;b&gt;</p>\n|a &lt;b&gt;"
    assert "bb" in Template("{% load text %}{{ text|rendered }}").render(Context({"text": "b" * (LONGEST + 9)}))


class Pipe:
    """Standard input with these bytes."""

    def __init__(self, data: bytes) -> None:
        import io

        self.buffer = io.BytesIO(data)


def test_the_command_prints_what_the_page_shows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.stdin", Pipe("*é* <b>\n".encode()))
    call_command("render_text")
    assert capsys.readouterr().out == "<p><em>é</em> &lt;b&gt;</p>\n"
    monkeypatch.setattr("sys.stdin", Pipe(b"a" * (LONGEST + 1)))
    with pytest.raises(CommandError, match="50,000"):
        call_command("render_text")
    monkeypatch.setattr("sys.stdin", Pipe(b"\xff\xfe"))
    call_command("render_text")
