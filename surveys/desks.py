"""At whose desk a survey is made: an account's owners and admins, or the administrators of the site."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.doors import MemberRequest, member_page
from accounts.models import Account
from accounts.scoping import scopes_disabled
from core.errors import not_found

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Desk:
    """Whose surveys, who acts, and where the pages are. `account` is None for those who run the site."""

    account: Account | None
    actor: str
    prefix: str

    def url(self, name: str, *args: Any) -> str:
        """The address of a page at this desk."""
        return reverse(f"surveys:{self.prefix}{name}", args=args)


def at_account(view: View, action: str = "surveys.edit") -> View:
    """The view for members whose role allows `action`, with the desk of their account as second argument."""

    def page(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = request.membership
        return view(request, Desk(membership.account, f"user:{membership.user_id}", ""), *args, **kwargs)

    return member_page(action)(wraps(view)(page))  # type: ignore[arg-type]  # a download is an answer too


def at_site(view: View) -> View:
    """The view for administrators with a second factor, with the desk of the site; for others it is not there."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        if not admin.site.has_permission(request) or not request.user.is_superuser:
            raise not_found()
        with scopes_disabled():  # the site's own surveys have no account
            return view(request, Desk(None, f"user:{request.user.pk}", "site_"), *args, **kwargs)

    return page
