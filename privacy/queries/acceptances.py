"""Reads for officers: who had accepted what on a date (P12)."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import find_user_by_email
from core.errors import Refused, not_found
from policies.queries import Accepted, end_of_day, list_accepted_on


@dataclass(frozen=True)
class Answer:
    """What one person had accepted at the end of a day (UTC)."""

    user: User
    day: datetime.date
    texts: list[Accepted]


def find_accepted(*, email: str, day: str) -> Answer:
    """What the person with this log-in address had accepted by the end of `day` (YYYY-MM-DD).

    Refuses `bad_date`, and `not_found` for an address without a log-in.
    """
    try:
        date = datetime.date.fromisoformat(day.strip())
    except ValueError:
        raise Refused("bad_date", _("Write the date as YYYY-MM-DD.")) from None
    user = find_user_by_email(email.strip())
    if user is None:
        raise not_found()
    return Answer(user, date, list_accepted_on(user, end_of_day(date)))
