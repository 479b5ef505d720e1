"""Chats for administrators: figures and states only; what was said, and by whom, is never here (S75)."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chat.models import Chat
from core.admin_base import SiteModelAdmin


@admin.register(Chat)
class ChatAdmin(SiteModelAdmin):
    list_display = ["pk", "account", "state", "started_at", "closed_at", "message_count", "rating"]
    list_filter = ["state", "rating"]
    list_select_related = ["account"]
    search_fields = ["account__slug__startswith"]
    search_help_text = _("The beginning of an account's short name")
    ordering = ["-pk"]
    fields = [
        "public_id", "account", "state", "started_at", "accepted_at", "closed_at", "closed_by", "message_count",
        "rating",
    ]  # fmt: skip
