"""Privacy cases with their events: what somebody asks about their data, and the clock that runs on it (P7, S100)."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_TEXT = 5000
LONGEST_ANSWER = 10_000
DAYS = 30  # from receipt to answer
LONGEST_EXTENSION = 60  # days, once
KEEP_DAYS = 3 * 365  # after the end; number and dates stay


class CaseSeries(models.Model):
    """The last number that was given to a case: numbers are consecutive and open no door."""

    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"last number {self.last}"


class Case(models.Model):
    """One case. `account` answers it; without one we do. `refs` are the rows that stand for the person.

    `received_at` starts the clock, `due_at` ends it. The clock stands still from `paused_at` on. A case that turned
    out to be a second one of the same kind was `merged_into` the first. `told_for` is the due time and the number of
    days for which the officers were reminded last ("2026-12-01/7").
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("Get a copy")
        CORRECTION = "correction", _("Correct something")
        ERASURE = "erasure", _("Delete")
        OBJECTION = "objection", _("Object to a use")
        PORTABILITY = "portability", _("Take the data elsewhere")
        RESTRICTION = "restriction", _("Hold the data still")
        PHOTO_REMOVAL = "photo_removal", _("Remove a photo")
        TESTIMONIAL_REMOVAL = "testimonial_removal", _("Testimonial or forum")
        ADDRESS_REMOVAL = "address_removal", _("Remove an address")
        COMPLAINT = "complaint", _("Complain")

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        IDENTITY_PENDING = "identity_pending", _("Waiting for your confirmation")
        OPEN = "open", _("In progress")
        ANSWERED = "answered", _("Answered")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Channel(models.TextChoices):
        PAGE = "page", _("Page")
        MAIL = "mail", _("E-mail")
        STAFF = "staff", _("Our staff")
        OPERATOR = "operator", _("An operator")

    class Reason(models.TextChoices):
        IDENTITY = "identity", _("We could not see that it is you")
        NOT_OURS = "not_ours", _("We hold no such data")
        LAW = "law", _("A law makes us keep it")
        CLAIM = "claim", _("It is needed for a legal claim")
        OTHERS = "others", _("It would show the data of somebody else")
        REPEATED = "repeated", _("It was asked and answered before")
        IMPOSSIBLE = "impossible", _("It cannot be done technically")

    LIVE = (State.RECEIVED, State.IDENTITY_PENDING, State.OPEN)
    ENDED = (State.ANSWERED, State.REFUSED, State.WITHDRAWN)

    number = models.PositiveIntegerField(unique=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.PAGE)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=10, default="en")
    refs = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True, blank=True)
    extension_reason = models.TextField(blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    in_part = models.BooleanField(default=False)
    reason_code = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    answer = models.TextField(blank=True)
    review_on = models.DateField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged")
    secret_hash = models.CharField(max_length=64, unique=True)  # of the secret in the link of the case's page
    told_for = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "access", "correction", "erasure", "objection", "portability", "restriction",
                        "photo_removal", "testimonial_removal", "address_removal", "complaint",
                    ]
                ),
                name="privacy_case_kind_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["received", "identity_pending", "open", "answered", "refused", "withdrawn"]
                ),
                name="privacy_case_state_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=["page", "mail", "staff", "operator"]), name="privacy_case_channel_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    reason_code__in=["", "identity", "not_ours", "law", "claim", "others", "repeated", "impossible"]
                ),
                name="privacy_case_reason_valid",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["open", "answered"]) | models.Q(verified_at__isnull=False),
                name="privacy_case_answered_verified",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["answered", "refused", "withdrawn"], closed_at__isnull=False)
                | models.Q(state__in=["received", "identity_pending", "open"], closed_at__isnull=True),
                name="privacy_case_closed_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(reason_code="") & models.Q(review_on__isnull=False),
                name="privacy_case_refused_why",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at", "id"], name="privacy_case_due", condition=models.Q(closed_at__isnull=True)),
            models.Index(fields=["account", "due_at", "id"], name="privacy_case_account"),
            models.Index(fields=["email", "-id"], name="privacy_case_email"),
            models.Index(fields=["closed_at"], name="privacy_case_closed"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number as people see it: "D-0042"."""
        return f"D-{self.number:04d}"

    @property
    def is_live(self) -> bool:
        """Whether it has no end yet."""
        return self.closed_at is None

    @property
    def is_overdue(self) -> bool:
        """Whether it is ours to answer and its time is over."""
        waits = self.state in (self.State.RECEIVED, self.State.OPEN) and self.paused_at is None
        return waits and self.due_at < timezone.now()

    @property
    def days_left(self) -> int:
        """Whole days until it is due, seen from the pause where the clock stands still; negative after it."""
        left: timedelta = self.due_at - (self.paused_at or timezone.now())
        return -(-left // timedelta(days=1))

    @property
    def days_taken(self) -> int:
        """Whole days from receipt to the end, or until now."""
        taken: timedelta = (self.closed_at or timezone.now()) - self.received_at
        return taken.days


class CaseEvent(models.Model):
    """One step of a case. `by` is a word such as "user:12" or "system"; `facts` hold no personal data."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=40)
    by = models.CharField(max_length=40, default="system")
    facts = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.what} of case {self.case_id}"
