"""Markdown into tokens: CommonMark, tables, ~~strike~~; no HTML, no pictures; bare addresses and mentions are links.

This module loads markdown-it-py; `core.text` imports it at the first text, so that a process that renders none does
not carry it.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from core.text.addresses import ADDRESS, may_link, trim_address
from core.text.budget import Budget, OverBudget

DEEPEST = 20  # blocks in blocks; a list takes two
MENTION = re.compile(r"(?<![\w@/.+-])@([a-z0-9][a-z0-9_-]{1,39})(?![\w@-])", re.IGNORECASE)
FOUND = re.compile(f"{ADDRESS.pattern}|{MENTION.pattern}", re.IGNORECASE)
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5"}  # a post stands below the page's own two; the rest is h6
ALIGN = {"text-align:right": "end", "text-align:center": "center"}


def parse(text: str, mentions: Mapping[str, str] | None = None) -> tuple[list[Token], Budget]:
    """The tokens of a cleaned text. `mentions`: handle in lower case -> address of the author's page.

    Raises OverBudget, and whatever a broken library raises.
    """
    budget = Budget()
    env: dict[str, Any] = {"budget": budget, "mentions": mentions or {}}
    return _parser().parse(text, env), budget


def write(tokens: list[Token], budget: Budget) -> str:
    """The tokens as HTML, not yet cleaned."""
    parser = _parser()
    html: str = parser.renderer.render(tokens, parser.options, {})
    budget.check_html(len(html))
    return html


class _Parser(MarkdownIt):
    """The library with our rule of what may be a link."""

    def validateLink(self, url: str) -> bool:
        return may_link(url)

    def normalizeLinkText(self, link: str) -> str:
        return link  # what was typed is what is shown


@functools.cache
def _parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
    parser.disable(["html_block", "html_inline"])
    parser.enable(["table", "strikethrough"])
    everywhere: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("table", "budget", _count_block, everywhere)
    parser.inline.ruler.before("text", "budget", _count_inline)
    parser.core.ruler.after("block", "budget", _count_tokens)
    parser.core.ruler.push("ours", _make_ours)
    return parser


def _count_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    state.env["budget"].spend()
    if state.level >= DEEPEST - 1:  # markdown-it would leave out what stands deeper
        raise OverBudget("depth")
    return False


def _count_inline(state: StateInline, silent: bool) -> bool:
    state.env["budget"].spend()
    return False


def _count_tokens(state: StateCore) -> None:
    state.env["budget"].check_tokens(len(state.tokens))


def _make_ours(state: StateCore) -> None:
    """The last step: headings below the page's, no titles, no pictures, addresses and mentions as links."""
    budget: Budget = state.env["budget"]
    count, characters = len(state.tokens), 0
    state.tokens = list(_framed(state.tokens))
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADINGS.get(token.tag, "h6")
        elif token.type in ("th_open", "td_open"):
            place = ALIGN.get(str(token.attrs.pop("style", "")))
            if place:
                token.attrs["class"] = place
        elif token.type == "fence":
            token.info = ""
        elif token.children:
            token.children = list(_linked(_without_pictures(token.children), state.env["mentions"]))
            count += len(token.children)
            characters += sum(len(str(child.attrs.get("href", ""))) for child in token.children)
            budget.check_tokens(count)
            budget.check_html(characters)


def _framed(tokens: list[Token]) -> Iterator[Token]:
    """A table stands in a frame of its own, that a narrow screen can scroll."""
    for token in tokens:
        if token.type == "table_open":
            yield Token("frame_open", "div", 1, attrs={"class": "table-wrap"}, block=True)
        yield token
        if token.type == "table_close":
            yield Token("frame_close", "div", -1, block=True)


def _without_pictures(tokens: list[Token]) -> Iterator[Token]:
    """A picture is a link to where it lies, with its description as the words: nothing is loaded from elsewhere."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in ("link_open", "link_close") else 0
        token.attrs.pop("title", None)
        if token.type != "image":
            yield token
            continue
        source = str(token.attrs.get("src", ""))
        words = token.content.strip() or source
        yield from [_words(words)] if depth else _link(source, words)


def _linked(tokens: Iterator[Token], mentions: Mapping[str, str]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not depth:
            yield from _split(token.content, mentions)
        else:
            yield token


def _split(text: str, mentions: Mapping[str, str]) -> Iterator[Token]:
    at = 0
    for found in FOUND.finditer(text):
        handle = found.group(1)
        words = found.group() if handle else trim_address(found.group())
        target = mentions.get(handle.lower(), "") if handle else (words if may_link(words) else "")
        if handle and not target:
            yield _words(text[at : found.start()])
            at = found.start()
            yield Token("text", "", 0, content=words, meta={"handle": handle.lower()})
            at += len(words)
        elif target:
            yield _words(text[at : found.start()])
            yield from _link(target, words, handle=handle.lower() if handle else "")
            at = found.start() + len(words)
    yield _words(text[at:])


def _words(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _link(target: str, words: str, handle: str = "") -> list[Token]:
    meta = {"handle": handle} if handle else {}
    return [
        Token("link_open", "a", 1, attrs={"href": target}, meta=meta),
        _words(words),
        Token("link_close", "a", -1),
    ]
