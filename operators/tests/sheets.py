"""Workbooks of tests, made by other programs than the one that reads them."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

HEAD = ["Name", "E-mail"]


def sheet(rows: Sequence[Sequence[Any]], **options: Any) -> bytes:
    """One sheet, written by XlsxWriter; texts are texts, whatever they begin with."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, **options}
    )
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str) and value.startswith("=="):
                page.write_formula(number, place, value[1:])
            elif value is not None:
                page.write(number, place, value)
    book.close()
    return out.getvalue()


def people(count: int, domain: str = "acme-bikes.example") -> list[list[str]]:
    """Rows of made-up colleagues."""
    return [[f"Colleague Number{n}", f"colleague{n}@{domain}"] for n in range(1, count + 1)]


def staff(count: int, **options: Any) -> bytes:
    """A sheet with a header and so many people."""
    return sheet([HEAD, *people(count)], **options)


SEVEN_WRONG = {
    9: ["Fay Sample", "fay@acme-bikes"],  # not complete
    19: ["", "noname@acme-bikes.example"],
    29: ["No Address", ""],
    39: ['=="A"&"B"', "formula@acme-bikes.example"],
    49: ["https://spam.example", "link@acme-bikes.example"],
    59: ["L" * 161, "long@acme-bikes.example"],
    69: ["Colleague Number1", "COLLEAGUE1+x@acme-bikes.example"],  # row 2 again
}


def staff_with_seven_wrong() -> bytes:
    """100 people of whom 7 are wrong, each in another way; Excel rows 11, 21, ... 71."""
    rows: list[list[str]] = people(100)
    for place, row in SEVEN_WRONG.items():
        rows[place] = row
    return sheet([HEAD, *rows])
