"""Versions of policy and terms: to read, and to schedule the next one; a published version is immutable."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin_base import SiteModelAdmin
from policies.actions import publish_version
from policies.models import Version


@admin.register(Version)
class VersionAdmin(SiteModelAdmin):
    list_display = ["kind", "number", "title", "material", "published_at", "effective_at"]
    list_filter = ["kind", "material"]
    ordering = ["-pk"]
    fields = [
        "kind", "number", "title", "material", "effective_at", "edited_at", "published_at", "short", "text_hash",
    ]  # fmt: skip
    scheduled = ("kind", "material", "effective_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.scheduled

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("policies.add_version")

    def save_model(self, request: HttpRequest, obj: Version, form: Any, change: bool) -> None:
        """Makes the next version from the text file that was shipped, with the chosen date of effect."""
        made = publish_version(kind=obj.kind, effective_at=obj.effective_at, material=obj.material)
        obj.__dict__.update(made.__dict__)
