"""Personal data of analytics: none, and the reasons why (S67, S69)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analytics.models import MeasureDay, PageDay
from core.personal_data import PersonalModel, Subject, registry

KEEP_DAYS = 400
KEPT = _("%(days)d days") % {"days": KEEP_DAYS}


def old_pages(now: datetime) -> "QuerySet[PageDay]":
    """Counts of pages whose time is over."""
    return PageDay.objects.filter(day__lt=(now - timedelta(days=KEEP_DAYS)).date())


def old_measures(now: datetime) -> "QuerySet[MeasureDay]":
    """Counts of the app whose time is over."""
    return MeasureDay.objects.filter(day__lt=(now - timedelta(days=KEEP_DAYS)).date())


registry.register(
    PersonalModel(
        "analytics.PageDay",
        Subject.NOBODY,
        label=_("How often pages are read"),
        expired=old_pages,
        kept=KEPT,
        not_personal={"page": "The name of a page of ours; a number of times a day, of nobody."},
    ),
    PersonalModel(
        "analytics.MeasureDay",
        Subject.NOBODY,
        label=_("How the app is used"),
        expired=old_measures,
        kept=KEPT,
        not_personal={"name": "A word of a closed list; a number of times a day, of nobody."},
    ),
)
