"""The probes of the list of recipients, and of staff access by grant, turn red when the product is broken on purpose."""

from collections.abc import Callable
from typing import Any

import pytest

from audit.models import RecipientRecord
from core.outbound import Recipient, registry
from core.personal_data import Purpose

Watch = Callable[[str], Any]


def test_a_review_that_is_overdue(site: None, turns_red: Watch):
    with turns_red("recipients_reviewed"):
        RecipientRecord.objects.filter(key="mail").update(review_on="2020-01-01")


def test_a_recipient_without_a_record(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("recipients_reviewed"):
        monkeypatch.setitem(registry.recipients, "new", Recipient("new", "New", (Purpose.SERVICE,), "nothing"))


def test_a_recipient_that_the_public_list_leaves_out(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from privacy.views import recipients

    with turns_red("recipients_listed"):
        monkeypatch.setattr(recipients, "list_rows", lambda: [])
