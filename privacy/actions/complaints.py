"""Writes of complaints: on to the independent body when we leave one open, or when the person disagrees (S6)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.actions import record
from core.errors import Refused
from outbox.actions import enqueue
from privacy.models.cases import Case, CaseEvent
from privacy.queries import complaints as queries


@transaction.atomic
def disagree(*, case: Case) -> Case:
    """The person does not agree with the answer to a complaint: they are told of the body, with the case file.

    Raises Refused("wrong_state") for what is no complaint to us with an answer; a second time changes nothing.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("user").get(pk=case.pk)
    if not queries.may_disagree(case):
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)
    if not queries.is_escalated(case):
        by = f"user:{case.user_id}" if case.user_id else "system"
        CaseEvent.objects.create(case=case, what="disagreed", by=by)
        _escalate(case, "disagrees", by)
    return case


def escalate_late() -> int:
    """Tells the people of the independent body whose complaint we left open beyond its time. Returns how many.

    Harmless when repeated; the complaint stays open and must still be answered.
    """
    return sum(_escalate_late(pk) for pk in list(queries.list_left_open().values_list("pk", flat=True)))


@transaction.atomic
def _escalate_late(pk: int) -> int:
    case = Case.objects.select_for_update(of=("self",)).filter(pk=pk, closed_at=None).first()
    if case is None or queries.is_escalated(case):
        return 0
    _escalate(case, "late", "system")
    return 1


def _escalate(case: Case, why: str, by: str) -> None:
    CaseEvent.objects.create(case=case, what="escalated", by=by, facts={"why": why})
    record(account_ref=None, actor=by, action="case.escalated", subject=f"case:{case.pk}", facts={"why": why})
    if case.email:
        enqueue(
            kind="privacy.case_escalated",
            key=f"case:{case.pk}:escalated",
            recipient=f"case:{case.pk}",
            payload={"case": case.pk, "why": why},
        )
