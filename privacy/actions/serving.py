"""Writes that do what a case asks: the copy for access and portability, the plan and the run for erasure (P6, P7)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from core.personal_data import Purpose, Subject
from notifications.actions import suppress_address
from notifications.models import Suppression
from privacy.actions.cases import note_step, take_case
from privacy.actions.copies import ask_copy
from privacy.actions.erasing import confirm_erasure, plan_erasure
from privacy.models import Case, Download, ErasurePlan
from privacy.queries.cases import asks_copy, asks_erasure, find_person_of
from privacy.queries.erasures import find_plan_of


@transaction.atomic
def start_copy(*, case: Case, by: Any) -> Download:
    """Has the copy made that a case asks for; `by` is who answers it, or the person who is logged in (S98).

    Raises Refused (`wrong_state`) for a case that asks no copy or is not open, which means proved.
    """
    case = take_case(case=case)
    _check(asks_copy(case))
    download = ask_copy(person=find_person_of(case), user=case.user, case=case)
    note_step(case, "copying", by=f"user:{by.pk}")
    return download


@transaction.atomic
def plan_case(*, case: Case, by: Any) -> ErasurePlan:
    """Writes down what an erasure would do, for the officer to read before the decision; an earlier plan goes.

    Raises Refused (`wrong_state`) as `start_copy` does, and what `plan_erasure` refuses.
    """
    case = take_case(case=case)
    _check(asks_erasure(case) and not _is_running(case))
    ErasurePlan.objects.filter(case_ref=case.pk, state=ErasurePlan.State.PLANNED).delete()
    plan = plan_erasure(case=case, person=find_person_of(case))
    note_step(case, "planned", by=f"user:{by.pk}")
    return plan


@transaction.atomic
def erase_case(*, case: Case, by: Any) -> ErasurePlan:
    """The decision of who answers: the plan of the case runs, and its certificate answers the case.

    Whose invitation goes is not invited again (S97).
    Raises Refused (`wrong_state`) without a plan that was read, and what `confirm_erasure` refuses.
    """
    case = take_case(case=case)
    plan = find_plan_of(case)
    _check(asks_erasure(case) and plan is not None and plan.state == ErasurePlan.State.PLANNED)
    person = find_person_of(case)
    if case.email and any(ref.subject is Subject.INVITED for ref in person.refs):  # a later import says "not invited"
        suppress_address(email=case.email, reason=Suppression.Reason.REMOVED, purpose=Purpose.INVITATION.value)
    case.handled_by = by
    case.save(update_fields=["handled_by"])
    note_step(case, "erasing", by=f"user:{by.pk}")
    return confirm_erasure(case=case, plan=plan)


def _is_running(case: Case) -> bool:
    plan = find_plan_of(case)
    return plan is not None and plan.state != ErasurePlan.State.PLANNED


def _check(is_right: bool) -> None:
    if not is_right:
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)
