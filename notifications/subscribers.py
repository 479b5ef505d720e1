"""What notifications do when the outbox speaks."""

from typing import Any

from core.outbound import Address
from notifications import actions
from notifications.models import Suppression


def suppress_bounced(sender: Any, *, address: Address, **kwargs: Any) -> None:
    """The mail server said that the address does not exist: no mail to it until its owner says otherwise."""
    actions.suppress_address(email=address.email, reason=Suppression.Reason.BOUNCED)
