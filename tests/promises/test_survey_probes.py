"""The live probes of surveys turn red when the product is broken on purpose."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import models

from accounts.models import Account
from accounts.scoping import account_scope
from surveys.models import Sheet
from surveys.testing import make_survey

Watch = Callable[[str], Any]


def test_answers_that_know_their_moment(site: None, turns_red: Watch, add_column: Any):
    with turns_red("survey_answers_nameless"):
        add_column(Sheet, "at", models.DateTimeField(null=True))


def test_a_sheet_kept_too_long(site: None, company: Account, turns_red: Watch):
    survey = make_survey(company)
    with turns_red("survey_sheets_end"), account_scope(company):
        Sheet.objects.create(account=company, survey=survey, channel="link", month=date(2020, 1, 1))
