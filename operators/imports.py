"""Rows of an import in words and numbers: their verdicts, judged without writing, and what a person reads of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from accounts.models import Account
from operators.invites import InviteOutcome, NewInvite, judge, read_email
from operators.models import ImportDraft, ImportRow
from operators.suggestions import common_domains, suggest_address

Code = ImportRow.Code
CORRECTABLE = (
    Code.MISSING_EMAIL, Code.INVALID_EMAIL, Code.MISSING_NAME, Code.INVALID_NAME, Code.NAME_TOO_LONG, Code.FORMULA,
    Code.DUPLICATE_IN_FILE,
)  # fmt: skip
EMAIL_CODES = (Code.MISSING_EMAIL, Code.INVALID_EMAIL, Code.DUPLICATE_IN_FILE)
NAME_CODES = (Code.MISSING_NAME, Code.INVALID_NAME, Code.NAME_TOO_LONG)


@dataclass(frozen=True)
class Counts:
    """How many rows there are and what becomes of them; created + skipped + refused = rows, always."""

    rows: int
    created: int
    skipped: int
    refused: int


@dataclass(frozen=True)
class Verdict:
    """One row as it is shown: on the page, in the API, in the command and in the sheet to download."""

    row: int
    name: str
    email: str
    verdict: str  # "invite" or "skip"
    code: str  # "" for a row that is invited
    message: str
    suggestion: str = ""
    role: str = ""


def judge_rows(account: Account, rows: Sequence[ImportRow]) -> None:
    """Sets `code` and `first` of each row, as things stand now; saves nothing. What a person left out stays out."""
    asked = [row for row in rows if row.code != Code.LEFT_OUT and not row.has_formula]
    for row in rows:
        row.first = None
        if row.has_formula and row.code != Code.LEFT_OUT:
            row.code = Code.FORMULA
    outcomes = judge(account, [new_invite(row) for row in asked])
    for row, outcome in zip(asked, outcomes, strict=True):
        set_outcome(row, outcome, asked)


def set_outcome(row: ImportRow, outcome: InviteOutcome, asked: Sequence[ImportRow]) -> None:
    """Writes what became of a row into it; `asked` are the rows in the order in which they were judged."""
    row.code = Code(outcome.code)
    row.first = asked[outcome.first].number if outcome.first is not None else None


def new_invite(row: ImportRow) -> NewInvite:
    """The row as somebody to invite."""
    return NewInvite(row.name, row.email, row.role)


def count_codes(codes: Iterable[str]) -> Counts:
    """What becomes of rows with these codes."""
    by_code = Counter(codes)
    created = by_code.pop(Code.CREATED, 0)
    skipped = sum(by_code.pop(code, 0) for code in ImportRow.SKIPPED)
    refused = by_code.total()
    return Counts(created + skipped + refused, created, skipped, refused)


def list_verdicts(draft: ImportDraft, rows: Sequence[ImportRow]) -> list[Verdict]:
    """Every row with its sentence, in the order of the file."""
    good = [row.email for row in rows if row.is_invited]
    website = (urlsplit(draft.account.website).hostname or "").removeprefix("www.")
    domains = common_domains(good, website)
    confirmed = draft.state == ImportDraft.State.CONFIRMED
    return [_verdict(row, domains, confirmed) for row in sorted(rows, key=lambda row: row.number)]


def _verdict(row: ImportRow, domains: list[str], confirmed: bool) -> Verdict:
    suggestion = suggest_address(row.email, domains) if row.code == Code.INVALID_EMAIL else ""
    suggestion = suggestion if suggestion and read_email(suggestion) else ""
    return Verdict(
        row=row.number, name=row.name, email=row.email, role=row.role,
        verdict="invite" if row.is_invited else "skip",
        code="" if row.is_invited else str(row.code),
        message=_sentence(row, suggestion, confirmed), suggestion=suggestion,
    )  # fmt: skip


def _sentence(row: ImportRow, suggestion: str, confirmed: bool) -> str:
    """One sentence that names the problem and what to do."""
    if row.is_invited:
        return _("Invited.") if confirmed else _("Will be invited.")
    if row.code == Code.DUPLICATE_IN_FILE:
        return _("The same e-mail stands in row %(row)d, which is invited: change this one or leave it out.") % {
            "row": row.first or 0
        }
    if suggestion:
        return _("The e-mail is not complete: did you mean %(email)s?") % {"email": suggestion}
    sentences: dict[str, Any] = {
        Code.MISSING_EMAIL: _("The e-mail is missing: add one."),
        Code.INVALID_EMAIL: _("The e-mail is not complete: write it like pat@specimen.example."),
        Code.MISSING_NAME: _("The name is missing: add one."),
        Code.INVALID_NAME: _("This is not a name: write the name alone, without links or numbers only."),
        Code.NAME_TOO_LONG: _("The name is too long: use at most 160 characters."),
        Code.FORMULA: _("A cell of this row is a formula: type name and e-mail as plain text."),
        Code.ALREADY_OPERATOR: _("Already on your team: nothing to do."),
        Code.ALREADY_INVITED: _("Invited before: to send that invitation again, use the team page."),
        Code.NOT_INVITED: _("Not invited: this address cannot be invited."),
        Code.LEFT_OUT: _("Left out by you: tick the row to invite it."),
    }
    return str(sentences[row.code])
