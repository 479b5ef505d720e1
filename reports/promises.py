"""Promises that reports keeps: each day of an account is summarised once."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.promises import Evidence, build, probe
from outbox.models import Delivery
from reports.models import SummaryDay
from reports.queries import KIND

LOOK_BACK = timedelta(days=30)
MOST = 5000


@probe(
    "summary_once",
    rows=("S41",),
    how=gettext_lazy("Counts the summaries of the last 30 days per person, account and day; more than one is a fault."),
)
def summary_once() -> Evidence:
    recent = Delivery.objects.filter(kind=KIND, created_at__gte=timezone.now() - LOOK_BACK).exclude(
        state=Delivery.State.DROPPED
    )
    rows = recent.order_by("-pk").values_list("recipient", "account_ref", "payload")[:MOST]
    counts = Counter((recipient, account, payload.get("day")) for recipient, account, payload in rows)
    twice = sum(1 for count in counts.values() if count > 1)
    figure = _("%(mails)d summaries of %(days)d days, %(twice)d twice") % {
        "mails": sum(counts.values()),
        "days": SummaryDay.objects.filter(claimed_at__gte=timezone.now() - LOOK_BACK).count(),
        "twice": twice,
    }
    return Evidence(not twice, figure)


build(
    "figures_per_operator",
    rows=("S18", "S21"),
    how=gettext_lazy(
        "Reads the report of chats with known numbers: for everybody, for one operator, group and tag, as a chart, as "
        "a table and as a file."
    ),
)
