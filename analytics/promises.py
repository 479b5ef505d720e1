"""Promises of analytics: what is counted leads to nobody (P10)."""

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.models import MeasureDay, PageDay
from analytics.words import NAMES, page_names
from core.looking import look_at
from core.promises import Evidence, build, probe

COLUMNS = {
    "analytics.PageDay": {"id", "day", "page", "views", "readers"},
    "analytics.MeasureDay": {"id", "day", "measure", "name", "times", "total"},
}


def _stray_columns() -> list[str]:
    """Columns of our tables that are more than a day, a word and counts, and keys of others to them."""
    found = []
    for model in apps.get_app_config("analytics").get_models():
        known = COLUMNS.get(model._meta.label, set())
        found += [one.name for one in model._meta.get_fields() if one.name not in known or one.is_relation]
        found += [one.name for one in model._meta.local_fields if _has_moment(one) and one.name not in found]
    return found


def _has_moment(field: Any) -> bool:
    return isinstance(field, models.DateTimeField | models.GenericIPAddressField | models.JSONField)


@probe(
    "beacons_unlinkable",
    rows=("S66", "S67", "P10"),
    how=gettext_lazy(
        "Looks for a column of a person in the counts of pages, for names that are no page of ours, and asks for the "
        "clear gif without a yes: it must set no cookie."
    ),
)
def beacons_unlinkable() -> Evidence:
    stray = _stray_columns()
    strange = PageDay.objects.exclude(page__in=page_names()).count()
    answer = look_at("/b.gif?p=landing")
    cookies = len(answer.cookies)
    figure = _("%(stray)d columns of people, %(strange)d strange names, %(cookies)d cookies") % {
        "stray": len(stray),
        "strange": strange,
        "cookies": cookies,
    }
    return Evidence(not stray and not strange and not cookies and answer.status_code == 200, figure)


@probe(
    "analytics_unlinkable",
    rows=("S68", "S69", "P10"),
    how=gettext_lazy(
        "Looks for a column of a person in the counts of the app, and for a measure or word that is not in its list."
    ),
)
def analytics_unlinkable() -> Evidence:
    stray = _stray_columns()
    known = models.Q(pk__in=[])
    for measure, names in NAMES.items():
        known |= models.Q(measure=measure, name__in=names)
    strange = MeasureDay.objects.exclude(known).count()
    figure = _("%(measures)d measures, %(stray)d columns of people, %(strange)d strange words") % {
        "measures": len(NAMES),
        "stray": len(stray),
        "strange": strange,
    }
    return Evidence(len(NAMES) == 5 and not stray and not strange, figure)


build(
    "counts_lead_to_nobody",
    rows=("P10", "S69"),
    how=gettext_lazy(
        "Two people read pages, then the same with the two exchanged: the tables must be the same to the last sign, "
        "also for whoever knows their addresses and all our keys."
    ),
)
