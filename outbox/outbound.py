"""Who receives data through the outbox: the company that carries our mail."""

from django.utils.translation import gettext_lazy as _

from core.outbound import Recipient, registry
from core.personal_data import Purpose

MAIL_SENDER = "mail"

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
