"""Letters of cases, resolved when they leave: to the person who asks, and to those who answer."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import absolute
from accounts.outbound import address_of as address_of_user
from accounts.queries import users_by_pk
from core.outbound import Address, Letter
from core.personal_data import Purpose
from policies.queries import find_dispute_body, find_officer
from privacy.case_links import CONFIRM_HOURS, confirm_url, page_url
from privacy.case_states import days_for
from privacy.models import Download, ErasurePlan
from privacy.models.cases import Case
from privacy.queries.cases import list_results_of

GIVEN_FOR = frozenset({Purpose.RIGHTS})  # and for nothing else


def address_of(case: Case) -> Address:
    """The address of a case, good for its letters only."""
    subject = f"user:{case.user_id}" if case.user_id else f"case:{case.pk}"
    name = case.user.name if case.user else ""
    return Address(case.email, GIVEN_FOR, name=name, subject=subject)


def _cases(rows: Sequence[Any]) -> dict[int, Case]:
    return Case.objects.select_related("user", "account").in_bulk({row.payload["case"] for row in rows})


def _letter(case: Case, *, officer: Any = None, **context: Any) -> Letter:
    """A letter; `officer` is how ours is reached, and is named where the case is ours to answer (S8)."""
    with override(case.language or "en"):
        kind = case.get_kind_display()
    known = {
        "name": case.user.name if case.user else "",
        "number": case.label,
        "kind": kind,
        "due_at": case.due_at,
        "url": page_url(case),
        "support": settings.SUPPORT_EMAIL,
        "is_complaint": case.kind == Case.Kind.COMPLAINT and case.account_id is None,
        "days": days_for(case.kind),
        "officer": officer if case.account_id is None else None,
        **context,
    }
    return Letter(address_of(case), known, case.language or "en")


def load_confirmations(rows: Sequence[Any]) -> dict[int, Letter]:
    """The link that proves the address; none for a case that was confirmed or ended meanwhile."""
    known = _cases(rows)
    return {
        row.pk: _letter(case, url=confirm_url(case), hours=CONFIRM_HOURS)
        for row in rows
        if (case := known.get(row.payload["case"])) and case.state == Case.State.IDENTITY_PENDING
    }


def load_received(rows: Sequence[Any]) -> dict[int, Letter]:
    """The acknowledgement with number and due day."""
    known, officer = _cases(rows), find_officer()
    return {
        row.pk: _letter(case, officer=officer)
        for row in rows
        if (case := known.get(row.payload["case"])) and case.verified_at
    }


def load_changes(rows: Sequence[Any]) -> dict[int, Letter]:
    """That the time was extended, or that the clock waits, and why."""
    known = _cases(rows)
    return {
        row.pk: _letter(case, what=row.payload["what"], why=_why(row, case))
        for row in rows
        if (case := known.get(row.payload["case"])) and case.is_live
    }


def _why(row: Any, case: Case) -> str:
    return case.pause_reason if row.payload["what"] == "paused" else case.extension_reason


def load_answers(rows: Sequence[Any]) -> dict[int, Letter]:
    """The answer, or the refusal with its reason, the day when it is looked at again and the way to complain."""
    known, officer = _cases(rows), find_officer()
    copies, plans = list_results_of(known.values())
    letters = {}
    for row in rows:
        case = known.get(row.payload["case"])
        if case is not None and case.state in (Case.State.ANSWERED, Case.State.REFUSED):
            with override(case.language or "en"):
                reason = case.get_reason_code_display() if case.reason_code else ""
            letters[row.pk] = _letter(
                case,
                officer=officer, answer=case.answer, reason=reason, review_on=case.review_on, in_part=case.in_part,
                is_refused=case.state == Case.State.REFUSED, complain_url=absolute(reverse("privacy:cases")),
                url=page_url(case) if case.verified_at else "", **_links(copies.get(case.pk), plans.get(case.pk)),
            )  # fmt: skip
    return letters


def _links(copy: Download | None, plan: ErasurePlan | None) -> dict[str, str]:
    """Where the copy of a case is fetched, which only its person can, and where its certificate is."""
    return {
        "copy_url": absolute(reverse("privacy:yourdata_copy", args=[copy.public_id])) if copy else "",
        "data_url": absolute(reverse("privacy:yourdata")),
        "certificate_url": absolute(reverse("privacy:erasure_result", args=[plan.public_id])) if plan else "",
    }


def load_escalated(rows: Sequence[Any]) -> dict[int, Letter]:
    """Where to go with a complaint that we left open, or with whose answer the person does not agree (S6)."""
    known, body, officer = _cases(rows), find_dispute_body(), find_officer()
    return {
        row.pk: _letter(case, body=body, officer=officer, is_late=row.payload["why"] == "late")
        for row in rows
        if (case := known.get(row.payload["case"])) and case.verified_at
    }


def load_due(rows: Sequence[Any]) -> dict[int, Letter]:
    """To those who answer: a new case, one due soon, overdue, or put off until now. No word of the person is in it."""
    people, known = users_by_pk(row.recipient for row in rows), _cases(rows)
    letters = {}
    for row in rows:
        case, user = known.get(row.payload["case"]), people.get(row.recipient)
        is_review = row.payload["step"] == "review"
        if case is not None and user is not None and (case.is_live or is_review):
            with override(user.language):
                heading = _heading(case, row.payload["step"])
                kind = case.get_kind_display()
            door = "privacy:queue_case" if case.account_id is None else "privacy:account_case"
            context = {
                "name": user.name, "number": case.label, "kind": kind, "heading": heading, "is_review": is_review,
                "due_at": case.due_at, "is_late": case.is_live and case.is_overdue,
                "url": absolute(reverse(door, args=[case.number])),
            }  # fmt: skip
            letters[row.pk] = Letter(address_of_user(user), context, user.language)
    return letters


def _heading(case: Case, step: str) -> str:
    if step == "new":
        return _("A new privacy case: %(number)s") % {"number": case.label}
    if step == "review":
        return _("Privacy case %(number)s is to be looked at again") % {"number": case.label}
    if step == "late":
        return _("Privacy case %(number)s is overdue") % {"number": case.label}
    return _("Privacy case %(number)s is due in %(days)s days or less") % {"number": case.label, "days": step}
