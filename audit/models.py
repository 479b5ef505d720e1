"""Append-only, hash-chained records: who did what, and who received what. Pseudonymous ids only."""

from django.db import models


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
