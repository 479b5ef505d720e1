"""Writes of proofs: somebody shows with a code from a mail that an address is theirs."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.limits import count_use
from outbox.actions import enqueue
from privacy.models import KNOWN_LIFE, Proof

KIND = "privacy_code"


@transaction.atomic
def ask_proof(*, email: str) -> Proof:
    """Sends a code to the address; to whom nothing is known no mail goes, and nobody sees the difference.

    Raises TooMany.
    """
    email = email.strip().lower()
    count_use("privacy.prove_address", f"mail:{email}")
    proof = Proof.objects.create(email=email)
    enqueue(kind=KIND, key=str(proof.public_id), recipient=f"proof:{proof.pk}", expires_at=proof.expires_at)
    return proof


def code_of(proof: Proof) -> str:
    """The six digits: they come from the row's id and the site's key, so that no code stands in the database."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"privacy.proof:{proof.public_id}".encode(), sha256).digest()
    return f"{int.from_bytes(made[:8]) % 1_000_000:06d}"


@transaction.atomic
def check_code(*, public_id: str, code: str) -> bool:
    """Whether this code proves the address; five tries in ten minutes, and each code once. Then half an hour begins."""
    live = Proof.objects.filter(public_id=public_id, used_at=None, tries__lt=Proof.TRIES, expires_at__gt=timezone.now())
    if not live.update(tries=F("tries") + 1):  # counted first: tries at the same moment are counted too
        return False
    proof = Proof.objects.get(public_id=public_id)
    if not hmac.compare_digest(code_of(proof).encode(), code.encode()):
        return False
    now = timezone.now()
    taken = Proof.objects.filter(pk=proof.pk, used_at=None).update(used_at=now, expires_at=now + KNOWN_LIFE)
    return taken == 1


def forget_proof(*, public_id: str) -> None:
    """Ends the half hour at once."""
    Proof.objects.filter(public_id=public_id).delete()
