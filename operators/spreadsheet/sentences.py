"""What a person reads about a file that was refused: one sentence that names the problem and says what to do."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from operators.spreadsheet.container import FileProblem

SENTENCES: dict[tuple[str, str], Any] = {
    ("empty_file", ""): _("This file is empty: choose the Excel file with the list of people."),
    ("not_a_spreadsheet", ""): _("This is not a spreadsheet: choose an Excel workbook (.xlsx) with names and e-mails."),
    ("unsupported_format", "xls"): _("This file is in the old Excel format (.xls): save it as .xlsx and upload that."),
    ("unsupported_format", "ods"): _("This is an OpenDocument spreadsheet (.ods): save it as .xlsx and upload that."),
    ("unsupported_format", "csv"): _(
        "This is a text table (.csv): open it in Excel, save it as .xlsx and upload that."
    ),
    ("unsupported_format", "xlsb"): _("This is a binary Excel workbook (.xlsb): save it as .xlsx and upload that."),
    ("unsupported_format", "numbers"): _("This is a Numbers file: export it as .xlsx and upload that."),
    ("unsupported_format", "xml"): _("This is an Excel 2003 XML file (.xml): save it as .xlsx and upload that."),
    ("unsupported_format", "html"): _(
        "This is a web page with a table (.html): open it in Excel, save it as .xlsx and upload that."
    ),
    ("encrypted", ""): _("This file is protected by a password: remove the password in Excel and upload it again."),
    ("corrupt", ""): _("This file is damaged: open it in Excel, save it again as .xlsx and upload that."),
    ("too_large", "bytes"): _("This file is larger than 10 MB: keep only the list of people and upload it again."),
    ("too_large", ""): _(
        "This file holds much more than a list of 100 people: copy names and e-mails into a new file and upload that."
    ),
    ("unsafe_content", "macros"): _("This file contains macros: save it as .xlsx without macros and upload that."),
    ("unsafe_content", ""): _(
        "This file contains something that no list of people needs: copy names and e-mails into a new file and "
        "upload that."
    ),
    ("too_many_rows", ""): _(
        "This file has more than 100 people and an import takes 100: split it and upload the parts."
    ),
    ("missing_email_column", ""): _(
        "There is no column with e-mails: write “E-mail” above that column, within the first 10 rows."
    ),
    ("ambiguous_header", "email"): _(
        "More than one column could be the e-mail: leave only one column called “E-mail”."
    ),
    ("ambiguous_header", "name"): _(
        "More than one column could be the name: leave one called “Name”, or “First name” and “Surname”."
    ),
    ("no_rows", "hidden"): _("Every sheet of this file is hidden: show the one with the list and upload it again."),
    ("no_rows", ""): _("The first visible sheet lists nobody: put the people there and upload the file again."),
}
CODES = frozenset(code for code, _fact in SENTENCES)
STATUS = {"too_large": 413, "unsupported_format": 415}


class ImportProblem(Refused):
    """A file that is not read. `code` is one of CODES, `message` the sentence for people."""

    def __init__(self, code: str, fact: str = "") -> None:
        sentence = SENTENCES.get((code, fact)) or SENTENCES[code, ""]
        super().__init__(code, sentence, status=STATUS.get(code, 400))


def problem_of(found: FileProblem) -> ImportProblem:
    """The refusal for people, of what the gate or the child found."""
    return ImportProblem(found.code, found.fact)
