"""Requests with their messages, files and events, and what the agents' desk works with: tags, replies, hours."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned

LONGEST_SUBJECT = 200
LONGEST_TEXT = 5000  # characters of one message on a page; a mail may bring more
LONGEST_MAIL = 50_000


def default_week() -> dict[str, list[list[str]]]:
    """Monday to Friday, nine to five."""
    return {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def default_targets() -> dict[str, list[int]]:
    """Minutes of open time by priority: until the first answer, until it is solved."""
    return {"urgent": [60, 480], "high": [240, 960], "normal": [480, 2400], "low": [960, 4800]}


class NumberSeries(models.Model):
    """The last number that was given to a request: numbers are consecutive and open no door."""

    FIRST = 1001

    last = models.PositiveIntegerField(default=FIRST - 1)

    def __str__(self) -> str:
        return f"last number {self.last}"


class RequestTag(models.Model):
    """A word that agents put on requests."""

    LONGEST = 40
    MOST = 200

    name = models.CharField(max_length=LONGEST)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="support_requesttag_once")]

    def __str__(self) -> str:
        return f"tag {self.pk}"


class SupportRequest(models.Model):
    """What somebody asks us, as a member or as a guest (S15, S30). Its address is used to answer it and for nothing
    else (S16, P8).

    `since`: from when the side whose turn it is waits. `needs_us`: it is our turn. `due_at` is the next moment by
    which we want to have acted, in opening hours; `resolve_left` are the seconds that the clock has left while it
    is the requester's turn.
    """

    KEEP_DAYS = 3 * 365  # after it is closed
    KEEP_DAYS_YOUNG = 365  # of somebody under 18 (S50)
    CLOSES_AFTER_DAYS = 7  # of a solved one
    WAITS_DAYS = 14  # for the requester, then it counts as solved

    class Kind(models.TextChoices):
        QUESTION = "question", _("A question or a problem")
        INVOICE = "invoice", _("An invoice")
        PRIVACY = "privacy", _("My personal data")
        POST = "post", _("A testimonial or forum post of mine")

    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting for the customer")
        SOLVED = "solved", _("Solved")
        CLOSED = "closed", _("Closed")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    class Channel(models.TextChoices):
        FORM = "form", _("Form")
        MAIL = "mail", _("E-mail")
        API = "api", _("API")

    class Rating(models.TextChoices):
        GOOD = "good", _("Good")
        BAD = "bad", _("Bad")

    OURS = (Status.NEW, Status.OPEN)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField(unique=True)
    secret_hash = models.CharField(max_length=64, unique=True)  # of the secret in the guest's link
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    name = models.CharField(max_length=80, blank=True)
    surname = models.CharField(max_length=80, blank=True)
    email = models.EmailField(max_length=254)
    company = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=250, blank=True)
    website = models.CharField(max_length=250, blank=True)
    language = models.CharField(max_length=10, default="en")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.QUESTION)
    channel = models.CharField(max_length=4, choices=Channel.choices, default=Channel.FORM)
    subject = models.CharField(max_length=LONGEST_SUBJECT)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    tags = models.ManyToManyField(RequestTag, blank=True, related_name="requests")
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="merged")
    last_message = models.PositiveIntegerField(default=0)  # the number of the last one
    needs_us = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True)
    first_due_at = models.DateTimeField(null=True, blank=True)
    resolve_due_at = models.DateTimeField(null=True, blank=True)
    resolve_left = models.PositiveIntegerField(null=True, blank=True)
    warned_for = models.DateTimeField(null=True, blank=True)  # the due time of which agents were warned
    alarmed_for = models.DateTimeField(null=True, blank=True)  # and the one that passed
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    rating = models.CharField(max_length=4, choices=Rating.choices, blank=True)
    rating_comment = models.CharField(max_length=1000, blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)
    client_id = models.UUIDField(unique=True, null=True, blank=True)  # of the form: sent twice, it is one request

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["new", "open", "waiting", "solved", "closed"]),
                name="support_supportrequest_status_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(needs_us=True, status__in=["new", "open"])
                | models.Q(needs_us=False, status__in=["waiting", "solved", "closed"]),
                name="support_supportrequest_turn_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=["low", "normal", "high", "urgent"]),
                name="support_supportrequest_priority_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["question", "invoice", "privacy", "post"]),
                name="support_supportrequest_kind_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=["form", "mail", "api"]), name="support_supportrequest_channel_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(rating__in=["", "good", "bad"]), name="support_supportrequest_rating_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(status="closed", closed_at__isnull=False)
                | ~models.Q(status="closed") & models.Q(closed_at__isnull=True),
                name="support_supportrequest_closed_when",
            ),
        ]
        indexes = [
            models.Index(fields=["since", "id"], name="support_request_turn", condition=models.Q(needs_us=True)),
            models.Index(fields=["status", "since", "id"], name="support_request_status"),
            models.Index(
                fields=["assignee", "since", "id"], name="support_request_mine", condition=models.Q(needs_us=True)
            ),
            models.Index(fields=["due_at", "id"], name="support_request_due", condition=models.Q(needs_us=True)),
            models.Index(fields=["priority", "since", "id"], name="support_request_prio"),
            models.Index(fields=["user", "-id"], name="support_request_user"),
            models.Index(fields=["email", "-id"], name="support_request_email"),
            models.Index(fields=["closed_at"], name="support_request_closed"),
        ]

    def __str__(self) -> str:
        return f"request {self.number}"

    @property
    def full_name(self) -> str:
        """What the requester is called; empty when no name was given."""
        return f"{self.name} {self.surname}".strip()

    @property
    def is_over(self) -> bool:
        """Whether it is solved or closed."""
        return self.status in (self.Status.SOLVED, self.Status.CLOSED)

    @property
    def can_be_rated(self) -> bool:
        """Whether the requester is asked how it was: once, after it was solved."""
        return self.is_over and not self.rating and self.answered_at is not None and self.merged_into_id is None


class RequestMessage(models.Model):
    """One message of a request. A note is for agents: it is never mailed and never shown to the requester."""

    class Author(models.TextChoices):
        REQUESTER = "requester", _("Requester")
        AGENT = "agent", _("Agent")
        NOTE = "note", _("Internal note")

    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="messages", db_index=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=9, choices=Author.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(
        max_length=4, choices=SupportRequest.Channel.choices, default=SupportRequest.Channel.FORM
    )
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    client_id = models.UUIDField(unique=True, null=True, blank=True)  # of the form: sent twice, it is one message
    mail_id = models.CharField(max_length=255, unique=True, null=True, blank=True)  # noqa: DJ001  null: not by mail

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="support_requestmessage_number_once"),
            models.CheckConstraint(
                condition=models.Q(author__in=["requester", "agent", "note"]),
                name="support_requestmessage_author_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.number} of request {self.request_id}"


class RequestFile(models.Model):
    """A file of a message: judged by content, on the disk below FILES_ROOT, only ever downloaded."""

    message = models.ForeignKey(RequestMessage, on_delete=models.CASCADE, related_name="files")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    path = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"file {self.pk}"


class RequestEvent(models.Model):
    """What happened to a request besides messages, for its page and its clock."""

    class Kind(models.TextChoices):
        MADE = "made", _("Received")
        ASSIGNED = "assigned", _("Assigned")
        STATUS = "status", _("Status")
        PRIORITY = "priority", _("Priority")
        TAGGED = "tagged", _("Tags")
        MERGED = "merged", _("Merged")
        RATED = "rated", _("Rated")
        WARNED = "warned", _("Due soon")
        LATE = "late", _("Overdue")

    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    value = models.CharField(max_length=80, blank=True)  # a status, a priority, a tag, a number; never a name
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["made", "assigned", "status", "priority", "tagged", "merged", "rated", "warned", "late"]
                ),
                name="support_requestevent_kind_valid",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of request {self.request_id}"


class SavedReply(models.Model):
    """A text that agents use again, with placeholders."""

    MOST = 500

    title = models.CharField(max_length=80)
    text = models.TextField(max_length=LONGEST_TEXT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(Lower("title"), name="support_savedreply_once")]

    def __str__(self) -> str:
        return f"saved reply {self.pk}"


class DeskHours(models.Model):
    """When the agents are there and how fast they want to be; one row (operators/hours.py reads the week)."""

    zone = models.CharField(max_length=64, default="UTC")
    week = models.JSONField(default=default_week)
    holidays = models.JSONField(default=list)
    targets = models.JSONField(default=default_targets)

    def __str__(self) -> str:
        return "hours of the desk"

    def target(self, priority: str) -> tuple[int, int]:
        """Minutes of open time until the first answer and until it is solved."""
        known: dict[str, Any] = {**default_targets(), **self.targets}
        first, resolve = known[priority]
        return int(first), int(resolve)


class StaffGrant(AccountOwned):
    """Leave for our support agents to read an account's chats for a while: given by an owner, or in an emergency by
    two of our staff (P13). It opens at `starts_at` and is over at `ends_at`, to the second."""

    HOURS = (1, 4, 24, 72, 168)
    EMERGENCY_HOURS = 1

    class Kind(models.TextChoices):
        GIVEN = "given", _("Given by an owner")
        EMERGENCY = "emergency", _("Emergency")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField(null=True, blank=True)  # None: an emergency that nobody approved yet
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_early = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["given", "emergency"]), name="support_staffgrant_kind_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True, ends_at__isnull=True)
                | models.Q(starts_at__lte=models.F("ends_at")),
                name="support_staffgrant_has_end",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("asked_by")),
                name="support_staffgrant_two_people",
            ),
        ]
        indexes = [models.Index(fields=["account", "ends_at"], name="support_staffgrant_open")]

    def __str__(self) -> str:
        return f"staff grant {self.pk}"

    def is_open(self, now: Any = None) -> bool:
        """Whether it lets our agents read at this moment."""
        now = now or timezone.now()
        return self.starts_at is not None and self.ends_at is not None and self.starts_at <= now < self.ends_at


class StaffLook(AccountOwned):
    """One look of a support agent at the chats of an account; `chat` is None for the list of them."""

    grant = models.ForeignKey(StaffGrant, on_delete=models.CASCADE, related_name="looks")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    chat = models.ForeignKey("chat.Chat", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="support_stafflook_of_account")]

    def __str__(self) -> str:
        return f"look {self.pk}"
