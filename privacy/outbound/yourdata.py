"""What privacy asks of the outbox: copies that the worker makes, and the mail with a code."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.apart import run_apart
from core.outbound import Address, EffectKind, Letter, MailKind, registry
from core.personal_data import Purpose
from privacy.actions import proving
from privacy.actions.copies import KIND, make_copy
from privacy.models import Proof
from privacy.persons import person_of_address


class NotMade(RuntimeError):
    """A copy was not made in its process; the outbox tries again."""


def make(row: Any) -> None:
    """Makes one copy in a process of its own: it reads every table."""
    if not run_apart(partial(make_copy, public_id=row.key)):
        raise NotMade(row.key)


def load_codes(rows: Sequence[Any]) -> dict[int, Letter]:
    """The code, for addresses that we know something about; to others nothing is sent."""
    alive = Proof.objects.filter(used_at=None, expires_at__gt=timezone.now())
    known = {str(one.public_id): one for one in alive.filter(public_id__in=[row.key for row in rows])}
    letters = {}
    for row in rows:
        proof = known.get(row.key)
        person = person_of_address(proof.email) if proof else None
        if proof and person and person.refs:
            to = Address(proof.email, frozenset({Purpose.RIGHTS}), subject=person.words()[0])
            letters[row.pk] = Letter(to, {"code": proving.code_of(proof)})
    return letters


registry.register(
    EffectKind(KIND, make),
    MailKind(proving.KIND, Purpose.RIGHTS, "privacy/mail/code", load_codes, label=_("A code that shows who you are")),
)
