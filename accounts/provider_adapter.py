"""How django-allauth's sign-in with other services is bent to this site: nothing is stored but what was chosen."""

from typing import Any

from allauth.account.internal.emailkit import valid_email_or_none
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.http import HttpRequest
from django.urls import reverse

from accounts.provider_http import ProviderSession
from accounts.provider_list import find_by_key

PENDING_SECONDS = 1800  # what a service told is kept that long in the session, until the person has chosen


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Providers come from our list; tokens are forgotten at once; an e-mail alone opens nothing."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = find_by_key(provider)
        if found is None:
            raise SocialApp.DoesNotExist
        from accounts.provider_flows import service_of  # the library's flows are loaded by the first sign-in

        return service_of(request, found)

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        return []  # the library's own tables of providers stay empty

    def get_requests_session(self) -> ProviderSession:
        return ProviderSession()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        sociallogin.token = None
        if not sociallogin.is_existing and not request.user.is_authenticated:
            request.session.set_expiry(PENDING_SECONDS)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False  # whatever a setting says: a local account is connected only from inside

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """The names as we call them; the object is a suggestion and no row."""
        user = sociallogin.user
        first, _, last = str(data.get("name") or "").partition(" ")
        has_parts = data.get("first_name") or data.get("last_name")
        user.name = str((data.get("first_name") if has_parts else first) or "")[:80]
        user.surname = str((data.get("last_name") if has_parts else last) or "")[:80]
        user.email = valid_email_or_none(data.get("email")) or ""
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("accounts:profile") + "#login"
