"""Writes of disclosures by law: record, approve by a second officer, send, tell the person (S52)."""

import hashlib
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.staff import is_privacy_officer
from audit.actions import record
from core.errors import Refused, not_found
from core.outbound import Disclosed, disclose
from core.personal_data import Purpose
from privacy.models import LegalDisclosure
from privacy.queries.disclosures import hash_scope, list_scopes

RECIPIENT = "authority"


@transaction.atomic
def record_demand(
    *, by: User, ground: str, requester: str, reference: str, scope: str, user: User | None
) -> LegalDisclosure:
    """An officer writes down who demands which data on which ground; nothing leaves yet.

    Raises Refused `not_found` for who is no officer, `bad_ground` for a ground that is not in the list.
    """
    _check_officer(by)
    if ground not in LegalDisclosure.Ground.values:
        raise Refused("bad_ground", _("Choose one of the grounds."))
    made = LegalDisclosure.objects.create(
        ground=ground, requester=requester, reference=reference, scope=scope, user=user, asked_by=by
    )
    _note(made, by, "disclosure.recorded", {"ground": ground, "scope": hash_scope(made.scope)})
    return made


@transaction.atomic
def approve_demand(*, by: User, found: LegalDisclosure) -> LegalDisclosure:
    """A second officer approves. Raises Refused `not_found`, `two_people` for the one who recorded it."""
    _check_officer(by)
    row = LegalDisclosure.objects.select_for_update().get(pk=found.pk)
    if row.approved_at is not None:
        return row
    if row.asked_by_id in (None, by.pk):
        raise Refused("two_people", _("A second officer must approve what you recorded."))
    row.approved_by, row.approved_at = by, timezone.now()
    row.save(update_fields=["approved_by", "approved_at"])
    _note(row, by, "disclosure.approved", {"scope": hash_scope(row.scope)})  # what was approved is what may leave
    return row


@transaction.atomic
def note_sent(*, by: User, found: LegalDisclosure, copy: bytes, silent_until: date | None = None) -> LegalDisclosure:
    """Writes that the data left: the hash of the copy, and a line of the ledger (P3).

    The person reads the line at once, unless the demand forbids to tell them until `silent_until`. Raises Refused
    `not_found`, `not_approved`, `sent`, `scope` when it was changed after the approval, `empty`, `bad_day` for a day
    that is over.
    """
    _check_officer(by)
    row = LegalDisclosure.objects.select_for_update().get(pk=found.pk)
    if row.approved_at is None:
        raise Refused("not_approved", _("A second officer must approve it first."))
    if row.sent_at is not None:
        raise Refused("sent", _("It was sent already."))
    if hash_scope(row.scope) not in list_scopes(str(row)):
        raise Refused("scope", _("What is given is no longer what was approved. Record the demand again."))
    if not copy:
        raise Refused("empty", _("Choose the file that was sent."))
    now = timezone.now()
    if silent_until is not None and silent_until <= now.date():
        raise Refused("bad_day", _("This day is over. Then the person is told now."))
    row.sent_at, row.copy_hash = now, hashlib.sha256(copy).hexdigest()
    row.silent_until, row.told_on = silent_until, None if silent_until else now.date()
    row.save(update_fields=["sent_at", "copy_hash", "silent_until", "told_on"])
    disclose([_line(row, _person(row) if silent_until is None else str(row))])
    _note(row, by, "disclosure.sent", {"hash": row.copy_hash, "silent": silent_until is not None})
    return row


@transaction.atomic
def tell_person(*, by: User, found: LegalDisclosure) -> LegalDisclosure:
    """Opens a line that had to be silent to its person. Raises Refused `not_found`, `too_early`, `not_sent`."""
    _check_officer(by)
    row = LegalDisclosure.objects.select_for_update().get(pk=found.pk)
    if row.sent_at is None:
        raise Refused("not_sent", _("Nothing was sent."))
    today = timezone.now().date()
    if row.silent_until is not None and row.silent_until > today:
        raise Refused("too_early", _("The demand forbids it until that day."))
    if row.told_on is None:
        row.told_on = today
        row.save(update_fields=["told_on"])
        disclose([_line(row, _person(row))])
        _note(row, by, "disclosure.told", {})
    return row


def _check_officer(by: Any) -> None:
    if not is_privacy_officer(by):
        raise not_found()


def _person(row: LegalDisclosure) -> str:
    return f"user:{row.user_id}" if row.user_id else str(row)


def _line(row: LegalDisclosure, subject: str) -> Disclosed:
    return Disclosed(RECIPIENT, ("record",), subject, Purpose.LEGAL, "legal", None, str(row))


def _note(row: LegalDisclosure, by: User, action: str, facts: dict[str, Any]) -> None:
    record(account_ref=None, actor=f"user:{by.pk}", action=action, subject=str(row), facts=facts)
