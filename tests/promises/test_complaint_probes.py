"""The probes of complaints turn red: no letter with the number, left open in silence, nowhere to go."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from outbox.actions import deliver_all
from outbox.models import Delivery
from policies.actions import record_dispute_body
from policies.models import DisputeBody
from privacy.actions.complaints import escalate_late
from privacy.models import Case
from privacy.testing import make_guest_case

Watch = Callable[[str], Any]


def make_complaint(*, due: timedelta) -> Case:
    case = make_guest_case(kind=Case.Kind.COMPLAINT)
    deliver_all()
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(received_at=now - timedelta(days=3), due_at=now + due)
    return case


def test_a_complaint_whose_letter_did_not_leave(site: None, turns_red: Watch):
    case = make_complaint(due=timedelta(days=11))
    with turns_red("complaints_acknowledged"):
        Delivery.objects.filter(recipient=f"case:{case.pk}").delete()


def test_a_complaint_that_was_left_open_in_silence(site: None, turns_red: Watch):
    case = make_complaint(due=timedelta(days=11))
    with turns_red("complaints_go_on"):
        Case.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(hours=3))


def test_a_complaint_that_can_go_nowhere(site: None, turns_red: Watch):
    record_dispute_body(name="Fair Data Panel", url="https://panel.example/", post="1 Middle Way, Dublin")
    make_complaint(due=-timedelta(hours=3))
    assert escalate_late() == 1
    with turns_red("complaints_go_on"):
        DisputeBody.objects.all().delete()
