"""Exports stand in the log: who took how many chats out, and by which filters."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Membership
from audit.actions import record


@transaction.atomic
def note_export(*, by: Membership, kind: str, rows: int, filters: Sequence[str]) -> None:
    """Notes that a member exported chats: the kind of file, the number of rows, the names of the filters (S26)."""
    record(
        account_ref=by.account_id,
        actor=f"user:{by.user_id}",
        subject=f"account:{by.account_id}",
        action="chats.exported",
        facts={"kind": kind, "rows": rows, "filters": sorted(filters)},
    )
