"""Cases of enforcement with their evidence: what an account or a member is told before it is suspended (S53)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST = 5000
KEEP_DAYS = 3 * 365  # after the end


class Series(models.Model):
    """The last number that was given to a case."""

    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"last number {self.last}"


class EnforcementCase(models.Model):
    """One case, about an account or a member. `facts` is what the notice says; `answer_by` ends the time to answer.

    Nothing is suspended before the notice is out; the appeal is decided by somebody who did neither open the case nor
    decide the suspension.
    """

    class Ground(models.TextChoices):
        TERMS = "terms", _("Breach of the terms")
        MONEY = "money", _("Misuse of money")
        LAW = "law", _("Unlawful acts")
        HARM = "harm", _("Harm to others or to the site")

    class State(models.TextChoices):
        DRAFT = "draft", _("Being prepared")
        NOTICED = "noticed", _("Notice given")
        SUSPENDED = "suspended", _("Suspended")
        DROPPED = "dropped", _("Closed without a suspension")
        LIFTED = "lifted", _("Suspension lifted")

    number = models.PositiveIntegerField(unique=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    ground = models.CharField(max_length=8, choices=Ground.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    facts = models.TextField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    noticed_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True)
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    suspended_at = models.DateTimeField(null=True, blank=True)
    appeal = models.TextField(blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    appeal_decided_at = models.DateTimeField(null=True, blank=True)
    appeal_answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=True, user__isnull=False)
                | models.Q(account__isnull=False, user__isnull=True),
                name="enforcement_case_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(ground__in=["terms", "money", "law", "harm"]), name="enforcement_case_ground_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "noticed", "suspended", "dropped", "lifted"]),
                name="enforcement_case_state_valid",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["suspended", "lifted"])
                | models.Q(noticed_at__isnull=False, suspended_at__gte=models.F("noticed_at")) & ~models.Q(decision=""),
                name="enforcement_case_notice_first",
            ),
            models.CheckConstraint(
                condition=models.Q(appeal_decided_by__isnull=True)
                | ~models.Q(appeal_decided_by=models.F("suspended_by"))
                & ~models.Q(appeal_decided_by=models.F("opened_by")),
                name="enforcement_case_appeal_other_person",
            ),
        ]
        indexes = [
            models.Index(fields=["account"], name="enforcement_of_account"),
            models.Index(fields=["user"], name="enforcement_of_user"),
            models.Index(fields=["state", "number"], name="enforcement_by_state"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number as people see it: "E-0007"."""
        return f"E-{self.number:04d}"

    @property
    def is_live(self) -> bool:
        """Whether it has no end yet."""
        return self.closed_at is None

    @property
    def had_time(self) -> bool:
        """Whether the person answered, or the time to answer is over."""
        return self.answered_at is not None or self.answer_by is not None and self.answer_by <= timezone.now()


class Evidence(models.Model):
    """A text, a link or a file (judged by content, below FILES_ROOT) on which a case rests; the person reads it too."""

    case = models.ForeignKey(EnforcementCase, on_delete=models.CASCADE, related_name="evidence")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.TextField(blank=True)
    link = models.URLField(max_length=500, blank=True)
    name = models.CharField(max_length=160, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text="", link="", path=""), name="enforcement_evidence_not_empty"
            ),
            models.UniqueConstraint(
                fields=["path"], condition=~models.Q(path=""), name="enforcement_evidence_path_once"
            ),
        ]

    def __str__(self) -> str:
        return f"evidence {self.pk}"
