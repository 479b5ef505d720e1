"""Masks what names one person in the words of another: name, addresses, numbers (SAFETY.md 3, chat logs on erasure).

Masking too much is the right side: a person reads each masked line afterwards.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.personal_data import means_one_person

GONE = "[removed]"
REMOVED = re.compile(r"\[(?:message|file) removed \d{4}-\d\d-\d\d\]")
SHORTEST_PART = 3  # letters: shorter parts of a name are words of every text
SHORTEST = 2  # of a whole name, and of a part in a script without spaces
DIGITS = 7  # in a row, from which a number is known as a telephone's
# every repeat has an end and neighbours share no sign, so that a long line takes as long as it is long
ADDRESS = re.compile(r"[^\W_][\w.+-]{0,63}@(?:[\w-]{1,63}\.){1,8}[\w-]{0,62}\w")
NUMBER = re.compile(r"\d(?:[\s\-\u2010-\u2015./()]{0,3}\d){6,}")
# scripts that put no space between words: a name is looked for anywhere
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
_GONE, _ALIAS = "\ufdd0", "\ufdd1"  # no characters of any text: what is masked is not looked at again


@dataclass(frozen=True)
class Marks:
    """By what one person is known: the names they gave, words that mean them alone, and what their own texts hold.

    `words` are addresses and numbers elsewhere; `addresses` are in small letters; `digits` are stretches of DIGITS.
    """

    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    addresses: frozenset[str] = frozenset()
    digits: frozenset[str] = frozenset()


def say_removed(day: date, *, is_file: bool = False) -> str:
    """What takes the place of a text: fixed words, the same for every reader and every search."""
    return f"[{'file' if is_file else 'message'} removed {day:%Y-%m-%d}]"


def say_alias(number: int) -> str:
    """ "Visitor 7F3A": the pseudonym of an erased visitor, fixed words as well."""
    return f"Visitor {number:04X}"


def read_marks(*, names: Iterable[str] = (), words: Iterable[str] = (), texts: Iterable[str] = ()) -> Marks:
    """The marks of a person: their names, addresses and numbers elsewhere, and what their own texts hold."""
    addresses: set[str] = set()
    digits: set[str] = set()
    for text in texts:
        addresses.update(found.casefold() for found in ADDRESS.findall(text))
        for number in NUMBER.findall(text):
            digits.update(_stretches(number))
    given = tuple(word.strip() for word in words if len(word.strip()) >= SHORTEST_PART)
    called = tuple(" ".join(name.split()) for name in names)
    return Marks(called, given, frozenset(addresses), frozenset(digits))


def texts_in(value: Any) -> Iterable[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)


class Mask:
    """Masks lines about one person: the name becomes `alias`, all else "[removed]"."""

    def __init__(self, marks: Marks, alias: str) -> None:
        self.marks, self.alias = marks, alias
        self._words = _any_of(_forms(marks.words), marks.words)
        self._names = _any_of(_forms(name for name in marks.names if len(name) >= SHORTEST), marks.names)
        self._parts = _any_of(_forms(part for name in marks.names for part in _parts_of(name)), [])

    def mask(self, text: str) -> str:
        """The text without what names the person. A second time changes nothing more."""
        before = text.replace(GONE, _GONE).replace(self.alias, _ALIAS)
        after = before
        while (once := self._mask_once(after)) != after:  # what was taken out may leave an address behind
            after = once
        if after == before:
            return text
        return after.replace(_GONE, GONE).replace(_ALIAS, self.alias)

    def _mask_once(self, text: str) -> str:
        if self._words is not None:
            text = self._words.sub(_GONE, text)
        if self.marks.addresses:
            text = ADDRESS.sub(self._take_address, text)
        if self.marks.digits:
            text = NUMBER.sub(self._take_number, text)
        for names in (self._names, self._parts):
            if names is not None:
                text = names.sub(_ALIAS, text)
        return text

    def _take_address(self, found: "re.Match[str]") -> str:
        return _GONE if found[0].casefold() in self.marks.addresses else found[0]

    def _take_number(self, found: "re.Match[str]") -> str:
        return found[0] if self.marks.digits.isdisjoint(_stretches(found[0])) else _GONE


def _stretches(number: str) -> Iterable[str]:
    """Each stretch of DIGITS in a number, so that one with and one without its country's digits are the same."""
    digits = "".join(str(unicodedata.digit(sign)) for sign in number if sign.isdigit())
    return (digits[at : at + DIGITS] for at in range(len(digits) - DIGITS + 1))


def _parts_of(name: str) -> list[str]:
    """The parts of a name that are long enough; signs that only change a letter belong to it."""
    letters = (
        sign if sign.isalpha() or unicodedata.category(sign).startswith("M") else " "
        for sign in unicodedata.normalize("NFC", name)
    )
    parts = "".join(letters).split()
    return [part for part in parts if len(part) >= (SHORTEST if _is_unspaced(part) else SHORTEST_PART)]


def _forms(words: Iterable[str]) -> list[str]:
    """Each word as it may be written: composed or not, in capitals, with one sharp s or two."""
    ways = {
        unicodedata.normalize(form, way)
        for word in words
        for way in (word, word.upper(), word.casefold())
        for form in ("NFC", "NFD")
    }
    return sorted(ways, key=lambda way: (-len(way), way))  # the longest first: "Anne-Marie" before "Anne"


def _any_of(words: list[str], told: Iterable[str]) -> "re.Pattern[str] | None":
    """A pattern of any of the words: whole words, but for those that mean one person wherever they stand."""
    alone = {unicodedata.normalize("NFC", word).casefold() for word in told if means_one_person(word)}
    patterns = []
    for word in words:
        found = r"\s+".join(re.escape(part) for part in word.split())
        is_alone = unicodedata.normalize("NFC", word).casefold() in alone
        patterns.append(found if is_alone or _is_unspaced(word) else rf"(?<!\w){found}(?:['’]?s)?(?!\w)")
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _is_unspaced(word: str) -> bool:
    return any(unicodedata.name(sign, "").startswith(UNSPACED) for sign in word)
