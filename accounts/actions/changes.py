"""The one place where a change of a person's own data is noted: for the person, and in the site's log."""

from typing import Any

from accounts.models import ProfileChange
from audit.actions import record


def note_change(
    *, user_id: int, what: str, old_values: dict[str, str] | None = None, facts: dict[str, Any] | None = None
) -> None:
    """Notes a change that the person made: in the log by its kind, for the person with each field's old value.

    Call it in the transaction of the change. Without `old_values` the history says only what was done.
    """
    rows = [ProfileChange(user_id=user_id, what=field, old_value=old) for field, old in (old_values or {}).items()]
    ProfileChange.objects.bulk_create(rows or [ProfileChange(user_id=user_id, what=what)])
    record(account_ref=None, actor=f"user:{user_id}", subject=f"user:{user_id}", action=what, facts=facts or {})
