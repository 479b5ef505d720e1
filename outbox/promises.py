"""Promises that outbox keeps: each mail in the ledger, for its purpose only, and nothing else leaves."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import mail
from core.outbound import Address, Letter, registry
from core.personal_data import Purpose
from core.promises import Evidence, build, probe
from outbox.models import Delivery


@probe(
    "every_mail_in_ledger",
    rows=("P3",),
    how=gettext_lazy("Looks for mails that left and stand in no ledger."),
)
def every_mail_in_ledger() -> Evidence:
    sent = Delivery.objects.filter(state=Delivery.State.DONE, kind__in=list(registry.mail_kinds))
    missing = sent.filter(in_ledger=False).count()
    figure = _("%(missing)d of %(sent)d mails missing") % {"missing": missing, "sent": sent.count()}
    return Evidence(not missing, figure)


@probe(
    "purpose_locked",
    rows=("P8",),
    how=gettext_lazy("Offers the mail door, for every kind of mail, an address given for every other purpose."),
)
def purpose_locked() -> Evidence:
    refused = 0
    for kind in registry.mail_kinds.values():
        other = frozenset(Purpose) - {kind.purpose}
        letter = Letter(Address("pat@specimen.example", other), unsubscribe_url="")
        try:
            mail.write_mail(kind=kind, letter=letter, message_id="<probe@specimen.example>")
        except mail.PurposeError:
            refused += 1
    kinds = len(registry.mail_kinds)
    figure = _("%(refused)d of %(kinds)d kinds of mail refused") % {"refused": refused, "kinds": kinds}
    return Evidence(refused == kinds, figure)


build(
    "nothing_at_start",
    rows=("P4",),
    how=gettext_lazy("Sets a fresh site up and opens its pages with a guard on every socket."),
)
