"""The live probes of consent turn red when the product is broken on purpose."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import models
from django.http import HttpResponse

from accounts.models import User
from analytics.models import MeasureDay, PageDay
from audit.actions import write_disclosures
from core.outbound import Disclosed, Recipient, registry
from core.personal_data import Purpose

Watch = Callable[[str], Any]


def test_a_count_that_knows_its_reader(db: None, turns_red: Watch, add_column: Any):
    with turns_red("beacons_unlinkable"):
        add_column(PageDay, "reader", models.ForeignKey(User, models.CASCADE, null=True, related_name="+"))


def test_a_page_that_names_a_person(db: None, turns_red: Watch):
    with turns_red("beacons_unlinkable"):
        PageDay.objects.create(day=date(2026, 1, 1), page="user-12")


def test_a_gif_that_sets_a_cookie(db: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from analytics import promises

    def track(path: str) -> HttpResponse:
        answer = HttpResponse()
        answer.set_cookie("id", "12")
        return answer

    with turns_red("beacons_unlinkable"):
        monkeypatch.setattr(promises, "look_at", track)


def test_an_address_beside_a_measure(db: None, turns_red: Watch, add_column: Any):
    with turns_red("analytics_unlinkable"):
        add_column(MeasureDay, "address", models.GenericIPAddressField(null=True))


def test_a_sixth_measure(db: None, turns_red: Watch):
    with turns_red("analytics_unlinkable"):
        MeasureDay.objects.create(day=date(2026, 1, 1), measure="events", name="contacts_read")


def test_an_advertiser_in_the_ledger(owner: User, turns_red: Watch):
    with turns_red("marketing_recipients"):
        write_disclosures([Disclosed("adco", ("contact",), f"user:{owner.pk}", Purpose.MARKETING, "http")])


def test_a_recipient_for_marketing(db: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("marketing_recipients"):
        monkeypatch.setitem(registry.recipients, "adco", Recipient("adco", "Ads", (Purpose.MARKETING,), "All"))
