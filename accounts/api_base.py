"""The door of the API: an API key or a session, a role cut by scopes, the account's scope, one error shape."""

from contextlib import ExitStack
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import queries
from accounts.actions import hash_key, note_key_use
from accounts.doors import kept_out
from accounts.models import ApiKey, Membership, User
from accounts.roles import ACTIONS, can
from accounts.scoping import account_scope
from core.api import ErrorSerializer, max_body_of, too_large
from core.client_address import client_address
from core.errors import Refused, not_found
from core.limits import count_use, is_used_up

BEARER = "bearer"


class ApiRequest(Request):
    """What a handler of an ApiView gets: a member, with account and user; `auth` is the ApiKey, None for a session."""

    user: User
    auth: ApiKey | None
    membership: Membership


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer lc_...`. Wrong, revoked, expired and unknown keys look the same (SAFETY: brute force)."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        kind, _space, secret = request.headers.get("Authorization", "").strip().partition(" ")
        if kind.lower() != BEARER:
            return None
        address = client_address(request._request)
        if is_used_up("api.wrong_key", address):
            count_use("api.wrong_key", address)  # raises TooMany
        key = queries.find_api_key(hash_key(secret.strip()))
        if key is None:
            count_use("api.wrong_key", address)
            raise Refused("bad_key", _("This API key is not valid. Make a new one in the settings."), status=401)
        return key.membership.user, key


class SessionWithCsrf(SessionAuthentication):
    """The person who is logged in in this browser; what changes something needs the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as problem:
            sentence = _("This request does not come from this site. Load the page again.")
            raise Refused("csrf", sentence, status=403) from problem


class ApiView(APIView):
    """Base of every operation. Subclasses name the `action` of accounts/roles.py, for all methods or by method.

    Inside a handler `request.membership` is the member whose right was checked, and models of the account are those
    of that account only. Whoever lacks the right gets `not_found`, as on pages (S75); whose key lacks the scope gets
    `no_scope`. `max_body` is how many bytes the view takes.
    """

    action: ClassVar[str | dict[str, str]]  # moved to `rights`: DRF gives `action` another meaning
    rights: ClassVar[str | dict[str, str]]
    max_body: ClassVar[int] = 65_536
    authentication_classes = (KeyAuthentication, SessionWithCsrf)
    permission_classes = (AllowAny,)  # `initial` below lets in only who has the right
    request: ApiRequest

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "action" in cls.__dict__:
            cls.rights = cls.action
            del cls.action
        for action in cls.rights.values() if isinstance(cls.rights, dict) else [cls.rights]:
            ACTIONS[action]  # a misspelt action fails when the site starts

    @classmethod
    def action_of(cls, method: str) -> str:
        """The action that a method needs. Raises MethodNotAllowed where the view names none."""
        if isinstance(cls.rights, str):
            return cls.rights
        try:
            return cls.rights["GET" if method == "HEAD" else method]
        except KeyError:
            raise MethodNotAllowed(method) from None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self._scope:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if content_length(request) > max_body_of(self):
            raise too_large()
        super().initial(request, *args, **kwargs)
        method = request.method or ""
        membership = self._find_membership(request)
        if method.lower() not in self.http_method_names or not hasattr(self, method.lower()):
            raise MethodNotAllowed(method)
        count_use("api", f"membership:{membership.pk}")
        self._check_right(membership, request.auth, self.action_of(method))
        request.membership = request._request.membership = membership
        self._scope.enter_context(account_scope(membership.account))
        if request.auth is not None:
            note_key_use(key=request.auth)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """DRF would describe the view here; the schema does."""
        raise MethodNotAllowed("OPTIONS")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    @staticmethod
    def _find_membership(request: Any) -> Membership:
        if request.auth is not None:
            key: ApiKey = request.auth
            if not queries.may_come_in(key.membership.account, client_address(request._request)):
                raise kept_out()
            return key.membership
        if not getattr(request.user, "is_authenticated", False):
            raise Refused("signed_out", _("You are logged out. Log in again, or send an API key."), status=401)
        lazy = request._request.membership
        if not lazy:
            raise kept_out() if request._request.kept_out else not_found()
        membership: Membership = getattr(lazy, "_wrapped", lazy)
        return membership

    @staticmethod
    def _check_right(membership: Membership, key: ApiKey | None, action: str) -> None:
        if not can(membership, action):
            raise not_found()
        if key is not None and action not in key.scope_set:
            raise Refused("no_scope", _("This API key may not do that. Make one with the right scope."), status=403)


class OpenToAll(APIView):
    """Base of operations of the public support section: everybody reads, and members write.

    A member is who is logged in in the browser, or the owner of an API key with the scope `writes`; no account is
    needed for the first. `request.user` is None for everybody else, who gets `signed_out` where something is written.
    A key reads what its owner may read and needs no scope for that.
    """

    writes: ClassVar[str]
    request: Any
    max_body: ClassVar[int] = 65_536
    authentication_classes = (KeyAuthentication, SessionWithCsrf)
    permission_classes = (AllowAny,)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if content_length(request) > max_body_of(self):
            raise too_large()
        super().initial(request, *args, **kwargs)
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")
        is_write = request.method not in ("GET", "HEAD")
        if request.auth is not None:
            self._check_key(request, is_write)
        elif request.user is not None:
            count_use("api", f"user:{request.user.pk}")
        else:
            count_use("api.public", client_address(request._request))
            if is_write:
                raise Refused("signed_out", _("You are logged out. Log in again, or send an API key."), status=401)

    def _check_key(self, request: Any, is_write: bool) -> None:
        membership = ApiView._find_membership(request)
        count_use("api", f"membership:{membership.pk}")
        if is_write:
            ApiView._check_right(membership, request.auth, self.writes)
        with account_scope(membership.account):
            note_key_use(key=request.auth)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise MethodNotAllowed("OPTIONS")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        add_never_cache_headers(response)
        return response


def content_length(request: Any) -> int:
    """How many bytes a request says it brings."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


# ---- the documentation of an operation ------------------------------------------------------------------
EVERYWHERE = {
    401: _("`signed_out`: nobody is logged in. `bad_key`: the API key is wrong, revoked or expired."),
    403: _("`no_scope`: the key lacks the scope. `csrf`: a session without its CSRF token. `address`: not from here."),
    429: _("`rate`: too many requests; `Retry-After` says when to try again."),
    503: _("`busy`: the database is away for a moment; `Retry-After` says when to try again."),
}


def operation(
    summary: Any, *, request: Any = None, answers: dict[int, Any], errors: dict[int, Any] | None = None, **more: Any
) -> Any:
    """Decorator of a handler: its line in the OpenAPI schema, with the errors that every operation can give.

    `answers` are serializers by status (None: no body), `errors` sentences by status, naming the codes; 400 is added
    where the operation takes a body.
    """
    told = {**EVERYWHERE, **(errors or {})}
    if request is not None:
        told = {413: _("`too_large`: the body is over the limit."), 415: _("`unsupported_media`"), **told}
        told.setdefault(400, _("`invalid`: see `fields`. `bad_body`: the body cannot be read."))
    documented = {status: OpenApiResponse(ErrorSerializer, str(text)) for status, text in sorted(told.items())}
    good = {
        status: OpenApiResponse(kind, HTTPStatus(status).phrase) if kind is not None else None
        for status, kind in answers.items()
    }
    return extend_schema(summary=str(summary), request=request, responses={**good, **documented}, **more)


class _KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": str(_("An API key from the settings: lc_..."))}


class _SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = SessionWithCsrf
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        from django.conf import settings

        where = {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
        return {**where, "description": str(_("The browser's own log-in, with the CSRF token for changes."))}
