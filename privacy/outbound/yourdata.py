"""What privacy asks of the outbox: copies that the worker makes, and the mail with a code."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.links import absolute
from core.apart import run_apart
from core.outbound import Address, EffectKind, Letter, MailKind, registry
from core.personal_data import Purpose
from privacy.actions import proving
from privacy.actions.copies import KIND, READY, make_copy
from privacy.models import Download, Proof
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


def load_ready(rows: Sequence[Any]) -> dict[int, Letter]:
    """That a copy is ready, with the link that opens to its person alone; none for one that is over."""
    alive = Download.objects.filter(state=Download.State.READY, expires_at__gt=timezone.now()).select_related("user")
    known = {str(one.public_id): one for one in alive.filter(public_id__in=[row.key for row in rows])}
    letters = {}
    for row in rows:
        if copy := known.get(row.key):
            url = absolute(reverse("privacy:yourdata_copy", args=[copy.public_id]))
            to = _address_of(copy)
            context = {"name": copy.user.name if copy.user else "", "url": url, "until": copy.expires_at}
            letters[row.pk] = Letter(to, context, copy.user.language if copy.user else copy.language)
    return letters


def _address_of(copy: Download) -> Address:
    for_rights = frozenset({Purpose.RIGHTS})
    if copy.user is not None:
        return Address(copy.user.email, for_rights, name=copy.user.get_full_name(), subject=f"user:{copy.user_id}")
    subject = next((f"{kind}:{pk}" for kind, pk in copy.refs), f"copy:{copy.pk}")
    return Address(copy.email, for_rights, subject=subject)


registry.register(
    EffectKind(KIND, make),
    MailKind(proving.KIND, Purpose.RIGHTS, "privacy/mail/code", load_codes, label=_("A code that shows who you are")),
    MailKind(READY, Purpose.RIGHTS, "privacy/mail/copy_ready", load_ready, label=_("Your copy is ready")),
)
