"""Other kinds of files, whatever they are called; lists without people or with unclear columns."""

import zipfile
import zlib

from operators.tests.corpus.making import ANN, BEN, DATA, case, pack, parts, raw, rows_xml, sheet_xml
from operators.tests.sheets import HEAD, sheet, staff


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
