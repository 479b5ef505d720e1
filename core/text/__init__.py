"""The one place where what people write becomes HTML (SAFETY: chat / forum text, render failure, remote media)."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import structlog
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.text.addresses import ADDRESS, may_link, trim_address

if TYPE_CHECKING:  # the library itself is loaded with the first text
    from markdown_it.token import Token

log = structlog.get_logger(__name__)

LONGEST = 50_000  # characters
MOST_MENTIONS = 20  # of one text
# no line of writing needs them: controls, halves of a pair, signs that turn other people's words around or hide in them
DROPPED = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u202a-\u202e\u2060\u206a-\u206f\ufeff\ufff9-\ufffb]")
HALVES = re.compile("[\ud800-\udfff]")
MARKS = re.compile("([\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})"
                   "[\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip
BLANK = re.compile(r"\n(?:[ \t]*\n)+")


class TooLong(ValueError):
    """A text of more than LONGEST characters. `message` is a sentence for people."""

    message = _("This text is too long. Up to 50,000 characters are possible.")


def render(text: str, *, mentions: Mapping[str, str] | None = None) -> SafeString:
    """The text as HTML that can stand in any page of ours.

    `mentions`: handle -> address of the author's page; other @words stay words. What cannot be rendered, and what costs
    too much, comes out as it was typed, escaped, with one line in the log. Raises TooLong.
    """
    source = clean_source(text)
    try:
        from core.text.cleaning import clean
        from core.text.parsing import parse, write

        tokens, budget = parse(source, {handle.lower(): page for handle, page in (mentions or {}).items()})
        return SafeString(clean(write(tokens, budget)))  # nh3 has the last word
    except Exception as problem:  # noqa: BLE001  what somebody wrote must not take the page from who reads it
        _note(problem, source)
        return as_typed(source)


def as_typed(text: str) -> SafeString:
    """The escaped text in paragraphs, its lines where they were."""
    parts = (part for part in BLANK.split(text.strip("\n")) if part.strip())
    html = "\n".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in parts)
    return SafeString(html)  # escaped in the line above


def plain(text: str, *, addresses: bool = False) -> str:
    """The text without its marks, for search, descriptions and mails; `addresses`: "words (address)" for links.

    What cannot be read as Markdown comes back as it was typed. Raises TooLong.
    """
    source = clean_source(text)
    try:
        from core.text.parsing import parse
        from core.text.wording import words_of

        return words_of(parse(source)[0], addresses=addresses)
    except Exception as problem:  # noqa: BLE001
        _note(problem, source)
        return source.strip()


def links(text: str) -> list[str]:
    """Where the text leads, in order: addresses outside this site and mailboxes, pictures too. Raises TooLong."""
    source = clean_source(text)
    try:
        from core.text.parsing import parse

        found = (str(token.attrs["href"]) for token in _inline(parse(source)[0]) if token.type == "link_open")
        return [address for address in found if not address.startswith("/")]
    except Exception as problem:  # noqa: BLE001
        _note(problem, source)
        found = (trim_address(match.group()) for match in ADDRESS.finditer(source))
        return [address for address in found if may_link(address)]


def mentioned(text: str) -> list[str]:
    """The handles that the text names with @, in lower case, each once, at most MOST_MENTIONS; not those in code.

    Raises TooLong.
    """
    source = clean_source(text)
    try:
        from core.text.parsing import parse

        named = (token.meta["handle"] for token in _inline(parse(source)[0]) if "handle" in token.meta)
        return list(dict.fromkeys(named))[:MOST_MENTIONS]
    except Exception as problem:  # noqa: BLE001
        _note(problem, source)
        return []


def clean_source(text: str) -> str:
    """The text as it is read: plain line ends, no controls and turning signs, at most eight accents on a letter."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if len(text) > LONGEST:  # a form sends each line's end as two characters
        raise TooLong(len(text))
    return MARKS.sub(r"\1", DROPPED.sub("", HALVES.sub("\ufffd", text)))


def _inline(tokens: Iterable["Token"]) -> Iterable["Token"]:
    return (child for token in tokens for child in token.children or ())


def _note(problem: Exception, text: str) -> None:
    """One line, without a word of the text."""
    log.warning("text.not_rendered", problem=type(problem).__name__, why=str(problem)[:40], characters=len(text))
