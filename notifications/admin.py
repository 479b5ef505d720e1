"""Campaigns in the administration: written here, and sent by an action to those who said yes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin_base import SiteModelAdmin
from core.errors import Refused
from notifications import actions
from notifications.models import Campaign


@admin.register(Campaign)
class CampaignAdmin(SiteModelAdmin):
    list_display = ["subject", "created_at", "sent_at", "readers_count"]
    ordering = ["-pk"]
    fields = ["subject", "text", "created_at", "sent_at", "readers_count"]
    editable = ("subject", "text")
    actions = ["send"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        actions.save_campaign(campaign=obj, subject=form.cleaned_data["subject"], text=form.cleaned_data["text"])

    @admin.action(description=_("Send to everybody who said yes"), permissions=["change"])
    def send(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            try:
                count = actions.send_campaign(campaign=campaign, by=f"user:{request.user.pk}")
            except Refused as refused:
                self.message_user(request, f"{campaign}: {refused.message}", messages.ERROR)
            else:
                sent = ngettext("%(name)s: sent to %(count)d person", "%(name)s: sent to %(count)d people", count)
                self.message_user(request, sent % {"name": campaign, "count": count})
