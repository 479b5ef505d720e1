"""Reads of disclosures by law, for privacy officers."""

from uuid import UUID

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
