"""Disclosures that somebody demands by law: ground, scope, two of our officers, the hash of what was sent (S52)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LegalDisclosure(models.Model):
    """One demand for personal data and what became of it. Nothing leaves before a second officer approved it.

    `copy_hash` is the SHA-256 of the file that was sent; the file itself is not kept here. A person is told at once
    (`told_on`), or later where the demand forbids it until a day (`silent_until`).
    """

    class Ground(models.TextChoices):
        LAW = "law", _("A law demands it")
        COURT = "court", _("Subpoena or order of a court")
        RIGHTS = "rights", _("To protect the rights of others")
        SAFETY = "safety", _("To protect the safety of a person")
        FRAUD = "fraud", _("To stop fraud")
        GOVERNMENT = "government", _("Request of a government body")
        SECURITY = "security", _("Security of this site")
        CLAIMS = "claims", _("Legal claims")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ground = models.CharField(max_length=10, choices=Ground.choices)
    requester = models.CharField(max_length=200)
    reference = models.CharField(max_length=100, blank=True)
    scope = models.TextField(max_length=2000)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    copy_hash = models.CharField(max_length=64, blank=True)
    told_on = models.DateField(null=True, blank=True)
    silent_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    ground__in=["law", "court", "rights", "safety", "fraud", "government", "security", "claims"]
                ),
                name="privacy_legaldisclosure_ground_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("asked_by")),
                name="privacy_legaldisclosure_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True)
                | (models.Q(approved_at__isnull=False) & ~models.Q(copy_hash="")),
                name="privacy_legaldisclosure_sent_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True)
                | models.Q(told_on__isnull=False)
                | models.Q(silent_until__isnull=False),
                name="privacy_legaldisclosure_told_or_silent",
            ),
        ]

    def __str__(self) -> str:
        return f"L-{self.pk}"
