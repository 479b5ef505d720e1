"""The gates of this app, its mails, and the mailbox where answers arrive."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from core.consents import ConsentKind
from core.consents import registry as consents
from core.mailbox import MAILBOX
from core.outbound import Address, Letter, MailKind, Recipient, registry
from core.personal_data import Purpose
from notifications.actions import end_marketing
from notifications.gates import consent_gate, preference_gate, suppression_gate
from notifications.models import Campaign, UnclaimedMail
from notifications.queries import MARKETING, NEWS
from notifications.tokens import Subscription, unsubscribe_url

registry.register_gate(preference_gate)
registry.register_gate(consent_gate)
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


def load_news(rows: Sequence[Any]) -> dict[int, Letter]:
    """A campaign to people who said yes; their address is good for it only while that yes is in force (P8)."""
    campaigns = Campaign.objects.in_bulk({row.payload["campaign"] for row in rows})
    places = {(int(row.recipient.partition(":")[2]), row.account_ref) for row in rows}
    members = Membership.objects.select_related("user", "account").filter(user_id__in={user for user, _a in places})
    found = {(member.user_id, member.account_id): member for member in members}
    letters = {}
    for row in rows:
        campaign = campaigns.get(row.payload["campaign"])
        member = found.get((int(row.recipient.partition(":")[2]), row.account_ref))
        if campaign is None or member is None or not member.user.is_active:
            continue
        user = member.user
        letters[row.pk] = Letter(
            Address(user.email, frozenset({Purpose.MARKETING}), user.get_full_name(), row.recipient),
            {
                "subject_line": campaign.subject,
                "paragraphs": [part.strip() for part in campaign.text.split("\n\n") if part.strip()],
                "receipts_url": settings.PUBLIC_ORIGIN + reverse("policies:receipts"),
            },
            language=user.language,
            unsubscribe_url=unsubscribe_url(Subscription(NEWS, user.public_id, member.account.public_id)),
        )
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
    MailKind(
        NEWS, Purpose.MARKETING, "notifications/mail/news", load_news, optional=True, label=_("Offers and news")
    ),
)  # fmt: skip
