"""The row pump: what the sandbox's child does with an .xlsx, from the gate to name and e-mail of each row."""

import itertools
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl

from operators.spreadsheet.container import MOST_PEOPLE, Container, FileProblem
from operators.spreadsheet.headers import HEADER_WITHIN, Columns, guess_columns, is_blank, is_header, read_header

WIDEST = 256  # columns that are looked at
LONGEST_CELL = 300  # what is kept of a cell that is too long anyway; it is refused further on

Cells = tuple[int, list[Any], frozenset[int]]  # row number as Excel shows it, values, places of formulas


def read_people(data: bytes) -> dict[str, Any]:
    """The sandbox's job: {"rows": [{row, name, email, formula}], "header": row or 0}, or {"problem", "fact"}."""
    try:
        container = Container(data)
        container.check_content()
        clean = container.rebuild(container.find_sheet())
        return _pump(_rows_of(clean))
    except FileProblem as problem:
        return {"problem": problem.code, "fact": problem.fact}
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part provokes
        if "out of memory" in str(error).lower():
            raise MemoryError from None
        return {"problem": "corrupt", "fact": ""}


def _rows_of(clean: bytes) -> Iterator[Cells]:
    """The rows that are not blank, one by one; what the sheet says of its own size is not asked."""
    book = openpyxl.load_workbook(BytesIO(clean), read_only=True, data_only=False, keep_links=False)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if not cells:
            continue
        values = [cell.value for cell in cells[:WIDEST]]
        if all(is_blank(value) for value in values):
            continue
        yield number, values, frozenset(place for place, cell in enumerate(cells[:WIDEST]) if cell.data_type == "f")


def _pump(rows: Iterator[Cells]) -> dict[str, Any]:
    """Finds the columns in the first rows, then takes name and e-mail of each row and stops one beyond the cap."""
    rest: list[Cells] = []
    top = list(_first_rows(rows, rest))
    columns, found = _columns(top)
    if columns is None:
        beyond = list(itertools.islice(itertools.chain(rest, rows), MOST_PEOPLE + 1))
        everything = top + beyond
        if not everything:
            raise FileProblem("no_rows")
        if len(everything) > MOST_PEOPLE:
            _refuse_many(everything)
        columns, found = guess_columns([values for _, values, _ in everything]), everything
    else:
        found = found + list(itertools.islice(itertools.chain(rest, rows), MOST_PEOPLE + 1))
    if not found:
        raise FileProblem("no_rows")
    if len(found) > MOST_PEOPLE:
        raise FileProblem("too_many_rows")
    return {"rows": [_person(one, columns) for one in found], "header": columns.header}


def _refuse_many(rows: list[Cells]) -> None:
    """Too many rows without a header: only a list of people is called too long, else its columns are what is wrong."""
    guess_columns([values for _, values, _ in rows])
    raise FileProblem("too_many_rows")


def _first_rows(rows: Iterator[Cells], rest: list[Cells]) -> Iterator[Cells]:
    """The rows in which a header may stand; the first one beyond them goes into `rest`."""
    for one in rows:
        if one[0] > HEADER_WITHIN:
            rest.append(one)
            return
        yield one


def _columns(top: list[Cells]) -> tuple[Columns | None, list[Cells]]:
    """The columns by the header, and the rows of the top that stand below it; None where there is no header."""
    problem: FileProblem | None = None
    for place, (number, values, _) in enumerate(top):
        if is_header(values):
            try:
                return read_header(values, number), top[place + 1 :]
            except FileProblem as raised:
                if raised.code == "ambiguous_header":
                    raise
                problem = problem or raised
    if problem:
        raise problem
    return None, []


def _person(one: Cells, columns: Columns) -> dict[str, Any]:
    number, values, formulas = one
    read = {*columns.names, columns.email}
    name = " ".join(filter(None, (_text(values, place, formulas) for place in columns.names)))
    email = _text(values, columns.email, formulas)
    starts = [values[place] for place in read if place < len(values)]
    formula = bool(read & formulas) or any(isinstance(text, str) and text.lstrip().startswith("=") for text in starts)
    return {
        "row": number,
        "name": "" if name.startswith("=") else name,
        "email": "" if email.startswith("=") else email,
        "formula": formula,
    }


def _text(values: list[Any], place: int, formulas: frozenset[int]) -> str:
    """A cell as the text that a person sees, without what no screen shows; "" for a formula."""
    if place >= len(values) or place in formulas or is_blank(values[place]):
        return ""
    value = values[place]
    if isinstance(value, bool):
        text = str(value).upper()
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    text = text[: LONGEST_CELL * 4].encode("utf-8", "ignore").decode("utf-8")
    shown = (char for char in text if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"))
    kept = (" " if char.isspace() else char for char in shown)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))[:LONGEST_CELL]
