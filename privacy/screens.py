"""Cases in words: their steps, badge and clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.case_states import days_for
from privacy.models.cases import Case, CaseEvent
from privacy.queries.cases import list_results_of, list_steps
from privacy.queries.complaints import may_disagree

# for the person; a step that is not here is for those who answer only
STEPS: dict[str, Promise] = {
    "received": gettext_lazy("Received"),
    "identity_asked": gettext_lazy("Link sent, to see that the address is yours"),
    "verified": gettext_lazy("Identity checked"),
    "asked_again": gettext_lazy("You asked again, it is the same case"),
    "joined": gettext_lazy("Joined with an earlier request of yours"),
    "extended": gettext_lazy("Time extended"),
    "paused": gettext_lazy("Paused, we wait for you"),
    "resumed": gettext_lazy("The clock runs again"),
    "answered": gettext_lazy("Answered"),
    "refused": gettext_lazy("Refused, with a reason"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "lapsed": gettext_lazy("Closed: nobody confirmed it"),
    "merged": gettext_lazy("Joined with another request"),
    "planned": gettext_lazy("Looked up what would be deleted"),
    "erasing": gettext_lazy("Deletion begun"),
    "erased": gettext_lazy("Deleted"),
    "copying": gettext_lazy("The copy is being made"),
    "copied": gettext_lazy("The copy is ready"),
    "redacted": gettext_lazy("Public texts removed"),
    "photo_removed": gettext_lazy("Photo removed"),
    "disagreed": gettext_lazy("You do not agree"),
    "escalated": gettext_lazy("You can go to the independent body now"),
    "looked_again": gettext_lazy("Looked at again"),
    "reopened": gettext_lazy("Begun again as a new request"),
}
INSIDE: dict[str, Promise] = {
    "reminded": gettext_lazy("Reminder sent"),
    "overdue": gettext_lazy("Overdue"),
    "review_due": gettext_lazy("To be looked at again"),
    **STEPS,
}
HOW: dict[str, Promise] = {
    "login": gettext_lazy("you were logged in"),
    "link": gettext_lazy("by the link in the mail"),
    "code": gettext_lazy("by the code in the mail"),
    "chat": gettext_lazy("by the key of the chat"),
    "operator": gettext_lazy("by an operator who speaks for the visitor"),
}


@dataclass(frozen=True)
class Step:
    """One line of the timeline."""

    words: str
    at: datetime | None
    state: str  # "ok", "now", "danger" or ""


@dataclass(frozen=True)
class Row:
    """One case as a page shows it."""

    case: Case
    badge: str  # class of the badge
    status: str
    left: int
    overdue: int  # days
    used: int
    total: int
    steps: list[Step]
    is_paused: bool
    is_escalated: bool  # a complaint with which the person can go to the independent body (S6)
    may_disagree: bool
    copy: Any = None  # the Download that answers it
    plan: Any = None  # the ErasurePlan whose certificate answers it


def rows_of(cases: Iterable[Case]) -> list[Row]:
    """Cases of one person, each with what the site made for it."""
    listed = list(cases)
    copies, plans = list_results_of(listed)
    return [row_of(case, copy=copies.get(case.pk), plan=plans.get(case.pk)) for case in listed]


def average_days(rows: list[Row]) -> int | None:
    """How many days the answers took, on average; None where nothing was answered."""
    ended = [row.case.days_taken for row in rows if row.case.state in (Case.State.ANSWERED, Case.State.REFUSED)]
    return round(sum(ended) / len(ended)) if ended else None


def row_of(case: Case, *, inside: bool = False, copy: Any = None, plan: Any = None) -> Row:
    """A case with its steps; `inside` for those who answer."""
    total = max(days_for(case.kind), (case.due_at - case.received_at).days)
    left = case.days_left
    is_escalated = any(event.what == "escalated" for event in list_steps(case))
    return Row(
        case=case,
        badge=_badge(case),
        status=_status(case),
        left=left,
        overdue=max(0, -left),
        used=min(total, max(0, total - left)),
        total=total,
        steps=_steps(case, INSIDE if inside else STEPS),
        is_paused=case.paused_at is not None,
        copy=copy,
        plan=plan,
        is_escalated=is_escalated,
        may_disagree=may_disagree(case) and not is_escalated,
    )


def _badge(case: Case) -> str:
    if case.state == Case.State.ANSWERED:
        return "badge-line" if case.in_part else "badge-ok"
    if case.is_overdue:
        return "badge-danger"
    if case.state == Case.State.OPEN:
        return "badge-wait" if case.paused_at else "badge-accent"
    return "badge-wait" if case.is_live else "badge-line"


def _status(case: Case) -> str:
    if case.state == Case.State.ANSWERED:
        return _("Done in part") if case.in_part else _("Done")
    if case.paused_at is not None:
        return _("Paused")
    if case.is_overdue:
        return _("Overdue")
    return str(case.get_state_display())


def _steps(case: Case, words: dict[str, Promise]) -> list[Step]:
    done = [
        Step(_words(event, words), event.at, "danger" if event.what in ("overdue", "refused", "escalated") else "ok")
        for event in list_steps(case)
        if event.what in words
    ]
    if case.state == Case.State.IDENTITY_PENDING:
        done.append(Step(_("Waiting for your confirmation"), None, "now"))
    elif case.is_live:
        done.append(Step(_("We work on it"), None, "now"))
    if case.is_live:
        done.append(Step(_("Answer"), None, ""))
    return done


def _words(event: CaseEvent, words: dict[str, Promise]) -> str:
    text = str(words[event.what])
    facts: dict[str, Any] = event.facts or {}
    if event.what == "verified" and facts.get("how") in HOW:
        return f"{text}: {HOW[facts['how']]}"
    if event.what == "extended":
        return _("%(what)s by %(days)s days") % {"what": text, "days": facts.get("days")}
    return text
