"""Tables to download, as .csv and .xlsx, written row by row: no cell is ever a formula (SAFETY: CSV/XLSX export)."""

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any
from xml.sax.saxutils import escape

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# the same in a .csv: wide signs too, behind signs that nobody sees, and behind what another program takes for the end
# of a cell or row (Excel in German separates by semicolons, whatever stands in quotes around them)
HIDDEN_FORMULA = re.compile(
    "(^|[\\t\\r\\n;|])"
    "((?:[^\\S\\t\\r\\n]|[\"'\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])*)"
    "(?=[=@\uff1d\uff0b\uff0d\uff20]|[+-]\\s*[\\w(@=+-])"
)
IN_MEMORY = 2 * 1024 * 1024  # beyond that the file lies in a temporary one without a name
LONGEST_CELL = 32_767  # characters: more is a broken file to Excel
MOST_ROWS = 1_048_575  # below the headings
ILLEGAL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])

Row = Sequence["str | int | None"]

_NS = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/styles.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_NS}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_NS}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    f'Type="{_NS}/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>',
    # the cell styles are 0 plain, 1 bold, 2 a text that looks like a formula
    "xl/styles.xml": f'<styleSheet xmlns="{_NS}/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/></font>'
    '<font><b/><sz val="11"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/>'
    '<xf quotePrefix="1"/></cellXfs></styleSheet>',
}
_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def write_table(kind: str, title: str, heads: Sequence[str], rows: Iterable[Row]) -> tuple[IO[bytes], int]:
    """A file at its beginning, and how many rows it has. Numbers are numbers; every text stays the text that it is."""
    out: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the answer closes it
    writers: dict[str, Callable[..., int]] = {"csv": _write_csv, "xlsx": _write_xlsx}
    count = writers[kind](out, title, [str(head) for head in heads], rows)
    out.seek(0)
    return out, count


def safe_cell(value: Any) -> Any:
    """A cell of a .csv: what a spreadsheet would take for a formula gets a quote in front of it."""
    if value is None or isinstance(value, int):
        return value
    text = str(value).translate(ILLEGAL)
    text = HIDDEN_FORMULA.sub(r"\1'\2", text)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _write_csv(out: IO[bytes], title: str, heads: Sequence[str], rows: Iterable[Row]) -> int:
    text = io.TextIOWrapper(out, "utf-8-sig", errors="replace", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe_cell(head) for head in heads])
    count = 0
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        count += 1
    text.detach()
    return count


def _write_xlsx(out: IO[bytes], title: str, heads: Sequence[str], rows: Iterable[Row]) -> int:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in _PARTS.items():
            archive.writestr(name, _DECLARED + part)
        archive.writestr("xl/workbook.xml", _workbook(title))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            return _write_sheet(sheet, heads, rows)


def _workbook(title: str) -> str:
    name = "".join("-" if sign in "[]:*?/\\'" else sign for sign in title)[:31]
    return (
        f'{_DECLARED}<workbook xmlns="{_NS}/spreadsheetml/2006/main" '
        f'xmlns:r="{_NS}/officeDocument/2006/relationships"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _write_sheet(sheet: IO[bytes], heads: Sequence[str], rows: Iterable[Row]) -> int:
    widths = "".join(f'<col min="{n}" max="{n}" width="22" customWidth="1"/>' for n in range(1, len(heads) + 1))
    pane = '<pane ySplit="1" topLeftCell="A2" state="frozen"/>'
    top = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    start = f'{_DECLARED}<worksheet xmlns="{_NS}/spreadsheetml/2006/main">{top}<cols>{widths}</cols><sheetData>'
    sheet.write((start + _row(heads, bold=True)).encode())
    count = 0
    for row in rows:
        if count == MOST_ROWS:
            break
        sheet.write(_row(row).encode("utf-8", "replace"))
        count += 1
    sheet.write(b"</sheetData></worksheet>")
    return count


def _row(values: Row, *, bold: bool = False) -> str:
    return f"<row>{''.join(_cell(value, bold) for value in values)}</row>"


def _cell(value: "str | int | None", bold: bool) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int):
        return f"<c><v>{int(value)}</v></c>"
    text = str(value).translate(ILLEGAL)[:LONGEST_CELL]
    style = ' s="1"' if bold else ' s="2"' if text.startswith(FORMULA_STARTS) else ""
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{escape(text)}</t></is></c>'
