"""People, companies and their memberships."""

import uuid
import zoneinfo
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(AbstractBaseUser, PermissionsMixin):
    """A person with a login. The e-mail is the login; there is no username."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("first name"), max_length=80)
    surname = models.CharField(_("surname"), max_length=80, blank=True)
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)  # empty: that of the account at work
    photo_key = models.CharField(max_length=32, blank=True, db_index=True)  # names the files of accounts/photo_files.py
    erase_at = models.DateTimeField(null=True, blank=True)  # left: until then they can come back
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    over_thirteen_at = models.DateTimeField(null=True, blank=True)
    is_minor = models.BooleanField(default=False)  # said to be 13 to 17: the photo is not shown in public (S50)
    minor_by_staff = models.BooleanField(default=False)  # then the person cannot take it back (S50)
    suspended_at = models.DateTimeField(null=True, blank=True)  # cannot write in public (S53)
    display_name = models.CharField(max_length=40, blank=True)  # all that the public reads of a member (S84)
    handle = models.CharField(max_length=16, null=True, blank=True, unique=True, editable=False)  # with the first name
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_unique")]

    def __str__(self) -> str:
        return f"user {self.pk}"

    def get_full_name(self) -> str:
        return f"{self.name} {self.surname}".strip()

    def get_short_name(self) -> str:
        return self.name


class Account(models.Model):
    """A customer's company on this site (tenant)."""

    class AccessMode(models.TextChoices):
        EVERYONE = "everyone", _("Everyone on the team, from anywhere")
        LISTED = "listed", _("Everyone on the team, from limited IP addresses")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    company = models.CharField(_("company"), max_length=120)
    address = models.CharField(_("address"), max_length=250)
    website = models.URLField(_("website"), max_length=250)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    trial_ends_at = models.DateTimeField(null=True, blank=True)  # None: no trial on this site (TRIAL_DAYS=0)
    active_until = models.DateTimeField(null=True, blank=True)  # set by an administrator
    chat_keep_days = models.PositiveSmallIntegerField(default=90)
    truncate_addresses = models.BooleanField(default=False)  # S14: visitors' addresses are cut before they are stored
    access_mode = models.CharField(max_length=16, choices=AccessMode.choices, default=AccessMode.EVERYONE)
    suspended_at = models.DateTimeField(null=True, blank=True)  # by our staff, after a notice (S53)
    erase_at = models.DateTimeField(null=True, blank=True)  # closed by an owner: until then it can be opened again
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(chat_keep_days__gte=7, chat_keep_days__lte=730),
                name="accounts_account_keep_days_range",
            ),
            models.CheckConstraint(
                condition=models.Q(access_mode__in=["everyone", "listed"]), name="accounts_account_access_mode_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def ends_at(self) -> datetime | None:
        """The instant after which the account is read-only; None: never."""
        if self.trial_ends_at is None:
            return None
        return max(self.trial_ends_at, self.active_until) if self.active_until else self.trial_ends_at

    def is_read_only(self, now: datetime | None = None) -> bool:
        """Whether it is closed by an owner, suspended (S53), or its trial is over and nobody prolonged it (S11)."""
        ends_at = self.ends_at
        if self.erase_at is not None or self.suspended_at is not None:
            return True
        return ends_at is not None and (now or timezone.now()) >= ends_at

    def trial_days_left(self, now: datetime | None = None) -> int | None:
        """Whole days left of the trial, rounded up; None where there is no trial or it was prolonged."""
        if self.trial_ends_at is None or (self.active_until and self.active_until > self.trial_ends_at):
            return None
        seconds = (self.trial_ends_at - (now or timezone.now())).total_seconds()
        return max(0, -int(-seconds // 86400))


class Membership(models.Model):
    """A person's place in an account, with the role that the table in accounts/roles.py reads."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        ADMIN = "admin", _("Admin")
        OPERATOR = "operator", _("Operator")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="accounts_membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "admin", "operator"]), name="accounts_membership_role_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in account {self.account_id}: {self.role}"

    @property
    def time_zone(self) -> str:
        """In which zone the member reads times: their own, else that of the account."""
        return self.user.time_zone or self.account.time_zone


class ProfileChange(models.Model):
    """One correction of a person's own data: what was changed and when; the old value is shown to that person only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=40)  # a field of User, or a word of the site's log: "password.changed"
    old_value = models.CharField(max_length=254, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "-changed_at"], name="accounts_change_of_user")]

    def __str__(self) -> str:
        return f"profile change {self.pk}"


class StaffRole(models.TextChoices):
    """What somebody of our own staff does here; administrators are `is_superuser` and hold none of these."""

    SUPPORT_AGENT = "support_agent", _("Support agent")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")


class StaffAssignment(models.Model):
    """A role that an administrator gave to a person of our own staff; taking it away deletes the row."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(_("role"), max_length=20, choices=StaffRole.choices)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("role of our staff")
        verbose_name_plural = _("roles of our staff")
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="accounts_staffassignment_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["support_agent", "privacy_officer"]),
                name="accounts_staffassignment_role_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}: {self.role}"


class MemberBlock(models.Model):
    """A member who wants to read and hear nothing of another one; the other is not told."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "blocked"], name="accounts_memberblock_once"),
            models.CheckConstraint(
                condition=~models.Q(user=models.F("blocked")), name="accounts_memberblock_not_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} blocks user {self.blocked_id}"


class ApiKey(AccountOwned):
    """A program's way in: it acts as one member of one account, within the scopes that the member gave it.

    The secret is shown once and kept only as its SHA-256; it has 256 random bits, so no slow hash is needed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=16, editable=False)  # the part that stays readable: "lc_4e07c2"
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.CharField(max_length=400)  # words of accounts.roles.SCOPES, separated by spaces
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "membership"], name="accounts_apikey_of_account")]

    def __str__(self) -> str:
        return f"API key {self.pk}"

    @property
    def scope_set(self) -> frozenset[str]:
        """The scopes as a set of actions."""
        return frozenset(self.scopes.split())

    def is_open(self, now: datetime | None = None) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > (now or timezone.now()))


class AccessRule(AccountOwned):
    """An address or a range from which the account's members may come in, while its access mode is `listed`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    network = models.CharField(max_length=43)  # as accounts.networks writes it: "198.51.100.0/24", "2001:db8::1"
    label = models.CharField(max_length=60, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "network"], name="accounts_accessrule_once")]

    def __str__(self) -> str:
        return f"access rule {self.pk}"


RECOVERY_MINUTES = 30


class AccessRecovery(AccountOwned):
    """A link that was mailed to an owner and opens the account's access to everyone, once, for 30 minutes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "created_at"], name="accounts_recovery_of_account")]

    def __str__(self) -> str:
        return f"access recovery {self.pk}"


class SignInProvider(models.Model):
    """An OpenID Connect service that an administrator added: people may log in with their account there."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True, help_text=_("Stands in addresses."))
    name = models.CharField(_("name"), max_length=40, help_text=_("Stands on the button."))
    issuer = models.URLField(_("issuer"), max_length=200, unique=True, help_text=_("Exactly as the service writes it."))
    client_id = models.CharField(_("client ID"), max_length=190)
    secret = models.TextField(blank=True)  # sealed
    hosts = models.CharField(
        _("further hosts"),
        max_length=400,
        blank=True,
        help_text=_("When token or keys are on other hosts than the issuer; separated by spaces."),
    )
    is_trusted = models.BooleanField(
        _("trusted"), default=False, help_text=_("An e-mail counts as proved when this service says so.")
    )
    is_on = models.BooleanField(_("on"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("sign-in provider")

    def __str__(self) -> str:
        return self.slug
