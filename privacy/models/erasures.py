"""Plans of erasures, from the frozen keys to the signed certificate, and legal holds (P6)."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ErasurePlan(models.Model):
    """One erasure. `refs` and `keys` say what goes, `needles` what must be found nowhere afterwards.

    All three are emptied once the certificate is made: what stays are counts. `done` names the tables that are
    finished, so that a run that was killed goes on. `case_ref` is the number of the row of the privacy case.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CONFIRMED = "confirmed", _("Confirmed")
        REOPENED = "reopened", _("Something was found")
        DONE = "done", _("Erased")

    KEEP_DAYS = 7  # a plan that nobody confirmed
    KEEP_DONE_DAYS = 3 * 365  # a certificate

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_ref = models.BigIntegerField(null=True, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    refs = models.JSONField(default=list)
    keys = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    needles = models.JSONField(default=list)
    done = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    accepted_because = models.CharField(max_length=500, blank=True)
    certificate = models.TextField(blank=True)
    planned_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planned", "confirmed", "reopened", "done"]),
                name="privacy_erasureplan_state_valid",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(certificate=""), name="privacy_erasureplan_done_has_certificate"
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Hold(models.Model):
    """A legal hold: everything about these people stays until `review_on`, whatever else says delete."""

    refs = models.JSONField(_("people"), default=list)
    reason = models.CharField(_("reason"), max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    review_on = models.DateField(_("look at it again on"))
    placed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["review_on", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="privacy_hold_has_reason")]

    def __str__(self) -> str:
        return f"hold {self.pk}"
