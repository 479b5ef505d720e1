"""Append-only, hash-chained records: who did what, and who received what. Pseudonymous ids only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Chain(models.Model):
    """One chain of entries: one per account and one for the site (key "site")."""

    key = models.CharField(max_length=64, unique=True)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return self.key


class SubjectKey(models.Model):
    """The key behind a person's pseudonym in the log; erasure destroys it, and the pseudonym means nobody."""

    subject = models.CharField(max_length=64, unique=True)
    pseudonym = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.pseudonym


class Entry(models.Model):
    """One link of a chain: an audited act or a disclosure."""

    class Kind(models.TextChoices):
        ACT = "act", "Act"
        DISCLOSURE = "disclosure", "Disclosure"

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    index = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    actor = models.CharField(max_length=32, blank=True)
    subject = models.CharField(max_length=32, blank=True, db_index=True)
    action = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["chain", "index"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "index"], name="audit_entry_index_unique"),
            models.CheckConstraint(condition=models.Q(kind__in=["act", "disclosure"]), name="audit_entry_kind_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.chain_id}#{self.index} {self.action}"


class RecipientRecord(models.Model):
    """What we know of one declared recipient: the agreement with it and when we look at it again (S57, S58)."""

    key = models.CharField(max_length=64, unique=True)
    agreement = models.CharField(max_length=120, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    review_on = models.DateField()
    note = models.CharField(max_length=500, blank=True)
    since = models.DateField()

    def __str__(self) -> str:
        return self.key


class RecipientChange(models.Model):
    """One public line of the list's history: a recipient came, went, or its agreement or review changed (S57)."""

    class Kind(models.TextChoices):
        ADDED = "added", _("added")
        REVIEWED = "reviewed", _("reviewed")
        CHANGED = "changed", _("agreement changed")
        REMOVED = "removed", _("no longer receives anything")

    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["added", "reviewed", "changed", "removed"]),
                name="audit_recipientchange_kind_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.kind}"
