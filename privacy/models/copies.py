"""Tables of copies: a copy of a person's data that is made, fetched and deleted, and the proof of an address."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

COPY_LIFE = timedelta(hours=24)
PROOF_LIFE = timedelta(minutes=10)
KNOWN_LIFE = timedelta(minutes=30)


def one_day_on() -> object:
    """When what is asked for now is over."""
    return timezone.now() + COPY_LIFE


class Download(models.Model):
    """A copy of everything about one person. `owner` is the word by which the person is known again (S98, P2)."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.CharField(max_length=80, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="copies_of_data"
    )
    case_ref = models.BigIntegerField(null=True, blank=True, db_index=True)  # the case that it answers
    email = models.EmailField(max_length=254, blank=True)  # of who has no log-in: it is told when the copy is ready
    language = models.CharField(max_length=10, default="en")
    refs = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    kinds = models.PositiveIntegerField(default=0)  # how many kinds there are, and how many are written
    done = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(default=one_day_on, db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "making", "ready", "failed"]), name="privacy_copy_state_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"copy {self.public_id}"


def ten_minutes_on() -> object:
    """When a code that is sent now is over."""
    return timezone.now() + PROOF_LIFE


class Proof(models.Model):
    """That somebody asks to be known as the owner of an address; the code in the mail comes from the row's id.

    Once the code was typed the browser keeps the row's id only, and is known by it for half an hour.
    """

    TRIES = 5

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(default=ten_minutes_on, db_index=True)

    def __str__(self) -> str:
        return f"proof {self.public_id}"
