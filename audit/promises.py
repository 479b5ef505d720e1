"""Promises that audit keeps: the log cannot be changed unnoticed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Chain, Entry
from audit.queries import find_stop, list_recipients, verify_all
from core.outbound import registry as outbound
from core.promises import Evidence, probe

LINKS = 500  # of each chain; verify_audit walks them all


@probe(
    "ledger_chain",
    rows=("P3",),
    how=gettext_lazy("Computes the hashes of the newest 500 links of each chain again and compares the ends."),
)
def ledger_chain() -> Evidence:
    faults = sum(1 for _fault in verify_all(newest=LINKS))
    figure = _("%(entries)d entries in %(chains)d chains, %(faults)d faults") % {
        "entries": Entry.objects.count(),
        "chains": Chain.objects.count(),
        "faults": faults,
    }
    return Evidence(not faults, figure)


@probe(
    "recipients_reviewed",
    rows=("S58",),
    how=gettext_lazy("Looks for the record of every declared recipient, and at the day of its next review."),
)
def recipients_reviewed() -> Evidence:
    found = list_recipients()
    stopped = [one for one in found if find_stop(one.key)]
    unsigned = [one for one in found if one.record and not one.record.agreement]
    figure = _("%(all)d recipients, %(stopped)d stopped, %(unsigned)d without an agreement on record") % {
        "all": len(found),
        "stopped": len(stopped),
        "unsigned": len(unsigned),
    }
    return Evidence(not stopped and len(found) == len(outbound.recipients), figure)
