"""Versions of the policy and the terms, who accepted which, and receipts of consent."""

import uuid
from datetime import date, datetime

from django.conf import settings
from django.db import models


class VersionQuerySet(models.QuerySet["Version"]):
    def in_force(self, kind: str, at: datetime) -> "VersionQuerySet":
        return self.binding(at).filter(kind=kind).order_by("-number")

    def binding(self, at: datetime) -> "VersionQuerySet":
        """Those that had taken effect by then: on their date, and a material one only when people were told (S104)."""
        return self.filter(self.told(), effective_at__lte=at)

    def untold(self) -> "VersionQuerySet":
        """Material versions whose notices are not all out yet."""
        return self.exclude(self.told())

    @staticmethod
    def told() -> models.Q:
        return models.Q(material=False) | models.Q(number=1) | models.Q(notified_at__isnull=False)


class Version(models.Model):
    """One immutable, numbered text. `effective_at` is the date of effect, `edited_at` that of the last edit (S1).

    `notified_at`: since when every owner's mail about a material version is out and the site shows its notice. Without
    it the version does not take effect; where it comes late, the date of effect moves with it (S104).
    """

    class Kind(models.TextChoices):
        POLICY = "policy", "Privacy policy"
        TERMS = "terms", "Terms"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    short = models.JSONField(default=list)  # what changed, in short: a list of sentences
    material = models.BooleanField(default=False)
    edited_at = models.DateTimeField()
    published_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    text_hash = models.CharField(max_length=64)
    notified_at = models.DateTimeField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="policies_version_number_unique"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["policy", "terms"]), name="policies_version_kind_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.number}"

    @property
    def waits_for_notices(self) -> bool:
        """Whether it cannot take effect because not everybody was told."""
        return self.material and self.number > 1 and self.notified_at is None


class Sentence(models.Model):
    """One sentence of a version: its stable id, text, the promise rows it covers and the probe that checks it."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="sentences")
    position = models.PositiveIntegerField()
    section = models.CharField(max_length=120)
    ident = models.CharField(max_length=64)
    text = models.TextField()
    rows = models.JSONField(default=list)
    probe = models.CharField(max_length=64, blank=True)
    no_probe = models.CharField(max_length=200, blank=True)  # why the sentence needs no probe

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "ident"], name="policies_sentence_ident_unique"),
            models.CheckConstraint(
                condition=~models.Q(probe="") | ~models.Q(no_probe=""), name="policies_sentence_probe_or_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.ident


class Acceptance(models.Model):
    """Proof that a person accepted a version: which, the hash of its text, when and how (S2)."""

    class Channel(models.TextChoices):
        SIGNUP = "signup", "Sign-up"
        SITE = "site", "On the site"
        INVITATION = "invitation", "Invitation"
        SEED = "seed", "Demo data"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="acceptances")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="acceptances")
    text_hash = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()
    channel = models.CharField(max_length=16, choices=Channel.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "version"], name="policies_acceptance_once"),
            models.CheckConstraint(
                condition=models.Q(channel__in=["signup", "site", "invitation", "seed"]),
                name="policies_acceptance_channel_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}, version {self.version_id}"


class Receipt(models.Model):
    """What a person said yes to: the sentence that was shown, its hash, when and where; never changed but withdrawn.

    `subject` is a word such as "user:12" and no key, so that a receipt can be about a visitor or a guest too (P16).
    """

    class Channel(models.TextChoices):
        SITE = "site", "On the site"
        CHAT = "chat", "In the chat"
        LINK = "link", "By a link in a mail"
        MAIL = "mail", "By mail"
        STAFF = "staff", "By our staff, as asked"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    text = models.TextField()
    text_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=16, choices=Channel.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="policies_receipt_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=["site", "chat", "link", "mail", "staff"]),
                name="policies_receipt_channel_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by="")
                | models.Q(
                    withdrawn_at__gte=models.F("given_at"), withdrawn_by__in=["site", "chat", "link", "mail", "staff"]
                ),
                name="policies_receipt_withdrawn_whole",
            ),
        ]
        indexes = [models.Index(fields=["subject", "given_at"], name="policies_receipt_subject")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.purpose}"


class ProbeRun(models.Model):
    """The last result of a live probe on this installation, and of a build probe as shipped."""

    key = models.CharField(max_length=64, unique=True)
    holds = models.BooleanField()
    figure = models.CharField(max_length=300)
    ran_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    commit = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.key


class ProbeDay(models.Model):
    """How a probe stood on one day (UTC): the worst that was seen of it, so that a bad hour is not painted over."""

    class Result(models.TextChoices):
        KEPT = "kept", "Kept"
        LATE = "late", "Late"
        BROKEN = "broken", "Broken"

    key = models.CharField(max_length=64)
    day = models.DateField()
    result = models.CharField(max_length=8, choices=Result.choices)
    figure = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["key", "day"]
        constraints = [
            models.UniqueConstraint(fields=["key", "day"], name="policies_probeday_once"),
            models.CheckConstraint(
                condition=models.Q(result__in=["kept", "late", "broken"]), name="policies_probeday_result_valid"
            ),
        ]
        indexes = [models.Index(fields=["day"], name="policies_probeday_day")]

    def __str__(self) -> str:
        return f"{self.key}, {self.day}: {self.result}"


class LegalEntity(models.Model):
    """Who decides how data is used (S7). Another one takes over with the material policy version that says so (S60).

    Rows are never changed or deleted: what people accepted under the one before goes on to bind its successor (S61).
    """

    name = models.CharField(max_length=120)
    office = models.CharField("registered office", max_length=300)
    registration = models.CharField("registration number", max_length=80, blank=True)
    predecessor = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successor"
    )
    version = models.OneToOneField(
        Version, on_delete=models.PROTECT, null=True, blank=True, related_name="takeover"
    )  # null: the first one, and one that was written down before there was a policy
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "legal entities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(predecessor__isnull=True) | models.Q(version__isnull=False),
                name="policies_legalentity_takeover_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Framework(models.Model):
    """A membership in a privacy framework, as a dated record (S3). Only `state_on` says whether it holds."""

    name = models.CharField(max_length=120)
    certificate = models.CharField(max_length=120)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name", "since"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="policies_framework_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.certificate}"

    def state_on(self, day: date) -> str:
        """How it stands on a day: "withdrawn", "coming", "lapsed" or "active"."""
        if self.withdrawn_on and self.withdrawn_on <= day:
            return "withdrawn"
        if self.since > day:
            return "coming"
        return "lapsed" if self.until and self.until < day else "active"


class OfficerContact(models.Model):
    """How the privacy officer is reached by mail and post (S8); the newest counts, while its person has the role."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField()
    post = models.CharField("postal address", max_length=300)
    since = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"user {self.user_id}"


class DisputeBody(models.Model):
    """The independent body to which a complaint goes that we leave open (S6); the newest record counts."""

    name = models.CharField(max_length=120)
    url = models.URLField("address on the web", max_length=300)
    post = models.CharField("postal address", max_length=300)
    since = models.DateTimeField()

    class Meta:
        verbose_name_plural = "dispute bodies"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class Doubt(models.Model):
    """Somebody found that a check is wrong: it counts as broken, in public, until what was found is written (P1)."""

    key = models.CharField("check", max_length=64, db_index=True)
    text = models.CharField("what is said to be wrong", max_length=500)
    since = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField("what was found", max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"
