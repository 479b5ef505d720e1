"""Builders for tests: choices of mail."""

from accounts.models import Membership
from notifications.actions import set_preference
from notifications.models import Preference


def switch_on(membership: Membership, *, kind: str = "daily_summary", messages: bool = True) -> Preference:
    """The member's summary, switched on."""
    return set_preference(
        user=membership.user, account=membership.account, kind=kind, is_on=True, options={"messages": messages}
    )
