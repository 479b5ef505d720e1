"""The probes of requests turn red when an address is used for more, a number stays readable, or a request stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.outbound import registry as outbound
from core.personal_data import Purpose
from outbox.models import Delivery
from outbox.testing import make_delivery
from support.models import RequestMessage, SupportRequest
from support.testing import make_request

Watch = Callable[[str], Any]


def test_a_newsletter_goes_to_who_asked_something(site: None, turns_red: Watch):
    request = make_request()
    with turns_red("correspondence_purpose"):
        make_delivery(kind="daily_summary", recipient=f"request:{request.pk}")


def test_an_answer_is_declared_as_marketing(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from support import promises

    with turns_red("correspondence_purpose"):
        monkeypatch.setattr(promises, "GIVEN_FOR", frozenset({Purpose.SUPPORT, Purpose.MARKETING}))


def test_another_app_reads_the_requests(site: None, turns_red: Watch, change_file: Any):
    with turns_red("correspondence_purpose"):
        change_file("notifications/extra.py", "", "from support.models import SupportRequest\n")


def test_a_card_number_that_nobody_masked(site: None, turns_red: Watch):
    request = make_request()
    with turns_red("requests_masked"):
        RequestMessage.objects.filter(request=request).update(text="4111 1111 1111 1111")


def test_a_request_kept_too_long(site: None, turns_red: Watch):
    request = make_request()
    with turns_red("requests_end"):
        long_ago = timezone.now() - timedelta(days=SupportRequest.KEEP_DAYS + 3)
        SupportRequest.objects.filter(pk=request.pk).update(status="closed", needs_us=False, closed_at=long_ago)


def test_a_mail_of_requests_for_another_purpose_does_not_leave(site: None):
    from core.mail import PurposeError, write_mail
    from support.mails import load_received

    kind = replace(outbound.mail_kinds["support_received"], purpose=Purpose.MARKETING)
    row = Delivery(pk=1, kind="support_received", recipient="request:1", payload={"request": make_request().pk})
    with pytest.raises(PurposeError):
        write_mail(kind=kind, letter=load_received([row])[1], message_id="<x@y.example>")
