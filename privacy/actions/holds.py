"""Writes of legal holds: placed by a privacy officer, ended by hand or when their day comes."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.actions import record
from core.errors import Refused
from core.personal_data import SubjectRef
from privacy.models import Hold

LONGEST_DAYS = 365  # until somebody looks at it again


@transaction.atomic
def place_hold(*, refs: Iterable[SubjectRef], reason: str, owner: User, review_on: datetime.date) -> Hold:
    """Keeps everything about these people from erasure and retention until `review_on`.

    Refuses `nobody` without people, `no_reason`, and `bad_day` for a day that has passed or lies over a year ahead.
    """
    people = [[ref.subject.value, ref.pk] for ref in refs]
    today = timezone.now().date()
    if not people:
        raise Refused("nobody", _("Say whose data is to be kept."))
    if not reason.strip():
        raise Refused("no_reason", _("Say why the data must stay."))
    if not today <= review_on <= today + datetime.timedelta(days=LONGEST_DAYS):
        raise Refused("bad_day", _("Choose a day within the next year."))
    hold = Hold.objects.create(refs=people, reason=reason.strip(), owner=owner, review_on=review_on)
    _log(hold, f"user:{owner.pk}", "hold.placed")
    return hold


@transaction.atomic
def end_hold(*, hold: Hold, by: str = "system") -> bool:
    """Ends a hold; erasure and retention go on from the next run. Answers whether it was not ended before."""
    ended = Hold.objects.filter(pk=hold.pk, ended_at=None).update(ended_at=timezone.now()) == 1
    if ended:
        _log(hold, by, "hold.ended")
    return ended


def end_due_holds(*, now: datetime.datetime | None = None) -> int:
    """Ends the holds whose day has passed without a new one. Answers how many."""
    due = Hold.objects.filter(ended_at=None, review_on__lt=(now or timezone.now()).date())
    return sum(end_hold(hold=hold) for hold in due)


def _log(hold: Hold, actor: str, action: str) -> None:
    facts = {"people": len(hold.refs), "review_on": hold.review_on.isoformat()}
    record(account_ref=None, actor=actor, action=action, subject=f"hold:{hold.pk}", facts=facts)
