"""Reports of a child's data: where it is and how we find it, never who reports; a count stays (S49)."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

HOURS = 72  # from the report to the end
LONGEST_FOUND = 2000


class ChildReport(models.Model):
    """One report. `email` is where the answer goes, if somebody wants one; nothing else says who reports.

    `plan_ref` is the erasure that answers it; when it has ended, or the report was closed in another way, `found` is
    emptied and the row goes as soon as the answer has left.
    """

    class Place(models.TextChoices):
        CHAT = "chat", _("In a chat")
        FORUM = "forum", _("In the forum")
        PROFILE = "profile", _("In a profile or a photo")
        REQUEST = "request", _("In a request to support")
        ELSEWHERE = "elsewhere", _("Somewhere else")

    class Outcome(models.TextChoices):
        ERASED = "erased", _("Deleted")
        YOUNG = "young", _("13 to 17: kept with more care")
        NOTHING = "nothing", _("Nothing of a child found")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    place = models.CharField(max_length=10, choices=Place.choices)
    found = models.TextField()
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=10, default="en")
    received_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    told_for = models.CharField(max_length=8, blank=True)  # the step for which the officers were told last
    plan_ref = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(place__in=["chat", "forum", "profile", "request", "elsewhere"]),
                name="privacy_childreport_place_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, outcome="")
                | models.Q(closed_at__isnull=False, outcome__in=["erased", "young", "nothing"], found=""),
                name="privacy_childreport_closed_whole",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="privacy_childreport_due")]

    def __str__(self) -> str:
        return f"report {self.pk}"

    @property
    def is_overdue(self) -> bool:
        """Whether its 72 hours are over."""
        return self.closed_at is None and self.due_at < timezone.now()

    @property
    def hours_left(self) -> int:
        """Whole hours until it is due; negative after it."""
        left: timedelta = self.due_at - timezone.now()
        return -(-left // timedelta(hours=1))


class ChildCount(models.Model):
    """How many reports ended in a month, by what came out, and how many of them late: all that stays of them."""

    month = models.DateField(unique=True)  # its first day
    erased = models.PositiveIntegerField(default=0)
    young = models.PositiveIntegerField(default=0)
    nothing = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
