"""Tables to download: no text of anybody becomes a formula, in whatever program and country they are opened."""

import csv
import io
import zipfile

import pytest
from openpyxl import load_workbook

from core.sheets import safe_cell, write_table

FORMULAS = [
    "=1+1", " =1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\u200b=1", "\ufeff=1", "\u00a0=1", "\u202e=1",
    "\uff1d1+1", "\uff0b1", "\uff201", "\x01=1", "'=1", '"=1', "=cmd|' /C calc'!A0", "=HYPERLINK(\"//evil.example\")",
    "fine;=1+1", "fine;  @SUM(1)", "fine\n=1+1", "fine\r\n-2+3", "fine\t+1", "fine|=1", 'fine; "=1', "fine;\uff1d1",
]  # fmt: skip
FINE = ["Thanks ;-)", "C=D", "a-b", "1-2", "me@specimen.example", "x; y", "", "5 % + tax", "\u00fc; \u4f60"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_begins_like_a_formula(text: str, separator: str) -> None:
    file, _count = write_table("csv", "Rows", ["Text", "More"], [[text, "end"], ["before", text]])
    read = csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline=""), delimiter=separator)
    for row in read:
        for cell in row:
            seen = cell.lstrip(' \u00a0\u200b\ufeff\u202e"')
            assert not seen.startswith(("=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20")), row


@pytest.mark.parametrize("text", FINE)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_numbers_stay_numbers() -> None:
    assert [safe_cell(value) for value in (-5, 0, None)] == [-5, 0, None]


def test_every_text_of_an_xlsx_is_a_text() -> None:
    texts = [text for text in FORMULAS if "\x01" not in text and "\r" not in text]
    file, count = write_table("xlsx", "=1+1", ["=Head"], [[text] for text in texts])
    data = file.read()
    assert count == len(texts)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert [cell.value for cell in sheet["A"]][1:] == texts
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
