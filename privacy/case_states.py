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


DAYS_OF: dict[str, int] = {Case.Kind.COMPLAINT: 14}  # then an independent body can be asked (S6)


def days_for(kind: str) -> int:
    """Days from receipt to answer of one kind of case."""
    return DAYS_OF.get(kind, DAYS)


def due_from(received_at: datetime, kind: str = "") -> datetime:
    """When a case must be answered: 30 days after it came, a complaint after 14 (S6)."""
    return received_at + timedelta(days=days_for(kind))


def check_clock(case: Case) -> None:
    """Raises Refused for a complaint: its clock is neither stopped nor put back, whatever we wait for (S6)."""
    if case.kind == Case.Kind.COMPLAINT:
        raise Refused("complaint", _("The clock of a complaint cannot be paused or extended."))


def check_extension(case: Case, days: int) -> None:
    """Raises Refused unless the case may be given that many days more: once, in time, 60 at most."""
    check_clock(case)
    if case.extended_at is not None:
        raise Refused("extended", _("The time of a case can be extended only once."))
    if not 1 <= days <= LONGEST_EXTENSION:
        raise Refused("days", _("Choose between 1 and %(days)d days.") % {"days": LONGEST_EXTENSION})
    if case.is_overdue:
        raise Refused("overdue", _("The time is over. It could be extended only before."))
