"""Exports stand in the log: who took how many chats out, and by which filters."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Membership
from audit.actions import record, record_export
from core.personal_data import Purpose


@transaction.atomic
def note_export(*, by: Membership, kind: str, rows: int, filters: Sequence[str]) -> None:
    """Notes that a member exported chats, in the log and in the ledger (S26, P3).

    `kind` is the kind of file, `rows` their number, `filters` the names of the filters.
    """
    record(
        account_ref=by.account_id,
        actor=f"user:{by.user_id}",
        subject=f"account:{by.account_id}",
        action="chats.exported",
        facts={"kind": kind, "rows": rows, "filters": sorted(filters)},
    )
    record_export(
        by=f"user:{by.user_id}", subject=f"account:{by.account_id}", account_ref=by.account_id, why=f"chats.{kind}",
        purpose=Purpose.CHAT,
    )  # fmt: skip
