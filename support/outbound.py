"""The mails of requests, all for the one purpose that the address was given for."""

from django.utils.translation import gettext_lazy as _

from core.outbound import MailKind, registry
from core.personal_data import Purpose
from support import access, alarms, mails

registry.register(
    MailKind(
        "support_received", Purpose.SUPPORT, "support/mail/received", mails.load_received,
        label=_("We have your request"),
    ),
    MailKind(
        "support_answer", Purpose.SUPPORT, "support/mail/answer", mails.load_answers, label=_("Answer to a request"),
        by_person=True,
    ),
    MailKind("support_new", Purpose.SERVICE, "support/mail/new", alarms.load_new, label=_("A new request")),
    MailKind(
        "support_assigned", Purpose.SERVICE, "support/mail/assigned", alarms.load_assigned,
        label=_("A request is yours"),
    ),
    MailKind(
        "support_solved", Purpose.SUPPORT, "support/mail/solved", mails.load_solved, label=_("A request is solved")
    ),
    MailKind(
        "support_links", Purpose.SUPPORT, "support/mail/links", mails.load_links, label=_("Links of your requests")
    ),
    MailKind(
        "support_followup", Purpose.SERVICE, "support/mail/followup", alarms.load_followups,
        label=_("A requester wrote again"),
    ),
    MailKind(
        "support_emergency", Purpose.SERVICE, "support/mail/emergency", access.load_emergency,
        label=_("Our staff opened your chats in an emergency"),
    ),
    MailKind("support_due", Purpose.SERVICE, "support/mail/due", alarms.load_due, label=_("A request is due soon")),
    MailKind("support_late", Purpose.SERVICE, "support/mail/late", alarms.load_due, label=_("A request is overdue")),
)  # fmt: skip
