"""What people type into a search field, read the same way for every index: words, "phrases" and beginnings*."""

import re
import unicodedata
from dataclasses import dataclass

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MARKS = "\u0300-\u036f"  # combining accents: part of the word that they stand on
TOKEN = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
TERM = re.compile(r'"([^"]*)"(\*?)|(\S+)')
QUOTES = str.maketrans(dict.fromkeys("“”„«»‟", '"'))
MOST_TERMS = 12
SHORTEST_BEGINNING = 2  # letters before a star; with fewer the star is ignored
SNIPPET = 90  # characters around a hit


def fold(word: str) -> str:
    """The word without case and accents: "Ägypten" and "agypten" are one."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(sign))


@dataclass(frozen=True)
class Term:
    """Words that must stand side by side; `is_beginning`: the last of them may go on."""

    words: tuple[str, ...]  # as they were typed
    is_beginning: bool = False

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(fold(word) for word in self.words)

    def fits(self, words: list[str]) -> bool:
        """Whether these folded words of a text are the term."""
        *first, last = self.folded
        return words[:-1] == first and (words[-1].startswith(last) if self.is_beginning else words[-1] == last)


@dataclass(frozen=True)
class Query:
    """What is looked for: a line is a hit when it has every term. Falsy when nothing that can be found was typed."""

    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def as_fts5(self) -> str:
        """In the words of FTS5: each term a quoted string, so that no sign of it can mean anything."""
        return " ".join(f'"{" ".join(term.words)}"' + ("*" if term.is_beginning else "") for term in self.terms)

    def as_tsquery(self, fold: str) -> tuple[str, list[str]]:
        """As an expression of PostgreSQL with its parameters, which go through `fold`, the index's own SQL function."""
        begins = f"to_tsquery('simple', quote_literal(trim({fold}(%s))) || ':*')"
        whole = f"phraseto_tsquery('simple', {fold}(%s))"
        parts = (begins if term.is_beginning else whole for term in self.terms)
        return " && ".join(parts), [" ".join(term.words) for term in self.terms]

    def mark(self, line: str) -> SafeString:
        """The escaped line with each hit in <mark>."""
        parts: list[SafeString] = []
        at = 0
        for start, end in self._spans(line):
            parts += [format_html("{}", line[at:start]), format_html("<mark>{}</mark>", line[start:end])]
            at = end
        return format_html_join("", "{}", ((part,) for part in [*parts, line[at:]]))

    def cut(self, line: str) -> SafeString:
        """The marked piece of a long line around its first hit; its beginning where nothing is hit."""
        spans = self._spans(line)
        first, last = spans[0] if spans else (0, 0)
        start, end = max(0, first - SNIPPET // 2), last + SNIPPET
        piece = ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")
        return self.mark(piece)

    def _spans(self, line: str) -> list[tuple[int, int]]:
        """Where the hits stand, in order, none inside another."""
        found = [(match.start(), match.end(), fold(match.group())) for match in TOKEN.finditer(line)]
        spans: list[tuple[int, int]] = []
        for place in range(len(found)):
            widths = [len(term.words) for term in self.terms if term.fits(_words(found, place, len(term.words)))]
            if widths and (not spans or found[place][0] >= spans[-1][1]):
                spans.append((found[place][0], found[place + max(widths) - 1][1]))
        return spans


def _words(found: list[tuple[int, int, str]], place: int, count: int) -> list[str]:
    words = [word for _start, _end, word in found[place : place + count]]
    return words if len(words) == count else [""]


def read_query(text: str) -> Query:
    """The query that a person typed. Any text is one: signs that mean nothing here are passed over, never refused."""
    terms: list[Term] = []
    for match in TERM.finditer(text.translate(QUOTES)):
        phrase, star, word = match.groups()
        words = tuple(TOKEN.findall(word if phrase is None else phrase))
        begins = bool(star) or bool(word and word.endswith("*"))
        if words:
            terms.append(Term(words, begins and len(words[-1]) >= SHORTEST_BEGINNING))
    return Query(tuple(terms[:MOST_TERMS]))


# ---- what was deleted ----------------------------------------------------------------------------------------
PAGES = 500  # merged in one transaction, some milliseconds: nobody waits for it
MOST_STEPS = 20_000


def compact(table: str) -> int:
    """Merges the pages of an FTS5 table in small steps until no letter of a deleted word is in them (P2).

    A first step with a negative number takes all parts together. Answers how many steps.
    """
    with connection.cursor() as cursor:
        for step in range(MOST_STEPS):
            before = connection.connection.total_changes
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', %s)", [PAGES if step else -PAGES])  # noqa: S608  a constant
            if step and connection.connection.total_changes - before < 2:
                return step
    return MOST_STEPS
