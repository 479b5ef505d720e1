"""Reads of complaints: which were left open too long, and which have gone on to the independent body (S5, S6)."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from outbox.models import Delivery
from privacy.models.cases import Case, CaseEvent
from privacy.queries.cases import list_overdue

State = Case.State


def may_disagree(case: Case) -> bool:
    """Whether this is a complaint to us that has an answer, with which the person may not agree."""
    is_ours = case.kind == Case.Kind.COMPLAINT and case.account_id is None
    return is_ours and case.state in (State.ANSWERED, State.REFUSED)


def is_escalated(case: Case) -> bool:
    """Whether the person was told of the independent body already."""
    return CaseEvent.objects.filter(case=case, what="escalated").exists()


def list_left_open() -> QuerySet[Case]:
    """Complaints to us whose time is over and that were not told of the independent body yet."""
    told = CaseEvent.objects.filter(case=OuterRef("pk"), what="escalated")
    return list_overdue().filter(~Exists(told), kind=Case.Kind.COMPLAINT)


def list_escalated() -> QuerySet[Case]:
    """Complaints with which somebody could go to the independent body."""
    told = CaseEvent.objects.filter(case=OuterRef("pk"), what="escalated")
    return Case.objects.filter(Exists(told), kind=Case.Kind.COMPLAINT)


def list_fresh_complaints() -> QuerySet[Case]:
    """Complaints to us of the last seven days that came more than an hour ago and have an address."""
    now = timezone.now()
    fresh = Case.objects.filter(received_at__gt=now - timedelta(days=7), received_at__lt=now - timedelta(hours=1))
    return fresh.filter(kind=Case.Kind.COMPLAINT, account=None, merged_into=None).exclude(email="")


def list_unacknowledged() -> QuerySet[Case]:
    """Those for whom no letter with the number left."""
    kinds = ("privacy.case_confirm", "privacy.case_received")
    sent = Delivery.objects.filter(kind__in=kinds, state=Delivery.State.DONE).values_list("recipient", flat=True)
    return list_fresh_complaints().exclude(pk__in=[int(word.partition(":")[2]) for word in sent])
