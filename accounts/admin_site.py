"""The admin site: administrators with a second factor, from the networks that may, every act of theirs in the log."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.staff import send_to_enrolment
from audit.actions import record, record_view
from core.admin_base import StaffAct, register_staff_log
from core.client_address import client_address, parse_address
from core.errors import not_found
from core.next_page import local_path

OTHERS_APPS = frozenset(
    {"account", "auth", "mfa", "socialaccount", "usersessions"}
)  # their rows are changed by their owners only


class AdminSite(admin.AdminSite):
    """/admin/ exists for administrators with an authenticator or a key; for everybody else it is not found."""

    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Records")
    enable_nav_sidebar = False  # it keeps a key in the browser
    login_template = None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Registers our own models; what a library registers for itself would write past our actions."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        for model in models:
            if model._meta.app_label not in OTHERS_APPS:
                super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return is_administrator(user) and is_network_allowed(request) and queries.has_second_factor(user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Log-in of the site; who has no second factor goes to its enrolment and then on (SAFETY: admin)."""
        target = local_path(request.GET.get("next", "")) or reverse("admin:index")
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(target, reverse("account_login"))
        if not is_administrator(user) or not is_network_allowed(request):
            raise not_found()
        if queries.has_second_factor(user):
            return HttpResponseRedirect(target)
        return send_to_enrolment(request, target)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(f"{reverse('account_logout')}?next={quote(reverse('account_login'))}")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("account_change_password"))


def is_administrator(user: Any) -> bool:
    """Whether this is active staff who run the site; the roles of accounts/staff.py open nothing here."""
    return bool(user.is_active and user.is_staff and user.is_superuser)


def is_network_allowed(request: HttpRequest) -> bool:
    """Whether the visit comes from one of ADMIN_NETWORKS; with none set every network may."""
    if not settings.ADMIN_NETWORKS:
        return True
    address = parse_address(client_address(request))
    return address is not None and any(address in network for network in settings.ADMIN_NETWORKS)


@transaction.atomic
def log_staff_act(act: StaffAct) -> None:
    """Puts what a member of staff did in the admin into the site's log: who, what, which record, whose data (P3)."""
    record(account_ref=None, actor=f"user:{act.user_id}", subject=act.subject, action=act.action, facts=act.facts)
    for word in act.people:
        record_view(staff_user_id=act.user_id, subject=word, account_ref=None, why=act.subject.partition(":")[0])


register_staff_log(log_staff_act)
