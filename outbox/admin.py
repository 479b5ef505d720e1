"""Deliveries in the admin: to look at, and to try again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin_base import SiteModelAdmin
from core.outbound import registry
from outbox import actions
from outbox.models import Delivery


class KindFilter(admin.SimpleListFilter):
    """By kind, from the declarations: the table is not asked which kinds it holds."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, key) for key in sorted(registry.kinds())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(SiteModelAdmin):
    list_display = ["id", "kind", "recipient", "state", "attempts", "due_at", "finished_at", "reason"]
    list_filter = ["state", KindFilter]
    search_fields = ["=recipient", "=key", "=message_id"]
    search_help_text = _("A recipient (user:12), a key or a Message-ID, in full")
    ordering = ["-pk"]
    actions = ["try_again"]

    def has_try_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("outbox.change_delivery"))

    @admin.action(description=_("Try again"), permissions=["try"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = actions.try_again(deliveries=list(queryset))
        said = ngettext("%(count)s delivery is due again.", "%(count)s deliveries are due again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
