"""Promises about people under 18: reports are fast, and the young are kept apart."""

import re
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.queries import public_person
from core.promises import Evidence, probe
from privacy.models import ChildReport
from privacy.promises.tables import list_forms
from privacy.queries.children import count_minors_told_news, count_old_rows_of, count_year, list_late

BORN = re.compile(r"(^|_)(birth\w*|born|dob|birthday|year_of_birth)(_|$)", re.IGNORECASE)
NEWEST = 500  # people that are looked at


@probe(
    "children_fast",
    rows=("S49",),
    how=gettext_lazy(
        "Looks for reports about children that are older than 72 hours or were kept after their end, and for a form "
        "that asks when somebody was born."
    ),
)
def children_fast() -> Evidence:
    late = list_late().count() + ChildReport.objects.filter(closed_at__lt=timezone.now() - timedelta(days=3)).count()
    asked = [form.__name__ for form in list_forms() for name in form.base_fields if BORN.search(name)]
    figure = _("%(late)d late or kept too long, %(ended)d ended in a year, %(asked)d forms ask for a birth date") % {
        "late": late,
        "ended": count_year()["ended"],
        "asked": len(asked),
    }
    return Evidence(not late and not asked, figure)


@probe(
    "young_kept_apart",
    rows=("S50",),
    how=gettext_lazy(
        "Looks for people under 18 with a yes to news in force, with a photo that the public sees, or with a request "
        "that was closed more than a year ago."
    ),
)
def young_kept_apart() -> Evidence:
    minors = list(User.objects.filter(is_minor=True).order_by("-pk")[:NEWEST])
    shown = sum(public_person(user).photo_url is not None for user in minors)
    told, old = count_minors_told_news(), count_old_rows_of(minors)
    figure = _("%(minors)d people, %(told)d get news, %(shown)d photos in public, %(old)d rows kept too long") % {
        "minors": len(minors),
        "told": told,
        "shown": shown,
        "old": old,
    }
    return Evidence(not (told or shown or old), figure)
