"""Side effects waiting to happen: one row per recipient, with a unique key."""

from datetime import datetime

from django.db import models
from django.utils import timezone


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: "datetime | None" = None) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.WAITING, finished_at=None, due_at__lte=now or timezone.now())


class Delivery(models.Model):
    """One effect for one recipient. It holds a kind, ids and a key; text and address are resolved when it leaves.

    `recipient` is a word such as "user:12" or "invitation:7", never an address. `due_at` moves on with each retry.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CLAIMED = "claimed", "Claimed"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"
        PARKED = "parked", "Parked"

    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    recipient = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    account_ref = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    in_ledger = models.BooleanField(default=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "recipient"], name="outbox_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "claimed", "done", "dropped", "parked"]),
                name="outbox_delivery_state_valid",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="outbox_delivery_due", condition=models.Q(finished_at__isnull=True)),
            models.Index(fields=["id"], name="outbox_delivery_parked", condition=models.Q(state="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} to {self.recipient}"
