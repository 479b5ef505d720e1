"""Points for what spam looks like, by plain rules; each rule says why, so that a moderator can judge the judge.

Pure: no database, no clock. SAFETY: forum spam.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext, ngettext

HELD_FROM = 5  # points from which a post waits for a moderator, whoever wrote it
FIRST_POSTS = 3  # published posts below which somebody is new here
QUICK_SECONDS = 4  # nobody reads a form and writes a sentence in less
WORDS_PER_LINK = 15
SHORT_TEXT = 40  # characters; shorter ones are the same by chance
SHORTENERS = Path(__file__).with_name("shorteners.txt")

_WORD = re.compile(r"\w+")
# characters that show nothing: soft hyphen, zero width, direction marks, word joiner, tags, variation fillers
_HIDDEN = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
                     "\u2066-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e007f]")  # fmt: skip
# joiners belong into Persian, Indic scripts and emoji; between two Latin letters they only break words for filters
_JOINED_LATIN = re.compile("[A-Za-z][\u200c\u200d]+[A-Za-z]")
_SHOUTED_MARKS = re.compile(r"[!?]{4,}")


@dataclass(frozen=True)
class Writing:
    """What the rules look at: a text, and numbers about how it came.

    `links`: the addresses in it. `published`: how many posts of the author stand already. `same_by_author` and
    `same_by_others`: posts with the same fingerprint within 24 hours. `recent`: posts of the author in the last ten
    minutes. `seconds`: from the opened form to the sent one, None when not known. `has_worked`: the browser has
    brought a proof of work, or needed none.
    """

    text: str
    links: Sequence[str] = ()
    published: int = 0
    same_by_author: int = 0
    same_by_others: int = 0
    recent: int = 0
    seconds: int | None = None
    has_worked: bool = True


@dataclass(frozen=True)
class Finding:
    """What one rule says: its name, its points, and the number that its sentence needs."""

    rule: str
    points: int
    number: int = 0

    def why(self) -> str:
        """The sentence for the moderator, in the language in force."""
        return SENTENCES[self.rule](self.number)


@dataclass(frozen=True)
class Verdict:
    """The findings of all rules and their sum."""

    findings: tuple[Finding, ...] = field(default=())

    @property
    def points(self) -> int:
        """The sum."""
        return sum(finding.points for finding in self.findings)

    def stored(self) -> list[dict[str, Any]]:
        """As JSON; `read_findings` reads it."""
        return [{"rule": one.rule, "points": one.points, "number": one.number} for one in self.findings]


def read_findings(stored: Any) -> list[Finding]:
    """The findings that a row holds; those of rules that are gone since are left out."""
    rows = [row for row in stored if isinstance(row, dict)] if isinstance(stored, list) else []
    return [
        Finding(row["rule"], int(row.get("points", 0)), int(row.get("number", 0)))
        for row in rows
        if row.get("rule") in SENTENCES
    ]


def judge(writing: Writing) -> Verdict:
    """Every rule's opinion of one text."""
    return Verdict(tuple(finding for rule in RULES if (finding := rule(writing)) is not None))


def fingerprint(text: str) -> str:
    """64 hex digits that stay the same when only case, space, marks, accents or hidden characters change."""
    shown = _HIDDEN.sub("", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(char for char in shown if char.isalnum())
    return hashlib.sha256((letters or shown.strip()).encode("utf-8", "ignore")).hexdigest()


@cache
def shorteners() -> frozenset[str]:
    """The hosts of our own list, one a line."""
    lines = SHORTENERS.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


def host_of(link: str) -> str:
    """The host of an address in lower case, "" when it has none."""
    try:
        host = urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:  # "http://[": no address at all
        return ""
    return host.lower().rstrip(".").removeprefix("www.")


# ---- The rules ------------------------------------------------------------------------------------------------------
def _new(writing: Writing) -> Finding | None:
    if writing.published >= FIRST_POSTS:
        return None
    return Finding("new", 1, writing.published)


def _links(writing: Writing) -> Finding | None:
    count = len(writing.links)
    if not count:
        return None
    words = len(_WORD.findall(writing.text)) or 1
    crowded = words < count * WORDS_PER_LINK
    points = (2 if crowded else 0) + (2 if count > 3 else 0) + (1 if writing.published < FIRST_POSTS else 0)
    return Finding("links", points, count) if points else None


def _shortened(writing: Writing) -> Finding | None:
    count = sum(1 for link in writing.links if host_of(link) in shorteners())
    return Finding("shortener", 3, count) if count else None


def _repeated(writing: Writing) -> Finding | None:
    if len(writing.text) < SHORT_TEXT and not writing.links:
        return None  # "Thank you" is said by many
    if writing.same_by_others:
        return Finding("repeated_by_others", 5, writing.same_by_others)
    if writing.same_by_author:
        return Finding("repeated", 3 if writing.same_by_author == 1 else 5, writing.same_by_author)
    return None


def _shouted(writing: Writing) -> Finding | None:
    text = writing.text
    for link in writing.links:
        text = text.replace(link, " ")
    letters = [char for char in text if char.isalpha() and char.lower() != char.upper()]
    capitals = sum(1 for char in letters if char.isupper())
    share = round(100 * capitals / len(letters)) if len(letters) >= 20 else 0
    if share >= 60:
        return Finding("shouting", 2, share)
    return Finding("marks", 1) if _SHOUTED_MARKS.search(writing.text) else None


def _hidden(writing: Writing) -> Finding | None:
    count = len(_HIDDEN.findall(writing.text)) + len(_JOINED_LATIN.findall(writing.text))
    return Finding("hidden", 3, count) if count else None


def _hurried(writing: Writing) -> Finding | None:
    if writing.recent >= 5:
        return Finding("many", 3, writing.recent)
    if writing.seconds is not None and writing.seconds < QUICK_SECONDS and len(writing.text) > 40:
        return Finding("quick", 2, writing.seconds)
    return None


def _idle(writing: Writing) -> Finding | None:
    return None if writing.has_worked else Finding("no_work", 1)


RULES: tuple[Callable[[Writing], Finding | None], ...] = (
    _new, _links, _shortened, _repeated, _shouted, _hidden, _hurried, _idle,
)  # fmt: skip

SENTENCES: dict[str, Callable[[int], str]] = {
    "new": lambda n: (
        ngettext("New here: %(n)d post published so far", "New here: %(n)d posts published so far", n) % {"n": n}
        if n
        else gettext("New here: no post published so far")
    ),
    "links": lambda n: (
        ngettext("%(n)d link for the few words around it", "%(n)d links for the few words around them", n) % {"n": n}
    ),
    "shortener": lambda n: (
        ngettext("%(n)d link hides where it leads", "%(n)d links hide where they lead", n) % {"n": n}
    ),
    "repeated_by_others": lambda n: (
        ngettext(
            "The same text was posted by somebody else today", "The same text was posted by others %(n)d times today", n
        )
        % {"n": n}
    ),
    "repeated": lambda n: (
        ngettext("The author posted the same text today", "The author posted the same text %(n)d times today", n)
        % {"n": n}
    ),
    "shouting": lambda n: gettext("%(n)d%% of the letters are capitals") % {"n": n},
    "marks": lambda n: gettext("Many exclamation or question marks in a row"),
    "hidden": lambda n: (
        ngettext("%(n)d character that shows nothing", "%(n)d characters that show nothing", n) % {"n": n}
    ),
    "many": lambda n: (
        ngettext("%(n)d post in the last ten minutes", "%(n)d posts in the last ten minutes", n) % {"n": n}
    ),
    "quick": lambda n: (
        ngettext("Written %(n)d second after the form was opened", "Written %(n)d seconds after the form was opened", n)
        % {"n": n}
    ),
    "no_work": lambda n: gettext("Sent without the small computation that browsers do (scripts may be off)"),
}
