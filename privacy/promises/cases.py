"""Promises about privacy requests, complaints and disclosures by law: in time, with reasons, by two people."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.queries import list_references
from core.promises import Evidence, probe
from policies.queries import find_dispute_body
from privacy.models import Case, LegalDisclosure
from privacy.queries.cases import count_figures, list_late_answers, list_refused_without_reason
from privacy.queries.complaints import list_escalated, list_fresh_complaints, list_left_open, list_unacknowledged
from privacy.queries.disclosures import count_untold, hash_scope, list_scopes
from privacy.queries.redactable import count_undone_removals

NEWEST = 500  # disclosures that are checked again
TOLD_WITHIN = timedelta(days=3)  # after the day until which a demand had to be silent


@probe(
    "cases_in_time",
    rows=("S100", "S102", "P7"),
    how=gettext_lazy(
        "Looks for privacy requests to us whose time is over, for answers of the last 90 days that came too late, and "
        "for refusals without a reason, a text and a day when we look again."
    ),
)
def cases_in_time() -> Evidence:
    figures, late, bare = count_figures(), list_late_answers().count(), list_refused_without_reason().count()
    figure = _("%(overdue)d overdue, %(late)d late, %(bare)d refused without reason; %(ended)d answered in a year") % {
        "overdue": figures.overdue,
        "late": late,
        "bare": bare,
        "ended": figures.ended,
    }
    return Evidence(not figures.overdue and not late and not bare, figure)


@probe(
    "complaints_acknowledged",
    rows=("S5",),
    how=gettext_lazy("Looks for complaints of the last seven days without the letter that says their number."),
)
def complaints_acknowledged() -> Evidence:
    fresh, silent = list_fresh_complaints(), list_unacknowledged().count()
    figure = _("%(fresh)d complaints in seven days, %(silent)d without a letter") % {
        "fresh": fresh.count(),
        "silent": silent,
    }
    return Evidence(not silent, figure)


@probe(
    "complaints_go_on",
    rows=("S6",),
    how=gettext_lazy(
        "Looks for complaints that were left open beyond their 14 days and whose authors were not told of the "
        "independent body, and for complaints that went on while no such body is on record."
    ),
)
def complaints_go_on() -> Evidence:
    left = list_left_open().filter(due_at__lt=timezone.now() - timedelta(hours=2)).count()
    gone_on = list_escalated().count()
    nowhere = gone_on if find_dispute_body() is None else 0
    figure = _("%(gone_on)d went on, %(left)d left open, %(nowhere)d without a body to go to") % {
        "gone_on": gone_on,
        "left": left,
        "nowhere": nowhere,
    }
    return Evidence(not left and not nowhere, figure)


@probe(
    "removal_done",
    rows=("S101",),
    how=gettext_lazy(
        "Looks for requests to take public words down that were answered as done while the words stand there."
    ),
)
def removal_done() -> Evidence:
    asked = Case.objects.filter(kind=Case.Kind.TESTIMONIAL_REMOVAL, account=None)
    undone = count_undone_removals()
    figure = _("%(asked)d removals asked, %(undone)d said to be done and not done") % {
        "asked": asked.count(),
        "undone": undone,
    }
    return Evidence(not undone, figure)


@probe(
    "legal_two_people",
    rows=("S52",),
    how=gettext_lazy(
        "Looks for a disclosure by law that left without two officers, for more than they approved, or without the "
        "hash of what was sent, whose line is missing from the ledger, or whose person should have been told by now."
    ),
)
def legal_two_people() -> Evidence:
    sent = LegalDisclosure.objects.filter(sent_at__isnull=False).order_by("-pk")
    lines = set(list_references("disclosed.legal"))
    wrong = sum(
        not (approved and len(copy) == 64 and f"L-{pk}" in lines and hash_scope(scope) in list_scopes(f"L-{pk}"))
        for pk, approved, copy, scope in sent.values_list("pk", "approved_at", "copy_hash", "scope")[:NEWEST]
    )
    untold = count_untold(timezone.now().date() - TOLD_WITHIN)
    figure = _("%(all)d demands, %(sent)d answered, %(wrong)d of them wrong, %(untold)d people not told in time") % {
        "all": LegalDisclosure.objects.count(), "sent": sent.count(), "wrong": wrong, "untold": untold,
    }  # fmt: skip
    return Evidence(not wrong and not untold, figure)
