"""The one table of reports: which local day of an account has been summarised."""

from django.db import models
from django.utils import timezone

from accounts.models import Account


class SummaryDay(models.Model):
    """Claims (account, local day) in the transaction that writes the outbox rows: once, whatever is retried (S41)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    claimed_at = models.DateTimeField(default=timezone.now)
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="reports_summaryday_once")]

    def __str__(self) -> str:
        return f"account {self.account_id}, {self.day}"
