"""The probes of children's data turn red: a late report, one that was kept, a birth date, news to somebody under 18."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from policies.actions import give_consent
from privacy.actions.children import report_child
from privacy.models import ChildReport

Watch = Callable[..., Any]


def test_a_report_that_nobody_looked_at(site: None, turns_red: Watch):
    report_child(place="chat", found="x")
    with turns_red("children_fast"):
        ChildReport.objects.update(due_at=timezone.now() - timedelta(minutes=1))


def test_a_report_that_was_kept(site: None, turns_red: Watch):
    report = report_child(place="chat", found="x", email="parent@specimen.example")
    with turns_red("children_fast"):
        ChildReport.objects.filter(pk=report.pk).update(
            found="", outcome="nothing", closed_at=timezone.now() - timedelta(days=4)
        )


def test_a_form_that_asks_for_a_birth_date(site: None, turns_red: Watch):
    import gc

    with turns_red("children_fast", leaves="a class of a form"):
        form: Any = type("AskingForm", (forms.Form,), {"birth_date": forms.DateField()})
        assert form.base_fields
    del form
    gc.collect()


def test_news_to_somebody_under_18(site: None, owner: User, turns_red: Watch):
    with turns_red("young_kept_apart"):
        User.objects.filter(pk=owner.pk).update(is_minor=True)
        give_consent(subject=f"user:{owner.pk}", purpose="marketing", text="Yes, news.", channel="site")
