"""Versions of policy and terms: to read, and to schedule the next one; a published version is immutable."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin_base import SiteModelAdmin
from core.promises import registry
from policies.actions import (
    publish_version,
    record_dispute_body,
    record_doubt,
    record_entity,
    record_framework,
    record_officer_contact,
    settle_doubt,
    withdraw_framework,
)
from policies.models import DisputeBody, Doubt, Framework, LegalEntity, OfficerContact, Version


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


class Recorded(SiteModelAdmin):
    """A record that is added by an action and read afterwards."""

    asked: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def add(self, obj: Any) -> Any:
        """Calls the action that writes the record; answers the row."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.__dict__.update(self.add(obj).__dict__)
        else:
            super().save_model(request, obj, form, change)


@admin.register(LegalEntity)
class LegalEntityAdmin(Recorded):
    """Adding one beside the first makes a material version of the policy, and mails to everybody (S60)."""

    list_display = ["name", "office", "registration", "version", "recorded_at"]
    list_select_related = ["version"]
    ordering = ["-pk"]
    fields = ["name", "office", "registration", "predecessor", "version", "recorded_at"]
    asked = ("name", "office", "registration")

    def add(self, obj: LegalEntity) -> LegalEntity:
        return record_entity(name=obj.name, office=obj.office, registration=obj.registration)


@admin.register(Framework)
class FrameworkAdmin(Recorded):
    list_display = ["name", "certificate", "since", "until", "withdrawn_on"]
    fields = ["name", "certificate", "since", "until", "withdrawn_on"]
    asked = ("name", "certificate", "since", "until")
    actions = ["withdraw"]

    def add(self, obj: Framework) -> Framework:
        return record_framework(name=obj.name, certificate=obj.certificate, since=obj.since, until=obj.until)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.action(description=_("Withdrawn as of today"), permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Framework]) -> None:
        for one in queryset.filter(withdrawn_on=None):
            withdraw_framework(framework=one, on=timezone.now().date())


@admin.register(OfficerContact)
class OfficerContactAdmin(Recorded):
    list_display = ["user", "email", "post", "since"]
    list_select_related = ["user"]
    fields = ["user", "email", "post", "since"]
    asked = ("user", "email", "post")
    raw_id_fields = ["user"]

    def add(self, obj: OfficerContact) -> OfficerContact:
        return record_officer_contact(user=obj.user, email=obj.email, post=obj.post)


@admin.register(DisputeBody)
class DisputeBodyAdmin(Recorded):
    """Another one is added; the newest counts, and the earlier ones stay to be read."""

    list_display = ["name", "url", "post", "since"]
    fields = ["name", "url", "post", "since"]
    asked = ("name", "url", "post")

    def add(self, obj: DisputeBody) -> DisputeBody:
        return record_dispute_body(name=obj.name, url=obj.url, post=obj.post)


@admin.register(Doubt)
class DoubtAdmin(Recorded):
    """What somebody wrote to us about a check that shows a broken promise as kept; it is settled by what was found."""

    list_display = ["key", "text", "since", "settled_at"]
    fields = ["key", "text", "since", "finding", "settled_at"]
    asked = ("key", "text")
    editable = ("finding",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "key":
            checks = [(one.key, one.key) for one in sorted(registry, key=lambda probe: probe.key)]
            return forms.ChoiceField(label=_("Check"), choices=checks)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def add(self, obj: Doubt) -> Doubt:
        return record_doubt(key=obj.key, text=obj.text)

    def write(self, request: HttpRequest, row: Doubt, changes: dict[str, Any]) -> None:
        settle_doubt(doubt=row, finding=changes["finding"])
