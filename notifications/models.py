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


class Campaign(models.Model):
    """One mail of offers and news, written by our staff; it goes only to people who said yes to such mails (S55)."""

    subject = models.CharField(max_length=120)
    text = models.TextField(max_length=4000)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    readers_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject


class CampaignReader(models.Model):
    """That a person was sent a campaign, and when: so that nobody gets a second one within seven days (S55)."""

    KEEP_DAYS = 90

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="notifications_campaignreader_once"),
        ]
        indexes = [models.Index(fields=["user", "sent_at"], name="notifications_campaign_user")]

    def __str__(self) -> str:
        return f"campaign {self.campaign_id}: user {self.user_id}"


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


class ReceivedMail(models.Model):
    """A mail that arrived, by its digest, so that it is taken once. Holds no address and no word of it."""

    KEEP_DAYS = 30

    class Outcome(models.TextChoices):
        CLAIMED = "claimed", "Somebody is at it"
        TAKEN = "taken", "Taken by an app"
        OWN = "own", "Ours, come back"
        DROPPED = "dropped", "From a machine, for nobody"
        UNCLAIMED = "unclaimed", "For nobody"

    digest = models.CharField(max_length=64, unique=True)
    sender_hash = models.CharField(max_length=64)
    thread_hash = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["claimed", "taken", "own", "dropped", "unclaimed"]),
                name="notifications_receivedmail_outcome_valid",
            ),
        ]
        indexes = [
            models.Index(fields=["sender_hash", "at"], name="notifications_received_sender"),
            models.Index(fields=["at"], name="notifications_received_at"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.digest[:8]}"


class UnclaimedMail(models.Model):
    """Whom to tell that a mail reached nobody: address and Message-ID, until the one answer has left."""

    KEEP_DAYS = 7

    address = models.EmailField(max_length=254)
    message_id = models.CharField(max_length=410, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="notifications_unclaimed_at")]

    def __str__(self) -> str:
        return f"mail {self.pk}"
