"""Lists of people, accounts and memberships for administrators."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import actions, queries
from accounts.models import Account, Membership, SignInProvider, StaffAssignment, User
from core.admin_base import SiteModelAdmin
from core.errors import Refused


def staff_pk(request: HttpRequest) -> int:
    """Who acts; the site let only signed-in staff in."""
    return request.user.pk or 0


class TrialFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("trial", _("In its trial")), ("prolonged", _("Prolonged")), ("over", _("Over")), ("free", _("No end"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        now = timezone.now()
        if self.value() == "trial":
            return queryset.filter(trial_ends_at__gt=now)
        if self.value() == "prolonged":
            return queryset.filter(active_until__gt=now)
        if self.value() == "over":
            return queryset.filter(trial_ends_at__lte=now).exclude(active_until__gt=now)
        if self.value() == "free":
            return queryset.filter(trial_ends_at=None)
        return queryset


@admin.register(Account)
class AccountAdmin(SiteModelAdmin):
    list_display = ["slug", "company", "website", "trial_ends_at", "active_until", "created_at"]
    list_filter = [TrialFilter]
    search_fields = ["slug__startswith", "website"]
    search_help_text = _("The beginning of the short name, or a part of the website")
    ordering = ["-pk"]
    fields = [
        "public_id", "slug", "company", "address", "website", "time_zone", "created_at",
        "trial_ends_at", "active_until", "chat_keep_days", "truncate_addresses",
    ]  # fmt: skip
    editable = ("active_until",)
    actions = ["prolong"]

    def write(self, request: HttpRequest, row: Account, changes: dict[str, Any]) -> None:
        actions.set_active_until(account_id=row.pk, until=changes["active_until"], by_user_id=staff_pk(request))

    @admin.action(description=_("Prolong by 30 days"), permissions=["change"])
    def prolong(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        done = 0
        for pk in list(queryset.values_list("pk", flat=True)):
            try:
                actions.prolong_account(account_id=pk, days=30, by_user_id=staff_pk(request))
                done += 1
            except Refused as refused:
                self.message_user(request, str(refused.message), messages.ERROR)
        text = ngettext("%(count)d account prolonged.", "%(count)d accounts prolonged.", done)
        self.message_user(request, text % {"count": done})


@admin.register(User)
class UserAdmin(SiteModelAdmin):
    list_display = ["pk", "email", "name", "surname", "is_active", "is_staff", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["pk"]
    search_help_text = _("A whole e-mail address, or a number")
    ordering = ["-pk"]
    fields = [
        "public_id", "email", "name", "surname", "language", "is_active", "is_staff", "is_superuser",
        "over_thirteen_at", "last_login", "date_joined",
    ]  # fmt: skip
    editable = ("is_active", "is_staff")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        if term.isdecimal() and len(term) < 19:
            return queryset.filter(pk=int(term)), False
        return queryset.alias(lower_email=Lower("email")).filter(lower_email=term), False  # the unique index

    def write(self, request: HttpRequest, row: User, changes: dict[str, Any]) -> None:
        user, by = User.objects.get(pk=row.pk), staff_pk(request)
        if "is_staff" in changes:
            actions.set_staff(user=user, is_staff=changes["is_staff"], by_user_id=by)
        if "is_active" in changes:
            change = actions.reactivate_user if changes["is_active"] else actions.deactivate_user
            change(user=user, by_user_id=by)


@admin.register(Membership)
class MembershipAdmin(SiteModelAdmin):
    list_display = ["pk", "user", "account", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user", "account"]
    search_fields = ["account__slug__startswith"]
    search_help_text = _("The beginning of an account's short name")
    ordering = ["-pk"]
    fields = ["user", "account", "role", "created_at"]


class StaffAssignmentForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own classes are not generic at run time
    """Who gets a role: found by the whole e-mail address, as nobody may browse people here."""

    email = forms.EmailField(label=_("E-mail of the login"))

    def clean_email(self) -> str:
        self.person = queries.find_user_by_email(self.cleaned_data["email"])
        if self.person is None:
            raise forms.ValidationError(_("There is no active login with this e-mail"))
        return str(self.cleaned_data["email"])


@admin.register(StaffAssignment)
class StaffAssignmentAdmin(SiteModelAdmin):
    """Giving and taking a role; each is a line in the site's log, and acts on the person's next request."""

    form = StaffAssignmentForm
    list_display = ["pk", "user", "public_name", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user"]
    ordering = ["-pk"]
    fields = ["email", "role"]
    actions = None

    @admin.display(description=_("public name"))
    def public_name(self, row: StaffAssignment) -> str:
        return queries.public_name(row.user)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["email", "role"] if obj is None else ["user", "role", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["user", "role", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def save_model(self, request: HttpRequest, obj: StaffAssignment, form: Any, change: bool) -> None:
        row = actions.give_role(user=form.person, role=form.cleaned_data["role"], by_user_id=staff_pk(request))
        obj.pk, obj.user = row.pk, row.user

    def delete_model(self, request: HttpRequest, obj: StaffAssignment) -> None:
        actions.take_role(user=obj.user, role=obj.role, by_user_id=staff_pk(request))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:accounts_staffassignment_changelist"))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            self.audit(request, "admin.deleted", row.pk)


class SignInProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own classes are not generic at run time
    """The fields of a service, with a box for a new secret: the stored one is never shown."""

    issuer = forms.URLField(
        max_length=200, assume_scheme="https", help_text=SignInProvider._meta.get_field("issuer").help_text
    )
    new_secret = forms.CharField(
        label=_("Secret"), required=False, widget=forms.PasswordInput(), help_text=_("Empty: the one that is stored.")
    )

    def clean_issuer(self) -> str:
        issuer: str = self.cleaned_data["issuer"]
        if not issuer.startswith("https://") or "?" in issuer or "#" in issuer:
            raise forms.ValidationError(_("An issuer begins with https:// and holds neither ? nor #"))
        return issuer


@admin.register(SignInProvider)
class SignInProviderAdmin(SiteModelAdmin):
    form = SignInProviderForm
    list_display = ["slug", "name", "issuer", "is_trusted", "is_on", "created_at"]
    list_filter = ["is_on", "is_trusted"]
    search_fields = ["slug__startswith"]
    search_help_text = _("The beginning of a short name")
    ordering = ["name"]
    fields = ["slug", "name", "issuer", "client_id", "new_secret", "hosts", "is_trusted", "is_on", "created_at"]
    editable = ("slug", "name", "issuer", "client_id", "new_secret", "hosts", "is_trusted", "is_on")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: SignInProvider, form: Any, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in self.editable if name in form.changed_data or not change}
        actions.save_provider(row=obj, changes=changes, by_user_id=staff_pk(request))
