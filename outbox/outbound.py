"""Who receives data through the outbox: the company that carries our mail."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.outbound import Recipient, registry
from core.personal_data import Purpose

MAIL_SENDER = "mail"
OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}


def is_carried_by_others() -> bool:
    """Whether mails go to a server of somebody else: not to a file, and not to one on this machine."""
    return bool(settings.EMAIL_URL) and settings.EMAIL_HOST not in OWN_MACHINE


registry.register(
    Recipient(
        key=MAIL_SENDER,
        name=_("The mail server of this site"),
        purposes=(
            Purpose.ACCOUNT,
            Purpose.SERVICE,
            Purpose.SUMMARY,
            Purpose.INVITATION,
            Purpose.SUPPORT,
            Purpose.RIGHTS,
            Purpose.SECURITY,
            Purpose.MARKETING,
        ),
        receives=_("The e-mail address and name of the person, and the text of the mail."),
    ),
)
