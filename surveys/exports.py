"""One row per filled-in survey, for a spreadsheet."""

from collections.abc import Iterator
from datetime import date
from typing import IO
from uuid import UUID

from django.utils.translation import gettext as _

from core.sheets import Row, write_table
from surveys.models import Question, Sheet, Survey
from surveys.queries import contact_of, list_questions, list_sheets, scope_of

STEP = 1000  # sheets that are in memory at once


def write_sheets(survey: Survey, since: date | None, until: date | None, kind: str) -> tuple[IO[bytes], int]:
    """The sheets of these months as a file, "csv" or "xlsx", and how many they are (S70)."""
    questions = list_questions(survey)
    heads = [_("Month"), _("How"), *(one.label for one in questions)]
    if survey.asks_name:
        heads += [_("Name"), _("E-mail")]
    with scope_of(survey.account):
        return write_table(kind, survey.title, heads, _rows(survey, questions, since, until))


def _rows(survey: Survey, questions: list[Question], since: date | None, until: date | None) -> Iterator[Row]:
    after: UUID | None = None
    while True:
        sheets = list_sheets(survey, since, until, after, STEP)
        yield from (_row(survey, questions, sheet) for sheet in sheets)
        if len(sheets) < STEP:
            return
        after = sheets[-1].ident


def _row(survey: Survey, questions: list[Question], sheet: Sheet) -> Row:
    given: dict[int, list[int | str]] = {}
    for answer in sheet.answers.all():
        given.setdefault(answer.question_id, []).append(answer.text if answer.number is None else answer.number)
    cells: list[str | int | None] = [f"{sheet.month:%Y-%m}", str(sheet.get_channel_display())]
    for question in questions:
        values = sorted(given.get(question.pk, []), key=str)
        if not values:
            cells.append(None)
        elif question.options:
            cells.append("; ".join(str(question.name_of(value)) for value in values if isinstance(value, int)))
        else:
            cells.append(values[0])
    if survey.asks_name:
        contact = contact_of(sheet)
        cells += [contact.name, contact.email] if contact else [None, None]
    return cells
