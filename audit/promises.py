"""Promises that audit keeps: the log cannot be changed unnoticed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Chain, Entry
from audit.queries import verify_all
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
