"""The mails about reports of a child's data."""

from django.utils.translation import gettext_lazy as _

from core.outbound import MailKind, registry
from core.personal_data import Purpose
from privacy import child_mails

registry.register(
    MailKind(
        "privacy.child_due", Purpose.SERVICE, "privacy/mail/child_due", child_mails.load_due,
        label=_("A report about a child waits for you"),
    ),
    MailKind(
        "privacy.child_closed", Purpose.RIGHTS, "privacy/mail/child_closed", child_mails.load_closed,
        label=_("What came of your report about a child"),
    ),
)  # fmt: skip
