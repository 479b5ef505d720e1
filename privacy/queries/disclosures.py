"""Reads of disclosures by law, for privacy officers."""

import hashlib
from datetime import date
from uuid import UUID

from audit.queries import list_facts
from core.errors import not_found
from privacy.models import LegalDisclosure


def list_disclosures(limit: int = 200) -> list[LegalDisclosure]:
    """Every demand, newest first."""
    rows = LegalDisclosure.objects.select_related("asked_by", "approved_by", "user")
    return list(rows.order_by("-pk")[:limit])


def find_disclosure(public_id: UUID) -> LegalDisclosure:
    """One demand. Raises Refused `not_found`."""
    rows = LegalDisclosure.objects.select_related("asked_by", "approved_by", "user")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def hash_scope(scope: str) -> str:
    """The SHA-256 of what may be given, as it stands in the log beside the approval."""
    return hashlib.sha256(scope.encode()).hexdigest()


def list_scopes(subject: str) -> list[str]:
    """The hashes of what was approved for one demand ("L-7")."""
    return [str(facts.get("scope", "")) for facts in list_facts("disclosure.approved", subject)]


def count_untold(before: date) -> int:
    """Demands that had to be silent until a day before this one, whose person was not told yet."""
    return LegalDisclosure.objects.filter(sent_at__isnull=False, told_on=None, silent_until__lt=before).count()
