"""The sheets that we write: the template and the verdicts, with text cells only (SAFETY: CSV/XLSX export)."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ILLEGAL = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def write_template() -> bytes:
    """A workbook with the headings of an import and nobody in it."""
    return _write(_("People"), [_("Name"), _("E-mail")], [], (32, 40))


def write_verdicts(rows: Iterable[Any]) -> bytes:
    """A workbook with each row's number, name, e-mail, verdict, code and sentence; `rows` are Verdicts."""
    heads = [_("Row"), _("Name"), _("E-mail"), _("Role"), _("Verdict"), _("Code"), _("What to do")]
    lines = [[one.row, one.name, one.email, one.role, one.verdict, one.code, one.message] for one in rows]
    return _write(_("Verdicts"), heads, lines, (8, 32, 40, 12, 10, 20, 80))


def _write(title: str, heads: Sequence[str], lines: Sequence[Sequence[Any]], widths: Sequence[int]) -> bytes:
    from openpyxl import Workbook  # 20 MB that a site without imports never loads
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for place, (head, width) in enumerate(zip(heads, widths, strict=True), start=1):
        sheet.cell(row=1, column=place, value=head).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    for number, line in enumerate(lines, start=2):
        for place, value in enumerate(line, start=1):
            cell = sheet.cell(row=number, column=place)
            if isinstance(value, int):
                cell.value = value
            else:
                cell.value = str(value).translate(ILLEGAL)
                cell.data_type = "s"  # a text that begins with "=" stays a text
                cell.quotePrefix = str(value).startswith(("=", "+", "-", "@"))
    out = BytesIO()
    book.save(out)
    return out.getvalue()
