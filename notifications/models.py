"""How a person may be reached: preferences, and addresses that must not be written to."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Account


class Preference(models.Model):
    """A person's choice for one optional mail kind, in one account. No row means the kind's default: off."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    kind = models.CharField(max_length=64)
    is_on = models.BooleanField(default=False)
    options = models.JSONField(default=dict, blank=True)  # of the daily summary: {"messages": true}
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account", "kind"], name="notifications_preference_once"),
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=models.Q(account__isnull=True),
                name="notifications_preference_once_for_all",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "account"], name="notifications_preference_on", condition=models.Q(is_on=True)
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}: {self.kind}"


class Suppression(models.Model):
    """An address that must not be written to, as a keyed hash; it outlives the address (P5)."""

    class Reason(models.TextChoices):
        REMOVED = "removed", "The person removed it"
        BOUNCED = "bounced", "It does not exist"

    address_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=32, blank=True)  # empty: for every purpose
    reason = models.CharField(max_length=16, choices=Reason.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_hash", "purpose"], name="notifications_suppression_once"),
            models.CheckConstraint(
                condition=models.Q(reason__in=["removed", "bounced"]), name="notifications_suppression_reason_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.reason
