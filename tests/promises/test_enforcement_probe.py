"""The probe of enforcement turns red: a suspension without a case, without evidence, an appeal that waits too long."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account, User
from enforcement.actions import appeal
from enforcement.models import EnforcementCase, Evidence
from enforcement.testing import make_suspended

Watch = Callable[[str], Any]


def test_an_account_that_is_suspended_without_a_case(site: None, company: Account, turns_red: Watch):
    with turns_red("suspended_by_rule"):
        Account.objects.filter(pk=company.pk).update(suspended_at=timezone.now())


def test_a_suspension_whose_evidence_is_gone(site: None, company: Account, nik: User, turns_red: Watch):
    make_suspended(nik, account=company)
    with turns_red("suspended_by_rule"):
        Evidence.objects.all().delete()


def test_an_appeal_that_nobody_decides(site: None, owner: User, company: Account, nik: User, turns_red: Watch):
    appeal(case=make_suspended(nik, account=company), by=owner, text="No.")
    with turns_red("suspended_by_rule"):
        EnforcementCase.objects.update(appealed_at=timezone.now() - timedelta(days=15))
