"""The probe of privacy cases turns red when one is overdue, was answered too late, or was refused without a reason."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from privacy.actions.cases import answer_case, refuse_case
from privacy.models import Case
from privacy.testing import make_guest_case

Watch = Callable[[str], Any]


def test_a_case_that_nobody_answered_in_30_days(site: None, turns_red: Watch):
    case = make_guest_case()
    with turns_red("cases_in_time"):
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(hours=1))


def test_an_answer_that_came_too_late(site: None, turns_red: Watch):
    case = answer_case(case=make_guest_case(), by=None, answer="Here it is.")
    with turns_red("cases_in_time"):
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(days=2))


def test_a_refusal_whose_text_is_gone(site: None, turns_red: Watch):
    day = timezone.now().date() + timedelta(days=90)
    case = refuse_case(case=make_guest_case(), by=None, reason_code="law", answer="Tax law.", review_on=day)
    with turns_red("cases_in_time"):
        Case.objects.filter(pk=case.pk).update(answer="")
