"""The preview's form: what a person changed in the rows that the page showed."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from operators.actions import RowChange
from operators.imports import CORRECTABLE, Verdict
from operators.models import ImportRow, Invitation

LEAVABLE = (ImportRow.Code.CREATED, ImportRow.Code.LEFT_OUT)


def read_changes(given: QueryDict, rows: Sequence[ImportRow], verdicts: Sequence[Verdict]) -> list[RowChange]:
    """The changes that the posted preview asks for. Rows that were not on the page, and codes of others, stay.

    `do` is "use:<row>" where a suggestion was taken; `all_role` with `do` "role" is one role for every row.
    """
    shown, invited = _numbers(given, "row"), _numbers(given, "invite")
    ready = _numbers(given, "ready")
    asked = given.get("do", "")
    used = next((int(part) for word, _, part in [asked.partition(":")] if word == "use" and part.isdigit()), 0)
    meant = {one.row: one.suggestion for one in verdicts if one.suggestion}
    for_all = given.get("all_role", "") if asked == "role" else ""
    changes = []
    for row in rows:
        role = for_all or (given.get(f"role-{row.number}") if row.number in shown else None)
        more: dict[str, Any] = {"role": role if role in Invitation.ROLES else None}
        if row.number in shown:
            if row.code in CORRECTABLE:
                more |= {"name": given.get(f"name-{row.number}"), "email": given.get(f"email-{row.number}")}
            if row.number in ready and row.code in LEAVABLE:
                more["left_out"] = row.number not in invited
        if row.number == used and used in meant:
            more["email"] = meant[used]
        changes.append(RowChange(row.number, **more))
    return changes


def _numbers(given: QueryDict, name: str) -> set[int]:
    return {int(text) for text in given.getlist(name) if text.isdigit() and len(text) < 8}
