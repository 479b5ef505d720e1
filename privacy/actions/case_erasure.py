"""Erasure that a case asks for: whoever answers the case starts it, and the answer goes out with the certificate."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.links import absolute
from audit.actions import record
from core.errors import Refused
from privacy.actions.cases import add_event, answer_case
from privacy.actions.erasing import confirm_erasure, plan_erasure
from privacy.certificates import read_certificate
from privacy.models import Case, ErasurePlan
from privacy.queries.erasures import ERASED_BY_CASE, find_plan_of, list_plans_to_answer, person_of_case


@transaction.atomic
def start_erasure_of_case(*, case: Case, by: Any) -> ErasurePlan:
    """Plans and confirms the erasure of the person of an open case; a worker runs it (P6). Twice gives the same plan.

    `by` is the privacy officer, or for a case of an account the member who answers it: then only visitors of this
    account are erased. Raises Refused: `wrong_state`, `unverified`,
    `wrong_kind`, and `nothing_held`, `on_hold`, `last_owner`, `self_staff` as the erasure itself does.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("account").get(pk=case.pk)
    if case.kind not in ERASED_BY_CASE:
        raise Refused("wrong_kind", gettext_lazy("This case does not ask to delete anything."))
    if case.state != Case.State.OPEN:
        sentence = gettext_lazy("This case is at another step by now. Look at it again.")
        raise Refused("wrong_state", sentence, status=409)
    if case.verified_at is None:
        raise Refused("unverified", gettext_lazy("First it must be known who asks."), status=409)
    begun = find_plan_of(case)
    if begun is not None and begun.state != ErasurePlan.State.PLANNED:
        return begun
    person = person_of_case(case)
    plan = confirm_erasure(plan=plan_erasure(case=case, person=person))
    case.handled_by = by
    case.save(update_fields=["handled_by"])
    add_event(case=case, what="planned", by=f"user:{by.pk}", facts={"rows": sum(map(len, plan.keys.values()))})
    record(
        account_ref=case.account_id, actor=f"user:{by.pk}", action="case.erasure_started", subject=f"case:{case.pk}",
        facts={"erasure": plan.pk},
    )  # fmt: skip
    return plan


def answer_erased_cases() -> int:
    """Answers each open case whose erasure is done, with the certificate. Returns how many; harmless when repeated."""
    answered = 0
    for plan, case in list_plans_to_answer():
        try:
            _answer(plan, case)
        except Refused:  # somebody answered it meanwhile
            continue
        answered += 1
    return answered


@transaction.atomic
def _answer(plan: ErasurePlan, case: Case) -> None:
    add_event(case=case, what="erased", facts={"rows": sum(plan.counts.values())})
    with override(case.language or "en"):
        text = _letter(plan)
    answer_case(case=case, by=case.handled_by, answer=text)


def _letter(plan: ErasurePlan) -> str:
    """What was done, what stays and why, and where the certificate is."""
    body = read_certificate(plan.certificate) or {}
    where = absolute(reverse("privacy:erasure_result", args=[plan.public_id]))
    lines = [_("Your data is erased, and we looked for it everywhere afterwards."), ""]
    if body.get("kept"):
        lines += [_("This stays, and why:")]
        lines += [f"- {line['is']} ({line['rows']}): {line['why']} {line['until']}".rstrip() for line in body["kept"]]
        lines += [""]
    lines += [_("The signed certificate:"), where]
    return "\n".join(lines)
