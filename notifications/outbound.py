"""The gates of this app, its one mail, and the mailbox where answers arrive."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.consents import ConsentKind
from core.consents import registry as consents
from core.mailbox import MAILBOX
from core.outbound import Address, Letter, MailKind, Recipient, registry
from core.personal_data import Purpose
from notifications.actions import end_marketing
from notifications.gates import preference_gate, suppression_gate
from notifications.models import UnclaimedMail
from notifications.queries import MARKETING

registry.register_gate(preference_gate)
registry.register_gate(suppression_gate)


def load_unclaimed(rows: Sequence[Any]) -> dict[int, Letter]:
    """The one answer to a mail that reached nobody; its address is good for nothing else (P8)."""
    found = UnclaimedMail.objects.in_bulk([int(row.recipient.partition(":")[2]) for row in rows])
    letters = {}
    for row in rows:
        mail = found.get(int(row.recipient.partition(":")[2]))
        if mail is not None and mail.address:
            to = Address(mail.address, frozenset({Purpose.SUPPORT}), subject=row.recipient)
            letters[row.pk] = Letter(to, references=(mail.message_id,) if mail.message_id else ())
    return letters


consents.register(
    ConsentKind(
        MARKETING,
        _("Offers and news"),
        _("Send me offers and news by e-mail, at most once in seven days. I can stop it at any time with one click."),
        withdraw=end_marketing,
    )
)
registry.register(
    Recipient(
        key=MAILBOX,
        name=_("The mailbox of this site"),
        purposes=(Purpose.SUPPORT, Purpose.RIGHTS),
        receives=_("Nothing from us: it keeps the mails that people send to us until we fetch them."),
        find_hosts=lambda: [host] if (host := urlsplit(settings.IMAP_URL).hostname) else [],
    ),
    MailKind(
        "notifications.unclaimed", Purpose.SUPPORT, "notifications/mail/unclaimed", load_unclaimed,
        label=_("Your mail reached nobody"),
    ),
)  # fmt: skip
