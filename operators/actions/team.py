"""Writes of the team page that change a membership and an operator together."""

from django.db import transaction

from accounts.actions import change_role
from accounts.models import Membership
from core.errors import not_found
from operators.actions.working import ensure_operator, set_chat_limit


@transaction.atomic
def change_member(*, membership: Membership, role: str, limit: int, by: Membership) -> None:
    """Sets a member's role and how many chats they have at once.

    Raises Refused: `not_found` for who may not (only owners change owners), `last_owner`, `bad_role`, `bad_limit`.
    """
    if by.account_id != membership.account_id:
        raise not_found()
    changed = change_role(membership=membership, role=role, by=by)
    operator = ensure_operator(membership=membership)
    if operator.chat_limit != limit:
        set_chat_limit(operator=operator, limit=limit, actor=f"user:{by.user_id}")
    membership.role = changed.role
