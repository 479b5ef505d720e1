"""The mails of cases: to who asks for their rights only, and to those who answer."""

from django.utils.translation import gettext_lazy as _

from core.outbound import MailKind, registry
from core.personal_data import Purpose
from privacy import case_mails

registry.register(
    MailKind(
        "privacy.case_confirm", Purpose.RIGHTS, "privacy/mail/case_confirm", case_mails.load_confirmations,
        label=_("Confirm a privacy request"),
    ),
    MailKind(
        "privacy.case_received", Purpose.RIGHTS, "privacy/mail/case_received", case_mails.load_received,
        label=_("We have your privacy request"),
    ),
    MailKind(
        "privacy.case_changed", Purpose.RIGHTS, "privacy/mail/case_changed", case_mails.load_changes,
        label=_("The clock of your privacy request"),
    ),
    MailKind(
        "privacy.case_answered", Purpose.RIGHTS, "privacy/mail/case_answered", case_mails.load_answers,
        label=_("Answer to your privacy request"), by_person=True,
    ),
    MailKind(
        "privacy.case_escalated", Purpose.RIGHTS, "privacy/mail/case_escalated", case_mails.load_escalated,
        label=_("Where to go with your complaint"),
    ),
    MailKind(
        "privacy.case_due", Purpose.SERVICE, "privacy/mail/case_due", case_mails.load_due,
        label=_("A privacy case waits for you"),
    ),
)  # fmt: skip
