"""The door of pages that belong to an account: signed in, a member, allowed, inside the account's scope."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings as account_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.models import Membership, User
from accounts.roles import ACTIONS, can
from accounts.scoping import account_scope
from core.client_address import client_address
from core.errors import Refused, not_found

View = Callable[..., HttpResponse]


class PersonRequest(HttpRequest):
    """What a view behind `signed_in_page` gets: somebody is signed in; the membership may be None."""

    user: User
    membership: Membership | None
    kept_out: Membership | None


class MemberRequest(PersonRequest):
    """What a view behind `member_page` gets: a member, with account and user loaded."""

    membership: Membership


def member_page(action: str) -> Callable[[View], View]:
    """Decorator: the view runs for members whose role allows `action`, in the scope of their active account.

    `request.membership` is a real Membership with its account and user. Who is not signed in goes to the log-in page
    (JSON: 401 `signed_out`); who comes from an address that the account does not allow is told so (403, `address`);
    who lacks the right gets `not_found`, as for a page that does not exist (S75).
    """
    ACTIONS[action]  # a misspelt action fails when the site starts

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_log_in(request)
            lazy = request.membership  # type: ignore[attr-defined]  # accounts.middleware
            if not lazy and request.kept_out:  # type: ignore[attr-defined]  # accounts.middleware
                return _keep_out(request)
            if not lazy or not can(lazy, action):
                raise not_found()
            membership = getattr(lazy, "_wrapped", lazy)  # the real one, for views and actions
            request.membership = membership  # type: ignore[attr-defined]  # as above
            with account_scope(membership.account):
                response = view(request, *args, **kwargs)
                if hasattr(response, "render") and callable(response.render):
                    response.render()
            return response

        guarded.member_action = action  # type: ignore[attr-defined]  # read by the fence tests
        return guarded

    return decorate


def signed_in_page(view: View) -> View:
    """Decorator: the view runs for anybody who is signed in, with or without an account."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_log_in(request)
        return view(request, *args, **kwargs)

    guarded.is_of_a_person = True  # type: ignore[attr-defined]  # read by the fence tests and a probe
    return guarded


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person logged in, or answered "Is it you?", within the last minutes.

    django-allauth counts the second alone; who has just typed their password is not asked for it once more here.
    """
    since = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
    logged_in = any(record["at"] > since for record in get_authentication_records(request, request.user))
    return logged_in or bool(did_recently_reauthenticate(request))


def fresh_page(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator, below one that signs in: the view runs for who is fresh; others are asked "Is it you?" first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_fresh(request):
            raise ReauthenticationRequired()
        return view(request, *args, **kwargs)

    return guarded


def member_ready(view: View) -> View:
    """Decorator, below `signed_in_page`: the view runs for members who have a public name and gave their age (S49).

    Others are asked first and come back; a form that they send all the same is refused with `member_gaps` (403).
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not queries.member_gaps(request.user):
            return view(request, *args, **kwargs)
        if request.method in ("GET", "HEAD") and not _wants_json(request):
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('accounts:member')}?{query}")
        sentence = _("Before your first words here, choose a public name and say that you are 13 or older.")
        raise Refused("member_gaps", sentence, status=403)

    return guarded


def kept_out() -> Refused:
    """The answer to a member who comes from an address that is not on the account's list."""
    return Refused("address", _("Your team may not come in from the address that you are at."), status=403)


def _keep_out(request: HttpRequest) -> HttpResponse:
    """Says why, and offers the mail to the owner."""
    if _wants_json(request):
        raise kept_out()
    membership: Membership = request.kept_out  # type: ignore[attr-defined]  # accounts.middleware
    context = {
        "kept_out": membership,
        "address": client_address(request),
        "others": [one for one in queries.list_memberships(request.user) if one.pk != membership.pk],
    }
    return render(request, "accounts/kept_out.html", context, status=403)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "") or request.content_type == "application/json"


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """The log-in page, and back from there. Raises Refused `signed_out` (401) for who asked for JSON."""
    if _wants_json(request):
        raise Refused("signed_out", _("You are logged out. Log in again."), status=401)
    return redirect_to_login(request.get_full_path(), reverse("account_login"))
