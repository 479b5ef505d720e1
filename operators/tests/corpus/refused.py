"""Files that are too much, lie about themselves, declare document types, or hold macros."""

import io
import struct
import zipfile

from operators.tests.corpus.making import (
    ANN,
    BEN,
    CASES,
    MAIN,
    Case,
    case,
    cell,
    keep,
    pack,
    parts,
    raw,
    repack,
    rows_xml,
    sheet_xml,
)
from operators.tests.sheets import HEAD, sheet, staff


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
