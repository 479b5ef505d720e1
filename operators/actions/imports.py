"""Writes of the spreadsheet import: read, correct, confirm, forget (S94, S95)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from accounts.roles import can
from accounts.scoping import account_scope
from audit.actions import record_export
from core.errors import Refused, not_found
from core.personal_data import Purpose
from operators import queries
from operators.actions.invitations import invite_operators
from operators.imports import Counts, count_codes, judge_rows, new_invite, set_outcome
from operators.models import ImportDraft, ImportRow, Invitation
from operators.spreadsheet.reading import People, read_spreadsheet

Code = ImportRow.Code


@dataclass(frozen=True)
class RowChange:
    """What a person changed in one row; None leaves a thing as it is."""

    row: int
    name: str | None = None
    email: str | None = None
    role: str | None = None
    left_out: bool | None = None


def read_import(*, account: Account, data: bytes, by: Membership, name: str = "") -> ImportDraft:
    """Reads a spreadsheet into a draft with a verdict per row; nobody is invited yet (S94).

    The bytes are not kept. `name` is what the file was called; it is not stored. Raises Refused: `not_found` for who
    may not invite, `read_only` after the trial; ImportProblem for a file that is refused.
    """
    if by.account_id != account.pk or not can(by, "team.edit"):
        raise not_found()
    if account.is_read_only():
        raise Refused("read_only", _("The trial has ended. Nobody can be invited."), status=403)
    people = read_spreadsheet(data, name)  # up to some seconds, so not inside a transaction
    return _store(account, people, by)


@transaction.atomic
def _store(account: Account, people: People, by: Membership) -> ImportDraft:
    with account_scope(account):
        draft = ImportDraft(account=account, read_by=by, header=people.header)
        rows = [
            ImportRow(
                account=account, draft=draft, number=one.row, name=one.name, email=one.email, has_formula=one.formula
            )
            for one in people.rows
        ]
        judge_rows(account, rows)
        draft.save(force_insert=True)
        ImportRow.objects.bulk_create(rows)
    return draft


@transaction.atomic
def change_rows(*, draft: ImportDraft, by: Membership, changes: Iterable[RowChange]) -> None:
    """Corrects rows, leaves them out or takes them back, and gives them roles; then every row is judged anew.

    Raises Refused: `not_found`, `confirmed` when the draft was confirmed meanwhile, `bad_role`.
    """
    with account_scope(draft.account):
        fresh = _lock(draft, by)
        if fresh.state != ImportDraft.State.PREVIEW:
            raise Refused("confirmed", _("This list was confirmed already. Upload it again to invite more people."))
        rows = list(ImportRow.objects.filter(draft=fresh).order_by("number"))
        before = {row.pk: _values(row) for row in rows}
        by_number = {row.number: row for row in rows}
        for change in changes:
            if change.row in by_number:
                _change(by_number[change.row], change)
        judge_rows(draft.account, rows)
        changed = [row for row in rows if _values(row) != before[row.pk]]
        if changed:
            ImportRow.objects.bulk_update(changed, ["name", "email", "role", "has_formula", "code", "first"])


def choose_role(*, draft: ImportDraft, by: Membership, role: str) -> None:
    """Gives every row of a draft the same role. Raises Refused as `change_rows` does."""
    numbers = ImportRow.of(draft.account).filter(draft=draft).values_list("number", flat=True)
    change_rows(draft=draft, by=by, changes=[RowChange(number, role=role) for number in numbers])


def _values(row: ImportRow) -> tuple[object, ...]:
    return row.name, row.email, row.role, row.has_formula, row.code, row.first


def _change(row: ImportRow, change: RowChange) -> None:
    name = row.name if change.name is None else " ".join(change.name.split())[: ImportRow.LONGEST]
    email = row.email if change.email is None else change.email.strip()[: ImportRow.LONGEST]
    if (name, email) != (row.name, row.email):
        row.name, row.email, row.has_formula = name, email, False
    if change.role is not None:
        if change.role not in Invitation.ROLES:
            raise Refused("bad_role", _("Choose a role from the list"))
        row.role = change.role
    if change.left_out is not None and (row.code == Code.LEFT_OUT) != change.left_out:
        row.code = Code.LEFT_OUT if change.left_out else Code.CREATED  # the judge looks at it again


@transaction.atomic
def confirm_import(*, draft: ImportDraft, by: Membership) -> Counts:
    """Invites every row that can be, in one transaction; the counts are read back from the database (S95).

    Confirmed twice, the second time changes nothing and answers the same counts. Raises Refused: `not_found`,
    `nobody` when no row can be invited, and what `invite_operators` refuses.
    """
    account, now = draft.account, timezone.now()
    if by.account_id != account.pk or not can(by, "team.edit"):
        raise not_found()
    with account_scope(account):
        waits = ImportDraft.objects.filter(pk=draft.pk, state=ImportDraft.State.PREVIEW)
        claimed = waits.filter(created_at__gt=now - ImportDraft.LIFE).update(
            state=ImportDraft.State.CONFIRMED, confirmed_at=now
        )
        if not claimed:
            fresh = ImportDraft.objects.filter(pk=draft.pk, state=ImportDraft.State.CONFIRMED).first()
            if fresh is None or fresh.ends_at <= now:
                raise not_found()
            draft.state, draft.confirmed_at = fresh.state, fresh.confirmed_at
            return count_codes(ImportRow.objects.filter(draft=fresh).values_list("code", flat=True))
        rows = list(ImportRow.objects.filter(draft=draft).order_by("number"))
        counts = _invite(account, rows, by)
    draft.state, draft.confirmed_at = ImportDraft.State.CONFIRMED, now
    return counts


def _invite(account: Account, rows: Sequence[ImportRow], by: Membership) -> Counts:
    """Invites the rows that are ready and reads back what was made; a row that changed meanwhile says so."""
    ready = [row for row in rows if row.is_invited]
    if not ready:
        raise Refused("nobody", _("Nobody in this list can be invited: correct a row first."))
    others = count_codes(row.code for row in rows if not row.is_invited)
    outcomes = invite_operators(
        account=account, rows=[new_invite(row) for row in ready], by=by, source=Invitation.Source.IMPORT,
        facts={"left_skipped": others.skipped, "left_refused": others.refused},
    )  # fmt: skip
    for row, outcome in zip(ready, outcomes, strict=True):
        set_outcome(row, outcome, ready)
    changed = [row for row in ready if not row.is_invited]
    if changed:
        ImportRow.objects.bulk_update(changed, ["code", "first"])
    made = sum(1 for one in outcomes if one.invitation is not None and one.invitation.pk)  # as the database answered
    counts = count_codes(row.code for row in rows)
    if made != counts.created or counts.rows != len(rows):  # not yet committed: nothing happened
        raise RuntimeError(f"{counts.created} rows count as invited and {made} have an invitation")
    return counts


def _lock(draft: ImportDraft, by: Membership) -> ImportDraft:
    """The draft as it is now, locked. Raises Refused `not_found` for who may not, and when its time is over."""
    fresh = ImportDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if fresh is None or by.account_id != fresh.account_id or not can(by, "team.edit"):
        raise not_found()
    if fresh.ends_at <= timezone.now():
        raise not_found()
    return fresh


def note_sheet(*, by: Membership) -> None:
    """Notes in the ledger that somebody took the sheet of an import: names and addresses of a team (P3)."""
    record_export(
        by=f"user:{by.user_id}", subject=f"account:{by.account_id}", account_ref=by.account_id, why="team.xlsx",
        purpose=Purpose.INVITATION,
    )  # fmt: skip


@transaction.atomic
def forget_imports(*, now: datetime | None = None) -> int:
    """Deletes the drafts whose hour is over, of every account; answers how many (S95)."""
    over = queries.imports_over(now or timezone.now())
    keys = list(over.values_list("pk", flat=True))
    over.filter(pk__in=keys).delete()
    return len(keys)
