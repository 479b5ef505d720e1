"""Operators: the members of an account who answer chats, and the invitations by which they come."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.scoping import AccountOwned


class Operator(AccountOwned):
    """An operator's working state. The person behind it is `membership.user`.

    Without a membership it is somebody who left: past chats keep the shown name, and `user` says whose it is.
    """

    class Status(models.TextChoices):
        ACCEPTING = "accepting", _("Accepting chats")
        AWAY = "away", _("Away, keep my chats")
        OFFLINE = "offline", _("Offline")

    membership = models.OneToOneField(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="operator"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    display_name = models.CharField(max_length=120)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACCEPTING)
    chat_limit = models.PositiveSmallIntegerField(default=5)
    open_chats = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)  # when the last chat was given to them: "in turn" reads it
    created_at = models.DateTimeField(default=timezone.now)

    own_groups: list[int]  # keys of their groups, where a query has read them

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["accepting", "away", "offline"]), name="operators_operator_status_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(chat_limit__gte=1, chat_limit__lte=50), name="operators_operator_chat_limit_range"
            ),
        ]

    def __str__(self) -> str:
        return f"operator {self.pk}"


class Group(AccountOwned):
    """A department: operators who answer the same kind of chats."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    chat_limit = models.PositiveIntegerField(default=0)  # open chats of the whole group at once; 0: no limit
    queue_limit = models.PositiveIntegerField(default=0)  # as many wait for it at most; 0: any number
    created_at = models.DateTimeField(default=timezone.now)
    operators = models.ManyToManyField(Operator, through="GroupMember", related_name="groups")

    class Meta:
        constraints = [models.UniqueConstraint("account", Lower("name"), name="operators_group_name_once")]

    def __str__(self) -> str:
        return f"group {self.pk}"


class GroupMember(AccountOwned):
    """An operator in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="group_places")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "operator"], name="operators_groupmember_once")]

    def __str__(self) -> str:
        return f"operator {self.operator_id} in group {self.group_id}"


class OpeningHours(AccountOwned):
    """When an account, or one of its groups, answers: local times of its week, and holidays (operators/hours.py)."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="hours")
    is_on = models.BooleanField(default=False)  # off: whenever somebody accepts chats
    week = models.JSONField(default=dict)  # {"mon": [["09:00", "17:00"]], ...}
    holidays = models.JSONField(default=list)  # [{"date": "2026-12-25", "name": "Christmas"}]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(group__isnull=True), name="operators_hours_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"hours of group {self.group_id}" if self.group_id else f"hours of account {self.account_id}"


class StatusChange(AccountOwned):
    """When an operator began to accept, went away or offline: the working hours of the account's reports (S23)."""

    KEEP_DAYS = 400  # a year to compare with, and its month

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=16, choices=Operator.Status.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["accepting", "away", "offline"]),
                name="operators_statuschange_status_valid",
            ),
        ]
        indexes = [models.Index(fields=["operator", "-at"], name="operators_statuschange_last")]

    def __str__(self) -> str:
        return f"{self.operator_id}: {self.status}"


class Invitation(AccountOwned):
    """One address that somebody of the account invited: one row, and one first mail, for ever (S96, P5).

    `address_hash` outlives the address. `token_hash` is that of the link in the newest mail, `link_hash` that of the
    newest copied link: only the first proves the address. `sends` counts how often a person pressed "Send again".
    `claimed_by` filled in the form of a copied link and must still confirm the address.
    """

    LIFE = timedelta(days=7)
    KEEP_DAYS = 30  # after the last mail, name and address of who did not answer are erased
    MOST_SENDS = 3
    ROLES = (Membership.Role.ADMIN, Membership.Role.OPERATOR)  # owners are made by owners, on the team page

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        REMOVED = "removed", _("Not invited")
        REVOKED = "revoked", _("Withdrawn")
        EXPIRED = "expired", _("Ended")

    class Source(models.TextChoices):
        HAND = "hand", _("By hand")
        IMPORT = "import", _("Spreadsheet")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address_hash = models.CharField(max_length=64)
    email = models.EmailField(max_length=254, blank=True)
    name = models.CharField(max_length=160, blank=True)
    role = models.CharField(max_length=16, choices=Membership.Role.choices)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.HAND)
    invited_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    token_hash = models.CharField(max_length=64, blank=True)
    link_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    sends = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "address_hash"], name="operators_invitation_once"),
            models.UniqueConstraint(
                fields=["token_hash"], condition=~models.Q(token_hash=""), name="operators_invitation_token_unique"
            ),
            models.UniqueConstraint(
                fields=["link_hash"], condition=~models.Q(link_hash=""), name="operators_invitation_link_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "accepted", "removed", "revoked", "expired"]),
                name="operators_invitation_state_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=["hand", "import"]), name="operators_invitation_source_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["admin", "operator"]), name="operators_invitation_role_valid"
            ),
            models.CheckConstraint(condition=models.Q(sends__lte=3), name="operators_invitation_sends_range"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "expired"]) | models.Q(email="", name=""),
                name="operators_invitation_answered_forgets",
            ),
        ]
        indexes = [models.Index(fields=["address_hash"], name="operators_invitation_address")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def sends_left(self) -> int:
        """How often a person can still press "Send again"."""
        return self.MOST_SENDS - self.sends

    def is_open(self, now: datetime | None = None) -> bool:
        """Whether its link can still be accepted."""
        return self.state == self.State.WAITING and self.expires_at > (now or timezone.now())


class ImportDraft(AccountOwned):
    """A list of people read from a spreadsheet, to be checked and confirmed. The file itself is kept nowhere (S95).

    It is deleted an hour after it was confirmed, or an hour after the upload; `header` is the row of the headings, 0
    for a file without any.
    """

    LIFE = timedelta(hours=1)

    class State(models.TextChoices):
        PREVIEW = "preview", _("To be checked")
        CONFIRMED = "confirmed", _("Confirmed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    read_by = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    header = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PREVIEW)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="preview", confirmed_at__isnull=True)
                | models.Q(state="confirmed", confirmed_at__isnull=False),
                name="operators_importdraft_state_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def ends_at(self) -> datetime:
        """When the rows are deleted."""
        return (self.confirmed_at or self.created_at) + self.LIFE


class ImportRow(AccountOwned):
    """One row of the list: name and e-mail, and nothing else of the file (S47).

    `number` is the row that Excel shows; `first` is the number of the row with the same address, of a duplicate.
    """

    LONGEST = 300  # what is kept of a cell; longer ones are refused anyway

    class Code(models.TextChoices):
        CREATED = "created", _("Is invited")
        MISSING_EMAIL = "missing_email", _("No e-mail")
        INVALID_EMAIL = "invalid_email", _("E-mail not complete")
        MISSING_NAME = "missing_name", _("No name")
        INVALID_NAME = "invalid_name", _("Not a name")
        NAME_TOO_LONG = "name_too_long", _("Name too long")
        FORMULA = "formula", _("A formula")
        DUPLICATE_IN_FILE = "duplicate_in_file", _("Twice in the file")
        ALREADY_OPERATOR = "already_operator", _("In the team already")
        ALREADY_INVITED = "already_invited", _("Invited already")
        NOT_INVITED = "not_invited", _("Not invited")
        LEFT_OUT = "left_out", _("Left out")

    SKIPPED = (Code.DUPLICATE_IN_FILE, Code.ALREADY_OPERATOR, Code.ALREADY_INVITED, Code.NOT_INVITED, Code.LEFT_OUT)

    draft = models.ForeignKey(ImportDraft, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=LONGEST, blank=True)
    email = models.CharField(max_length=LONGEST, blank=True)
    role = models.CharField(max_length=16, choices=Membership.Role.choices, default=Membership.Role.OPERATOR)
    has_formula = models.BooleanField(default=False)
    code = models.CharField(max_length=24, choices=Code.choices)
    first = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="operators_importrow_once"),
            models.CheckConstraint(condition=models.Q(role__in=["admin", "operator"]), name="operators_importrow_role"),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of import {self.draft_id}"

    @property
    def is_invited(self) -> bool:
        """Whether the row is, or would be, invited."""
        return self.code == self.Code.CREATED
