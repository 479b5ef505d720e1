"""The mail of this app: the daily summary, only for those who switched it on (S41)."""

from django.utils.translation import gettext_lazy as _

from core.outbound import MailKind, registry
from core.personal_data import Purpose
from reports.letters import load_letters
from reports.queries import KIND

registry.register(
    MailKind(
        key=KIND,
        purpose=Purpose.SUMMARY,
        template="reports/mail/daily_summary",
        load=load_letters,
        optional=True,
        label=_("Daily summary"),
    )
)
