"""Hostile and odd files, made anew in each run by several writers, each with the verdict that it must get.

A maker answers the bytes; the verdict is a code of the file, or what was read: `Good(rows, header)`.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from pyexcelerate import Workbook as Excelerate

from operators.tests.sheets import HEAD, people, sheet, staff

DATA = Path(__file__).parent / "data"
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


# ---- Honest files of several writers ----
@case(Good(100))
def by_xlsxwriter() -> bytes:
    return staff(100)


@case(Good(100))
def by_xlsxwriter_with_texts_in_the_cells() -> bytes:
    return staff(100, constant_memory=True)


@case(Good(100))
def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    for row in [HEAD, *people(100)]:
        book.active.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@case(Good(100))
def by_pyexcelerate() -> bytes:
    book, out = Excelerate(), io.BytesIO()
    book.new_sheet("People", data=[HEAD, *people(100)])
    book._save(out) if hasattr(book, "_save") and not hasattr(book, "save") else book._save(out)
    return out.getvalue()


@case(Good(100))
def by_libreoffice() -> bytes:
    return (DATA / "libreoffice-staff.xlsx").read_bytes()


@case(Good(2, header=4, first=("Ann Example", "ann@acme-bikes.example")))
def by_libreoffice_with_a_title_and_styles() -> bytes:
    return (DATA / "libreoffice-styled.xlsx").read_bytes()


@case(Good(2), file_name="people.csv")
def an_xlsx_that_is_called_csv() -> bytes:
    return sheet([HEAD, ANN, BEN])


@case(Good(2))
def a_strict_workbook() -> bytes:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    found = parts(sheet_xml(rows_xml([HEAD, ANN, BEN]), main=strict))
    book = (
        str(found["xl/workbook.xml"])
        .replace(MAIN, strict)
        .replace(REL, "http://purl.oclc.org/ooxml/officeDocument/relationships")
    )
    rels = str(found["xl/_rels/workbook.xml.rels"]).replace(
        REL, "http://purl.oclc.org/ooxml/officeDocument/relationships"
    )
    return pack({**found, "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": rels})


@case(Good(2))
def utf16_parts() -> bytes:
    return pack(
        parts(sheet_xml(rows_xml([HEAD, ANN, BEN]), head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"))
    )


@case(Good(1, first=("Jürgen Müßig", "j@acme-bikes.example")))
def latin1_parts() -> bytes:
    text = sheet_xml(
        rows_xml([HEAD, ["Jürgen Müßig", "j@acme-bikes.example"]]), head='<?xml version="1.0" encoding="ISO-8859-1"?>'
    )
    return pack(parts(text.encode("latin-1")))


@case(Good(2))
def names_with_backslashes_and_capitals() -> bytes:
    found = parts(sheet_xml(rows_xml([HEAD, ANN, BEN])))
    return pack({name.replace("xl/worksheets/sheet1", "xl\\Worksheets\\Sheet1"): text for name, text in found.items()})


@case(Good(2))
def prefixed_elements() -> bytes:
    text = sheet_xml(rows_xml([HEAD, ANN, BEN])).replace("xmlns=", "xmlns:x=").replace("</", "</x:").replace("<", "<x:")
    text = text.replace("<x:/x:", "</x:").replace("<x:?", "<?")
    return pack(parts(text))


@case(Good(2))
def rows_and_cells_without_references() -> bytes:
    inside = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>"
        for row in [HEAD, ANN, BEN]
    )
    return pack(parts(sheet_xml(inside)))


@case(Good(2, header=3))
def title_above_the_header_and_columns_turned() -> bytes:
    return sheet([["Our staff of 2026"], [None], ["  E-MAIL  address: ", "Team", "FULL   NAME*"],
                  [ANN[1], "Sales", ANN[0]], [BEN[1], "Sales", BEN[0]]])  # fmt: skip


@case(Good(2, header=10))
def header_in_row_ten() -> bytes:
    return sheet([["Title"], *[[None]] * 8, HEAD, ANN, BEN])


@case("missing_email_column")
def header_in_row_eleven() -> bytes:
    return sheet([["Title"], *[[None]] * 9, HEAD, ["only a name", "no address"]])


@case(Good(1, first=("Ann Lee Example", "ann@acme-bikes.example")))
def first_name_and_surname() -> bytes:
    return sheet([["Surname", "E-mail", "First name"], ["Example", ANN[1], "Ann Lee"]])


@case(Good(1, first=("Ada Muster", "ada@acme-bikes.example")))
def german_vorname_and_name() -> bytes:
    return sheet([["Name", "Vorname", "E-Mail-Adresse"], ["Muster", "Ada", "ada@acme-bikes.example"]])


@case(Good(1, first=("José García", "jose@acme-bikes.example")))
def spanish_headings() -> bytes:
    return sheet([["Nombre", "Apellidos", "Correo electrónico"], ["José", "García", "jose@acme-bikes.example"]])


@case(Good(1, first=("Zoë Ng", "zoe@acme-bikes.example")))
def japanese_headings() -> bytes:
    return sheet([["氏名", "メールアドレス"], ["Zoë Ng", "zoe@acme-bikes.example"]])


@case(Good(2, header=0, first=("Ann Example", "ann@acme-bikes.example")))
def no_header_but_clear_columns() -> bytes:
    return sheet([[ANN[1], ANN[0]], [BEN[1], BEN[0]]])


@case(Good(2, header=0, first=("Ann Example", "ann@acme-bikes.example")))
def no_header_first_name_and_surname() -> bytes:
    return sheet([["Ann", "Example", ANN[1]], ["Ben", "Sample", BEN[1]]])


@case(Good(2))
def very_hidden_first_sheet() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    hidden, shown = book.add_worksheet("Secret"), book.add_worksheet("People")
    for number in range(300):
        hidden.write_row(number, 0, ["Hidden Person", f"hidden{number}@acme-bikes.example"])
    for number, row in enumerate([HEAD, ANN, BEN]):
        shown.write_row(number, 0, row)
    hidden.very_hidden()
    shown.activate()
    shown.set_first_sheet()
    book.close()
    return out.getvalue()


@case("no_rows", says="hidden")
def every_sheet_hidden() -> bytes:
    return pack(
        parts(sheet_xml(rows_xml([HEAD, ANN])), sheets='<sheet name="A" sheetId="1" state="veryHidden" r:id="rId1"/>')
    )


@case(Good(1))
def a_chart_sheet_first() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page, chart_sheet = book.add_worksheet("People"), book.add_chartsheet("Chart")
    for number, row in enumerate([HEAD, ANN]):
        page.write_row(number, 0, row)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=People!$A$1:$A$2"})
    chart_sheet.set_chart(chart)
    book.worksheets_objs.reverse()
    book.worksheets_objs[1].index, book.worksheets_objs[0].index = 1, 0
    book.close()
    return out.getvalue()


@case(Good(2))
def merged_cells_comments_rules_and_colours() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Staff list", None])
    page.merge_cells("A1:B1")
    for row in [HEAD, ANN, BEN]:
        page.append(row)
    page["A3"].comment = Comment("a remark", "somebody")
    page["A3"].hyperlink = "https://acme-bikes.example"
    rule = DataValidation(type="list", formula1='"a,b"')
    page.add_data_validation(rule)
    rule.add("C1:C9")
    return saved(book)


# it has its header in the second row
CASES[-1] = Case("merged_cells_comments_rules_and_colours", merged_cells_comments_rules_and_colours, Good(2, header=2))


@case(Good(4))
def dates_numbers_and_truths_where_names_stand() -> bytes:
    book = openpyxl.Workbook()
    for row in [HEAD, [date(2026, 1, 2), ANN[1]], [42, 7], [True, BEN[1]], [time(1, 2), timedelta(days=2)]]:
        book.active.append(row)
    return saved(book)


@case(Good(3, formulas=3))
def formulas() -> bytes:
    return sheet(
        [HEAD, ["==A1&B1", ANN[1]], [BEN[0], '==HYPERLINK("http://x.example")'], ["=1+1 as text", "x@y.example"]]
    )


@case(Good(1, formulas=1))
def an_array_formula() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, HEAD)
    page.write_array_formula("A2:A2", "{=A1:A1}")
    page.write(1, 1, ANN[1])
    book.close()
    return out.getvalue()


@case(Good(2, first=("Ann Example", "ann@acme-bikes.example")))
def rich_text_and_strange_blanks() -> bytes:
    rich = '<c r="A2" t="inlineStr"><is><r><t>Ann </t></r><r><rPr><b/></rPr><t>Exam</t></r><r><t>ple</t></r></is></c>'
    inside = (
        rows_xml([HEAD])
        + f'<row r="2">{rich}{cell("B2", " ann@acme-bikes.example&#160;")}</row>'
        + f'<row r="3">{cell("A3", "&#160; ")}{cell("B3", "&#8203;")}</row>'
        + f'<row r="7">{cell("A7", "Ben&#10;Sample")}{cell("B7", BEN[1])}</row>'
    )
    return pack(parts(sheet_xml(inside)))


@case(Good(3))
def a_false_dimension() -> bytes:
    return raw([HEAD, ANN, BEN, ["Cleo Demo", "cleo@acme-bikes.example"]], before='<dimension ref="A1:B2"/>')


@case("too_many_rows", says="100")
def a_false_dimension_that_hides_101_rows() -> bytes:
    return raw([HEAD, *people(101)], before='<dimension ref="A1:B2"/>')


@case(Good(100))
def a_hundred_and_a_hundred_blank_rows_between() -> bytes:
    rows: list[list[object]] = [HEAD]
    for person in people(100):
        rows += [person, ["  ", None]]
    return sheet(rows)


@case(Good(2))
def coloured_whole_columns() -> bytes:
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>' for n in range(4, 20_000))
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN, BEN]) + blank)))


# ---- Too much ----
@case("too_many_rows")
def rows_101() -> bytes:
    return staff(101)


@case("too_many_rows")
def rows_101_of_the_same_person() -> bytes:
    return sheet([HEAD, *[ANN] * 101])


@case("too_many_rows")
def rows_100000() -> bytes:
    return staff(100_000, constant_memory=True)


@case("too_large")
def a_million_coloured_rows() -> bytes:
    blank = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(4, 1_048_577))
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN, BEN]) + blank)))


@case("too_large")
def a_bomb_of_blanks_in_the_sheet() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN]) + " " * (200 << 20))))


@case("too_large")
def a_bomb_in_an_unread_part() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN])), extra={"xl/media/image1.png": b"\0" * (150 << 20)}))


@case("too_large")
def a_bomb_of_shared_texts() -> bytes:
    texts = f'<sst xmlns="{MAIN}">' + "<si><t>a</t></si>" * 1_200_000 + "</sst>"
    return with_texts(texts)


def with_texts(texts: str) -> bytes:
    found = parts(sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), extra={"xl/sharedStrings.xml": texts})
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = str(found["[Content_Types].xml"]).replace(
        "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    )
    return pack({**found, "[Content_Types].xml": types})


@case("too_large")
def a_text_of_forty_megabytes() -> bytes:
    return with_texts(f'<sst xmlns="{MAIN}"><si><t>' + "a" * (40 << 20) + "</t></si></sst>")


@case("too_large")
def ten_thousand_parts() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN])), extra={f"xl/x/{n}.xml": "<a/>" for n in range(10_000)}))


@case("too_large", says="10 MB")
def larger_than_ten_megabytes() -> bytes:
    import random

    noise = random.Random(1).randbytes(11 << 20)
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN])), extra={"xl/media/a.png": noise}))


@case("too_large")
def a_row_of_a_million_cells() -> bytes:
    cells = "".join("<c><v>1</v></c>" for _ in range(1_300_000))
    return pack(parts(sheet_xml(f"<row>{cells}</row>")))


# ---- Lies ----
def lying(data: bytes, name: str, size: int) -> bytes:
    """The archive with another unpacked size declared for one part, in the directory and before the part."""
    changed = bytearray(data)
    for mark, at_size, at_name, at_length in ((b"PK\x01\x02", 24, 46, 28), (b"PK\x03\x04", 22, 30, 26)):
        start = changed.find(mark)
        while start >= 0:
            length = struct.unpack_from("<H", changed, start + at_length)[0]
            if changed[start + at_name : start + at_name + length] == name.encode():
                struct.pack_into("<I", changed, start + at_size, size)
            start = changed.find(mark, start + 4)
    return bytes(changed)


@case("corrupt")
def a_bomb_that_declares_a_small_size() -> bytes:
    return lying(a_bomb_of_blanks_in_the_sheet(), "xl/worksheets/sheet1.xml", 5_000)


CASES[-1] = Case("a_bomb_that_declares_a_small_size", a_bomb_that_declares_a_small_size, "too_large")


@case("corrupt")
def a_part_that_declares_too_small_a_size() -> bytes:
    return lying(staff(50), "xl/worksheets/sheet1.xml", 300)


@case("corrupt")
def a_wrong_checksum() -> bytes:
    data = bytearray(raw([HEAD, ANN]))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        if b"sheet1.xml" in data[at : at + 90]:
            struct.pack_into("<I", data, at + 16, 12345)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


@case("unsafe_content")
def parts_that_lie_on_each_other() -> bytes:
    data = bytearray(raw([HEAD, ANN]))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    third = data.find(b"PK\x01\x02", second + 4)
    data[third + 42 : third + 46] = data[second + 42 : second + 46]
    return bytes(data)


@case("unsafe_content")
def the_same_part_twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts(sheet_xml(rows_xml([HEAD, ANN]))).items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/SHEET1.xml", sheet_xml(rows_xml([HEAD, BEN])))
    return out.getvalue()


@case("unsafe_content")
def a_part_that_climbs_out() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN])), extra={"../../etc/cron.d/x": "x"}))


@case("corrupt")
def a_row_number_beyond_the_sheet() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN]) + f'<row r="999999999">{cell("A999999999", "x")}</row>')))


@case("corrupt")
def a_column_beyond_the_sheet() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN]) + f'<row r="3">{cell("ZZZZZZZZ3", "x")}</row>')))


@case("corrupt")
def a_shared_text_that_is_not_there() -> bytes:
    return pack(parts(sheet_xml('<row r="1"><c r="A1" t="s"><v>77</v></c></row>')))


@case("corrupt")
def a_sheet_that_is_not_there() -> bytes:
    found = parts("")
    del found["xl/worksheets/sheet1.xml"]
    return pack(found)


# ---- Document types ----
BOMB = (
    "<!DOCTYPE worksheet ["
    + '<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


def with_doctype(encoding: str, *, mark: str = "") -> bytes:
    text = sheet_xml(
        rows_xml([HEAD, ["&j;", "x@y.example"]]), head=f'<?xml version="1.0" encoding="{mark or encoding}"?>{BOMB}'
    )
    return pack(parts(text.encode(encoding)))


@case("unsafe_content")
def an_entity_bomb() -> bytes:
    return with_doctype("utf-8")


@case("unsafe_content")
def an_entity_bomb_in_utf16() -> bytes:
    return with_doctype("utf-16")


@case("unsafe_content")
def an_entity_bomb_in_utf16_without_a_mark() -> bytes:
    return with_doctype("utf-16-be", mark="utf-16")


@case("unsafe_content")
def an_entity_bomb_in_utf32() -> bytes:
    return with_doctype("utf-32")


@case("unsafe_content")
def an_entity_bomb_in_utf7() -> bytes:
    return with_doctype("utf-7")


@case("unsafe_content")
def an_entity_bomb_in_ebcdic() -> bytes:
    return with_doctype("cp037")


@case("unsafe_content")
def an_external_entity_in_the_workbook() -> bytes:
    found = parts(sheet_xml(rows_xml([HEAD, ANN])))
    book = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + str(found["xl/workbook.xml"])
    return pack({**found, "xl/workbook.xml": book})


@case("unsafe_content")
def a_document_type_behind_a_long_comment() -> bytes:
    head = f'<?xml version="1.0"?><!--{"x" * 700_000}--><!DOCTYPE worksheet [<!ENTITY a "b">]>'
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN]), head=head)))


@case("unsafe_content")
def a_document_type_in_utf16_behind_a_long_comment() -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-16"?><!--{"x" * 700_001}--><!DOCTYPE worksheet [<!ENTITY a "b">]>'
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN]), head=head).encode("utf-16")))


@case("unsafe_content")
def a_document_type_in_a_part_that_is_not_read() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN])), extra={"docProps/core.xml": "<!DOCTYPE a><a/>"}))


# ---- Macros ----
@case("unsafe_content", says="macros", file_name="staff.xlsx")
def macros() -> bytes:
    return repack(staff(2), keep, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros"})


@case("unsafe_content", says="macros", file_name="staff.xlsm")
def macros_by_type_only() -> bytes:
    def change(name: str, data: bytes) -> bytes:
        plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        return data.replace(plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")

    return repack(staff(2), change)


@case("unsafe_content", says="macros")
def macros_of_excel_4() -> bytes:
    return repack(staff(2), keep, {"xl/macrosheets/sheet1.xml": b"<x/>"})


# ---- Other kinds of files, whatever they are called ----
def compound(*words: str) -> bytes:
    """The outside of a compound file (OLE) whose directory names these streams."""
    directory = b"".join(word.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 64 for word in ("Root Entry", *words))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + directory.ljust(2048, b"\0")


@case("encrypted", says="password")
def protected_by_a_password() -> bytes:
    return compound("EncryptionInfo", "EncryptedPackage")


@case("encrypted", says="password")
def zip_entries_with_a_password() -> bytes:
    data = bytearray(raw([HEAD, ANN]))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = data.find(mark)
        while start >= 0:
            data[start + at] |= 1
            start = data.find(mark, start + 4)
    return bytes(data)


@case("unsupported_format", says=".xls", file_name="staff.xlsx")
def an_old_xls() -> bytes:
    return compound("Workbook")


@case("unsupported_format", says=".xls")
def an_old_xls_by_libreoffice() -> bytes:
    return (DATA / "libreoffice-old.xls").read_bytes()


@case("unsupported_format", says=".xls")
def a_very_old_xls() -> bytes:
    return b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 200


@case("unsupported_format", says=".ods", file_name="staff.xlsx")
def an_ods() -> bytes:
    return pack(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}, zipfile.ZIP_STORED
    )


@case("unsupported_format", says=".ods")
def an_ods_by_libreoffice() -> bytes:
    return (DATA / "libreoffice.ods").read_bytes()


@case("unsupported_format", says=".csv", file_name="staff.xlsx")
def a_csv_called_xlsx() -> bytes:
    return b"Name;E-mail\r\nAnn Example;ann@acme-bikes.example\r\n"


@case("unsupported_format", says=".csv")
def a_csv_in_utf16() -> bytes:
    return "Name\tE-mail\r\nJürgen\tj@acme-bikes.example\r\n".encode("utf-16")


@case("unsupported_format", says=".csv", file_name="list.csv")
def a_csv_of_one_column() -> bytes:
    return b"E-mail\nann@acme-bikes.example\n"


@case("unsupported_format", says=".html")
def a_web_page_called_xls() -> bytes:
    return b"<html><body><table><tr><td>Name</td></tr></table></body></html>"


@case("unsupported_format", says=".xml")
def an_excel_2003_xml() -> bytes:
    return b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'


@case("unsupported_format", says=".xlsb")
def a_binary_workbook() -> bytes:
    return pack({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\0"})


@case("unsupported_format", says="Numbers")
def a_numbers_file() -> bytes:
    return pack({"Index/Document.iwa": b"\0", "Index/Tables/DataList.iwa": b"\0"})


@case("not_a_spreadsheet")
def a_word_document() -> bytes:
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return pack(
        {"[Content_Types].xml": f'<Types><Override ContentType="{types}"/></Types>', "word/document.xml": "<a/>"}
    )


@case("not_a_spreadsheet")
def an_old_word_document() -> bytes:
    return compound("WordDocument", "1Table")


@case("not_a_spreadsheet")
def a_picture() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + zlib.compress(b"x" * 2000)


@case("not_a_spreadsheet")
def a_pdf() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


@case("not_a_spreadsheet")
def a_letter() -> bytes:
    return b"Dear colleague,\nhow are you?\nAnn\n"


@case("not_a_spreadsheet")
def a_zip_of_a_workbook() -> bytes:
    return pack({"staff.xlsx": staff(2)})


@case("not_a_spreadsheet")
def an_empty_zip() -> bytes:
    return pack({})


@case("empty_file")
def nothing() -> bytes:
    return b""


@case("empty_file")
def blanks() -> bytes:
    return b" \r\n" * 100


@case("corrupt")
def cut_off() -> bytes:
    return staff(100)[:-3000]


@case("corrupt")
def cut_in_the_middle() -> bytes:
    data = staff(100)
    return data[: len(data) // 2]


@case("corrupt")
def noise_behind_the_mark() -> bytes:
    return b"PK\x03\x04" + bytes(range(256)) * 40


@case("corrupt")
def a_sheet_of_broken_xml() -> bytes:
    return pack(parts(sheet_xml(rows_xml([HEAD, ANN]))[:-40]))


@case("corrupt")
def a_workbook_of_broken_xml() -> bytes:
    return pack({**parts(sheet_xml(rows_xml([HEAD, ANN]))), "xl/workbook.xml": "<workbook><sheets>"})


# ---- Nobody, and unclear columns ----
@case("no_rows")
def only_a_header() -> bytes:
    return sheet([HEAD])


@case("no_rows")
def an_empty_sheet() -> bytes:
    return sheet([])


@case("missing_email_column")
def names_and_telephones() -> bytes:
    return sheet([["Name", "Phone"], ["Ann Example", "+48 600 100 200"]])


@case("missing_email_column")
def numbers_only() -> bytes:
    return sheet([[1, 2], [3, 4]])


@case("ambiguous_header", says="E-mail")
def two_columns_of_addresses() -> bytes:
    return sheet([["Name", "E-mail", "Mail"], [*ANN, BEN[1]]])


@case("ambiguous_header", says="Name")
def two_columns_of_names() -> bytes:
    return sheet([["Full name", "Employee", "E-mail"], ["Ann", "Ben", ANN[1]]])


@case("ambiguous_header")
def no_header_and_two_columns_of_addresses() -> bytes:
    return sheet([[*ANN, BEN[1]], [*BEN, ANN[1]]])


MADE_AT = datetime(2026, 11, 23)  # noqa: DTZ001  a made-up moment for writers that want one
