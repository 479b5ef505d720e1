"""Files that people and their programs really make."""

import io
from datetime import date, time, timedelta

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from pyexcelerate import Workbook as Excelerate

from operators.tests.corpus.making import (
    ANN,
    BEN,
    CASES,
    DATA,
    MAIN,
    REL,
    Case,
    Good,
    case,
    cell,
    pack,
    parts,
    raw,
    rows_xml,
    sheet_xml,
)
from operators.tests.sheets import HEAD, people, sheet, staff


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
