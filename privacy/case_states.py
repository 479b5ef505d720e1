"""The machine of a case: which state follows which (SAFETY 3, P7)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from privacy.models.cases import DAYS, LONGEST_EXTENSION, Case

State = Case.State

# "answered" is behind "open", and nobody comes to "open" but by a proof of who asks
MOVES: dict[str, frozenset[str]] = {
    State.RECEIVED: frozenset({State.IDENTITY_PENDING, State.OPEN, State.REFUSED, State.WITHDRAWN}),
    State.IDENTITY_PENDING: frozenset({State.OPEN, State.REFUSED, State.WITHDRAWN}),
    State.OPEN: frozenset({State.ANSWERED, State.REFUSED, State.WITHDRAWN}),
    State.ANSWERED: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


def check_move(case: Case, to: str) -> None:
    """Raises Refused("wrong_state") where the table has no way from the case's state to `to`."""
    if to not in MOVES[case.state]:
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)


def due_from(received_at: datetime) -> datetime:
    """When a case must be answered: 30 days after it came."""
    return received_at + timedelta(days=DAYS)


def check_extension(case: Case, days: int) -> None:
    """Raises Refused unless the case may be given that many days more: once, in time, 60 at most."""
    if case.extended_at is not None:
        raise Refused("extended", _("The time of a case can be extended only once."))
    if not 1 <= days <= LONGEST_EXTENSION:
        raise Refused("days", _("Choose between 1 and %(days)d days.") % {"days": LONGEST_EXTENSION})
    if case.is_overdue:
        raise Refused("overdue", _("The time is over. It could be extended only before."))
