"""Categories in the administration: the one thing of the forum that administrators make by hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_base import SiteModelAdmin
from forum import actions
from forum.models import Category


@admin.register(Category)
class CategoryAdmin(SiteModelAdmin):
    list_display = ["name", "slug", "order", "topic_count", "is_archived"]
    list_filter = ["is_archived"]
    search_fields = ["slug__startswith", "name"]
    search_help_text = _("The beginning of the short name, or a part of the name")
    ordering = ["order", "pk"]
    fields = ["name", "slug", "description", "icon", "order", "is_archived", "topic_count"]
    editable = ("name", "slug", "description", "icon", "order", "is_archived")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in self.editable if name in form.changed_data or not change}
        actions.save_category(category=obj, changes=changes)
