"""Our own staff: roles, the second factor that they need, and the door of the support agents' pages.

Administrators (`is_superuser`) run the site in the admin. A support agent answers requests and moderates the forum;
the role opens neither the admin nor any account's chats. A privacy officer answers privacy cases.
"""

from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.doors import View, ask_to_log_in
from accounts.models import StaffAssignment, StaffRole, User
from core.errors import not_found

ENROL_SESSION_KEY = "after_second_factor"

__all__ = [
    "StaffRole",
    "agents_only",
    "is_privacy_officer",
    "is_shown_agent",
    "is_shown_officer",
    "is_support_agent",
    "officers_only",
    "privacy_officers",
    "send_to_enrolment",
    "support_agents",
]


def is_support_agent(user: Any) -> bool:
    """Whether this is active staff with the role of a support agent and a second factor (SAFETY: 2FA).

    Asked anew on each request, so that a role that was taken away is gone with the next one. Log-in asks for the second
    factor of whoever has one, and enrolling ends the other log-ins: a session of an agent has always shown it.
    """
    return queries.has_role(user, StaffRole.SUPPORT_AGENT) and queries.has_second_factor(user)


def is_privacy_officer(user: Any) -> bool:
    """Whether this is active staff with the role of a privacy officer and a second factor (S8), asked as above."""
    return queries.has_role(user, StaffRole.PRIVACY_OFFICER) and queries.has_second_factor(user)


def is_shown_agent(person: Any) -> bool:
    """The same for the places of one page: asked once for each request, whose person remembers it."""
    if getattr(person, "is_known_agent", None) is None:
        person.is_known_agent = is_support_agent(person)
    return bool(person.is_known_agent)


def is_shown_officer(person: Any) -> bool:
    """The same for privacy officers."""
    if getattr(person, "is_known_officer", None) is None:
        person.is_known_officer = is_privacy_officer(person)
    return bool(person.is_known_officer)


def support_agents() -> "QuerySet[User]":
    """Everybody who may answer requests now, by public name."""
    return _staff_with(StaffRole.SUPPORT_AGENT)


def privacy_officers() -> "QuerySet[User]":
    """Everybody who may answer privacy cases now, by public name."""
    return _staff_with(StaffRole.PRIVACY_OFFICER)


def _staff_with(role: str) -> "QuerySet[User]":
    factors = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    given = StaffAssignment.objects.filter(user=OuterRef("pk"), role=role)
    second = Authenticator.objects.filter(user=OuterRef("pk"), type__in=factors)
    people = User.objects.filter(Exists(given), Exists(second), is_active=True, is_staff=True)
    return people.order_by("display_name", "pk")


def agents_only(view: View) -> View:
    """Decorator: the view runs for support agents; for everybody else the page does not exist.

    Who is not signed in goes to the log-in page (JSON: 401 `signed_out`); an agent without a second factor goes to
    its enrolment and then on.
    """
    return _staff_only(view, StaffRole.SUPPORT_AGENT)


def officers_only(view: View) -> View:
    """Decorator: the view runs for privacy officers, with the rules of `agents_only`."""
    return _staff_only(view, StaffRole.PRIVACY_OFFICER)


def _staff_only(view: View, role: str) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return ask_to_log_in(request)
        if not queries.has_role(user, role):
            raise not_found()
        if not queries.has_second_factor(user):
            return send_to_enrolment(request, request.get_full_path() if request.method == "GET" else "/")
        return view(request, *args, **kwargs)

    guarded.is_of_staff = True  # type: ignore[attr-defined]  # read by the fence tests
    guarded.staff_role = role  # type: ignore[attr-defined]  # read by the fence tests
    return guarded


def send_to_enrolment(request: HttpRequest, target: str) -> HttpResponse:
    """To the page where a second factor is set up; `target`, a path of this site, is where they go on afterwards."""
    request.session[ENROL_SESSION_KEY] = target
    messages.info(request, _("Our staff log in with a second step. Set it up once, then you go on."))
    return HttpResponseRedirect(reverse("mfa_activate_totp"))
