"""Reads of the outbox."""

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from outbox.models import Delivery


def has_due(now: datetime | None = None) -> bool:
    """Whether a row waits, or its worker died: one statement, answered by the index of what is not finished."""
    now = now or timezone.now()
    unfinished = [Delivery.State.WAITING, Delivery.State.CLAIMED]
    return Delivery.objects.filter(state__in=unfinished, finished_at=None, due_at__lte=now).exists()


def find_oldest_lateness(now: datetime | None = None) -> timedelta:
    """How long the oldest due row has been waiting for a worker; zero when none waits."""
    now = now or timezone.now()
    oldest: datetime | None = Delivery.objects.due(now).aggregate(oldest=Min("due_at"))["oldest"]
    return now - oldest if oldest else timedelta(0)


def count_parked() -> int:
    """How many rows were given up and wait for a person."""
    return Delivery.objects.filter(state=Delivery.State.PARKED).count()
