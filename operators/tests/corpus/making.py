"""How files are made: the list of cases, and raw archives written by hand."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

DATA = Path(__file__).parent.parent / "data"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ANN, BEN = ["Ann Example", "ann@acme-bikes.example"], ["Ben Sample", "ben@acme-bikes.example"]


@dataclass(frozen=True)
class Good:
    """A file that is read: how many people, the row of the headings, and the first person where it matters."""

    rows: int
    header: int = 1
    first: tuple[str, str] | None = None
    formulas: int = 0


@dataclass(frozen=True)
class Case:
    name: str
    make: Callable[[], bytes]
    verdict: str | Good
    says: str = ""  # a word of the sentence
    file_name: str = "staff.xlsx"
    also: tuple[str, ...] = field(default=())


CASES: list[Case] = []


def case(verdict: str | Good, says: str = "", file_name: str = "staff.xlsx") -> Callable[..., Callable[[], bytes]]:
    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        CASES.append(Case(make.__name__, make, verdict, says, file_name))
        return make

    return add


# ---- Raw archives ----
def cell(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def rows_xml(rows: list[list[str]], start: int = 1) -> str:
    out = []
    for number, row in enumerate(rows, start=start):
        cells = "".join(cell(f"{chr(65 + place)}{number}", text) for place, text in enumerate(row))
        out.append(f'<row r="{number}">{cells}</row>')
    return "".join(out)


def sheet_xml(inside: str, *, before: str = "", after: str = "", main: str = MAIN, head: str = "") -> str:
    start = head or '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{start}<worksheet xmlns="{main}">{before}<sheetData>{inside}</sheetData>{after}</worksheet>'


def parts(
    sheet: str | bytes, *, sheets: str = "", extra: dict[str, str | bytes] | None = None
) -> dict[str, str | bytes]:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>'
            f'{sheets or """<sheet name="People" sheetId="1" r:id="rId1"/>"""}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": sheet,
    }
    return {**found, **(extra or {})}


def pack(found: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return out.getvalue()


def raw(rows: list[list[str]], **more: str) -> bytes:
    return pack(parts(sheet_xml(rows_xml(rows), **more)))


def repack(data: bytes, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None) -> bytes:
    """The archive with parts changed (None: left out) and added."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {name: change(name, archive.read(name)) for name in archive.namelist()}
    return pack({**{name: text for name, text in found.items() if text is not None}, **(extra or {})})


def keep(name: str, data: bytes) -> bytes:
    return data


MADE_AT = datetime(2026, 11, 23)  # noqa: DTZ001  a made-up moment for writers that want one
