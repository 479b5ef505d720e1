"""Reads of proofs: which address a browser asked to prove, and which one it has proved."""

from django.utils import timezone

from privacy.models import Proof


def find_proved_address(public_id: str) -> str:
    """The address that this proof stands for, "" when its half hour is over or it was never proved."""
    proved = Proof.objects.filter(public_id=public_id, used_at__isnull=False, expires_at__gt=timezone.now())
    return proved.values_list("email", flat=True).first() or ""


def find_asked_address(public_id: str) -> str:
    """The address to which the code of this proof goes, "" when the proof is gone."""
    return Proof.objects.filter(public_id=public_id).values_list("email", flat=True).first() or ""
