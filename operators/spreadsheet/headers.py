"""Which columns hold name and e-mail: by the words of a header, or by what stands in them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from operators.spreadsheet import words
from operators.spreadsheet.container import FileProblem

HEADER_WITHIN = 10  # Excel rows in which a header is looked for


@dataclass(frozen=True)
class Columns:
    """Where things stand. `names` are one column, or first name and surname; `header` is its row, 0 for none."""

    email: int
    names: tuple[int, ...]
    header: int = 0


def word_of(text: object) -> str:
    """A heading as it is compared: without case, accents, blanks, punctuation and what stands in brackets."""
    if not isinstance(text, str):
        return ""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", re.sub(r"[(\[].*?[)\]]", "", text[:120])))
    kept = (char for char in plain.casefold() if char.isalnum() or unicodedata.category(char) in ("Mc", "Lo"))
    return "".join(char for char in kept if not unicodedata.combining(char))


def _known(table: dict[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(word_of(text) for texts in table.values() for text in texts)


EMAIL, FULL, GIVEN, FAMILY = (_known(table) for table in (words.EMAIL, words.FULL, words.GIVEN, words.FAMILY))
PLAIN = frozenset(word_of(text) for text in ("name", "naam", "namn", "navn", "nimi", "nama", "név", "שם", "الاسم"))


def is_header(cells: Sequence[object]) -> bool:
    """Whether a row holds a word for a column and no address."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    return not any(ADDRESS.fullmatch(text.strip()) for text in texts) and any(
        word_of(text) in EMAIL | FULL | GIVEN | FAMILY for text in texts
    )


def read_header(cells: Sequence[object], row: int) -> Columns:
    """The columns by a header's words. Raises FileProblem `missing_email_column` or `ambiguous_header`."""
    found = [word_of(cell) for cell in cells]
    emails = _places(found, EMAIL)
    if not emails:
        raise FileProblem("missing_email_column")
    if len(emails) > 1:
        raise FileProblem("ambiguous_header", "email")
    return Columns(emails[0], _name_columns(found), row)


def _places(found: Sequence[str], known: Iterable[str]) -> list[int]:
    wanted = set(known)
    return [place for place, word in enumerate(found) if word in wanted]


def _name_columns(found: Sequence[str]) -> tuple[int, ...]:
    """One column, two of which the first is the first name, or none. A word may say two things: see its neighbours."""
    both = GIVEN & FAMILY
    given = _places(found, GIVEN - both - FULL)
    family = _places(found, FAMILY - both)
    full = _places(found, FULL - PLAIN)
    plain = _places(found, PLAIN | (GIVEN & FULL) | both)
    if len(given) == 1 and len(family) == 1:
        return given[0], family[0]
    if len(full) == 1 and not (len(given) + len(family)):
        return (full[0],)
    if len(full) > 1 or len(given) > 1 or len(family) > 1:
        raise FileProblem("ambiguous_header", "name")
    if len(given) == 1 and len(plain) == 1:  # "Vorname" and "Name"
        return given[0], plain[0]
    if len(family) == 1 and len(plain) == 1:  # "Name" and "surname"
        return plain[0], family[0]
    if full:
        return (full[0],)
    if len(plain) > 1:
        raise FileProblem("ambiguous_header", "name")
    return tuple(plain or given or family)


# ---- A file without a header ----------------------------------------------------------------------------------
ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


def guess_columns(rows: Sequence[Sequence[object]]) -> Columns:
    """The columns by what stands in them: one of addresses, and one or two of names beside it.

    Raises FileProblem `missing_email_column` where no column holds addresses, `ambiguous_header` where it is not clear.
    """
    width = max((len(row) for row in rows), default=0)
    columns = [[row[place] for row in rows if place < len(row) and not is_blank(row[place])] for place in range(width)]
    emails = [place for place, cells in enumerate(columns) if _share(cells, ADDRESS.search) >= 0.5]
    if not emails:
        raise FileProblem("missing_email_column")
    if len(emails) > 1:
        raise FileProblem("ambiguous_header", "email")
    names = [
        place for place, cells in enumerate(columns) if place not in emails and _share(cells, _is_name_like) >= 0.8
    ]
    if len(names) > 1:
        whole = [place for place in names if _share(columns[place], _has_two_words) >= 0.8]
        names = whole if len(whole) == 1 else names
    if len(names) > 2:
        raise FileProblem("ambiguous_header", "name")
    return Columns(emails[0], tuple(names))


def is_blank(cell: object) -> bool:
    """Whether a person would call the cell empty."""
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\xa0\u200b\ufeff\u2060"))


def _share(cells: Sequence[object], fits: Callable[[str], object]) -> float:
    return sum(isinstance(cell, str) and bool(fits(cell)) for cell in cells) / len(cells) if cells else 0.0


def _is_name_like(text: str) -> bool:
    letters = sum(char.isalpha() for char in text)
    return letters >= 1 and not any(char.isdigit() or char in "@/\\" for char in text) and len(text) <= 160


def _has_two_words(text: str) -> bool:
    return len(text.split()) >= 2
