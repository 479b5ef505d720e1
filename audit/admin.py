"""The records of recipients, to review them once a year at least."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.actions import review_recipient
from audit.models import RecipientRecord
from core.admin_base import SiteModelAdmin


@admin.register(RecipientRecord)
class RecipientRecordAdmin(SiteModelAdmin):
    list_display = ["key", "agreement", "agreed_on", "review_on", "since"]
    ordering = ["review_on", "key"]
    fields = ["key", "since", "agreement", "agreed_on", "review_on", "note"]
    editable = ("agreement", "agreed_on", "review_on", "note")

    def write(self, request: HttpRequest, row: Any, changes: dict[str, Any]) -> None:
        review_recipient(record_pk=row.pk, changes=changes, by=request.user.pk or 0)
