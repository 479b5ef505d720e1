"""Personal data of reports: none. Its one table holds accounts, days and counts."""

from django.utils.translation import gettext_lazy as _

from core.personal_data import PersonalModel, Subject, registry

registry.register(
    PersonalModel(
        "reports.SummaryDay",
        Subject.NOBODY,
        label=_("Days that were summarised"),
        kept=_("until the account is closed"),
    ),
)
