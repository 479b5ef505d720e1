"""The promise of enforcement: nobody is suspended without a notice and evidence, and appeals are answered (S53)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.promises import Evidence, probe
from enforcement.models import EnforcementCase
from enforcement.queries import count_bare_suspensions, list_appeals

APPEAL_DAYS = 14


@probe(
    "suspended_by_rule",
    rows=("S53",),
    how=gettext_lazy(
        "Looks for suspended accounts and members without a case, a notice or evidence, and for appeals that wait for "
        "more than 14 days."
    ),
)
def suspended_by_rule() -> Evidence:
    bare = count_bare_suspensions()
    old = timezone.now() - timedelta(days=APPEAL_DAYS)
    late = sum(case.appealed_at is not None and case.appealed_at < old for case in list_appeals())
    figure = _("%(suspended)d suspended, %(bare)d without notice and evidence, %(late)d appeals that wait too long") % {
        "suspended": EnforcementCase.objects.filter(state=EnforcementCase.State.SUSPENDED).count(),
        "bare": bare,
        "late": late,
    }
    return Evidence(not bare and not late, figure)
