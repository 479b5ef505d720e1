"""What operators do when accounts speak."""

from typing import Any

from accounts.models import Membership, User
from operators import actions


def make_operator(sender: Any, *, membership_id: int, **kwargs: Any) -> None:
    """A new member answers chats. Doors call `ensure_operator` too, so a lost signal does no harm."""
    membership = Membership.objects.select_related("account", "user").filter(pk=membership_id).first()
    if membership is not None:
        actions.ensure_operator(membership=membership)


def rename_operator(sender: Any, *, user_id: int, **kwargs: Any) -> None:
    """Somebody corrected their name: visitors and the team see the new one."""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        actions.rename_operator(user=user)


def finish_claimed(sender: Any, *, email_address: Any, **kwargs: Any) -> None:
    """Somebody confirmed an address: an invitation that they answered by a copied link is theirs now."""
    actions.finish_claimed(user=email_address.user)


def end_erased(sender: Any, *, model: str, keys: list[Any], **kwargs: Any) -> None:
    """Somebody who was invited is erased: the invitation ends, and nobody invites the address again (S97)."""
    if model == "operators.Invitation":
        actions.end_erased(keys=keys)
