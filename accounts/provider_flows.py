"""How we talk to each kind of service: OpenID Connect with nonce and checked signature; Facebook and X by OAuth2."""

import hashlib
import hmac
import secrets
from typing import Any

import jwt
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from accounts import links, provider_queries, provider_told
from accounts.provider_http import ProviderSession
from accounts.provider_list import Provider

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never a symmetric one: its key would be the client's secret
LEEWAY = 60  # seconds that clocks may differ
LONGEST_UID = 191  # of the library's column
PROBLEMS = (OAuth2Error, KeyError, TypeError, ValueError)  # of an answer that makes no sense
SHARED = ("given_name", "family_name", "name", "email")


class Flow(OAuth2Adapter):
    """Addresses and answers of one service; `expected` is the state that this browser took along."""

    headers = {"User-Agent": "livechat"}  # noqa: RUF012  the library's own name for it

    def __init__(self, request: HttpRequest, provider: Provider) -> None:
        self.provider = provider
        self.provider_id = provider.key
        self.expected: dict[str, Any] = {}
        super().__init__(request)

    def get_provider(self) -> "Service":
        return service_of(self.request, self.provider)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return links.sign_in_url(self.provider.slug)

    def read(self, token: str, answer: dict[str, Any]) -> dict[str, Any]:
        """What the service says of the person, with the names of OpenID Connect."""
        raise NotImplementedError

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        """Whom the service knows; what a form waits for goes there, and never comes near a login."""
        told = self.read(token.token, kwargs["response"])
        service = self.get_provider()
        if self.expected.get("process") == provider_told.PROCESS:
            page = provider_told.keep_told(self.expected, service.extract_common_fields(told))
            raise ImmediateHttpResponse(redirect(page))
        return service.sociallogin_from_response(request, told)


class OpenIDFlow(Flow):
    """OpenID Connect Core 1.0, code flow; what discovery says is taken only from the issuer that was configured."""

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        with ProviderSession() as session:
            answer = session.get(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
        if found.get("issuer") != self.provider.issuer:
            raise OAuth2Error("another issuer answers there")
        return found

    def _endpoint(self, name: str) -> str:
        place = self.openid_config.get(name)
        if not isinstance(place, str) or not place.startswith(("https://", "http://127.0.0.1:")):
            raise OAuth2Error(f"the service names no {name}")
        return place

    @property
    def authorize_url(self) -> str:
        return self._endpoint("authorization_endpoint")

    @property
    def access_token_url(self) -> str:
        return self._endpoint("token_endpoint")

    @property
    def basic_auth(self) -> bool:
        methods = self.openid_config.get("token_endpoint_auth_methods_supported", ["client_secret_post"])
        return "client_secret_post" not in methods

    def read(self, token: str, answer: dict[str, Any]) -> dict[str, Any]:
        claims = self._read_id_token(str(answer.get("id_token", "")))
        return {**claims, **self._ask_userinfo(token, claims["sub"])}

    def _read_id_token(self, text: str) -> dict[str, Any]:
        """The claims, after signature, issuer, audience, times and the nonce of this browser were checked."""
        try:
            header = jwt.get_unverified_header(text)
            with ProviderSession() as session:
                found = session.get(self._endpoint("jwks_uri")).json()
            keys = [key for key in jwt.PyJWKSet.from_dict(found).keys if header.get("kid") in (None, key.key_id)]
            if len(keys) != 1 or header.get("alg") not in ALGORITHMS:
                raise OAuth2Error("no key signs this")
            claims: dict[str, Any] = jwt.decode(
                text,
                key=keys[0].key,
                algorithms=ALGORITHMS,
                audience=self.provider.client_id,
                issuer=self.provider.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("the id_token is not good") from error
        if claims.get("azp", self.provider.client_id) != self.provider.client_id:
            raise OAuth2Error("the id_token is for another site")
        nonce = self.expected.get("nonce")
        if not nonce or not secrets.compare_digest(str(claims.get("nonce", "")).encode(), str(nonce).encode()):
            raise OAuth2Error("the id_token is not for this browser")
        return claims

    def _ask_userinfo(self, token: str, subject: str) -> dict[str, Any]:
        if "userinfo_endpoint" not in self.openid_config:
            return {}
        with ProviderSession() as session:
            answer = session.get(self._endpoint("userinfo_endpoint"), headers={"Authorization": f"Bearer {token}"})
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        if told.get("sub") != subject:  # OpenID Connect Core 5.3.2: else it may be another person's
            raise OAuth2Error("userinfo speaks of somebody else")
        return told


class PlainFlow(Flow):
    """OAuth2 with an address that tells who it is; every address is a setting, so that a stand-in fits in."""

    @property
    def authorize_url(self) -> str:
        return self.provider.endpoints["authorize"]

    @property
    def access_token_url(self) -> str:
        return self.provider.endpoints["token"]

    def _get(self, params: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        with ProviderSession() as session:
            answer = session.get(self.provider.endpoints["profile"], params=params, headers=headers)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        return told


class FacebookFlow(PlainFlow):
    """Facebook: three fields are asked, and no claim of an e-mail is taken for proved."""

    scope_delimiter = ","

    def read(self, token: str, answer: dict[str, Any]) -> dict[str, Any]:
        proof = hmac.new(self.provider.secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        params = {"fields": "id,first_name,last_name,email", "appsecret_proof": proof}
        told = self._get(params, {"Authorization": f"Bearer {token}"})
        names = {"given_name": told.get("first_name"), "family_name": told.get("last_name")}
        return {"sub": told.get("id"), "email": told.get("email"), **names}


class XFlow(PlainFlow):
    """X: it tells a name, and no e-mail."""

    basic_auth = True

    def read(self, token: str, answer: dict[str, Any]) -> dict[str, Any]:
        told = self._get({"user.fields": "id,name"}, {"Authorization": f"Bearer {token}"}).get("data") or {}
        return {"sub": told.get("id"), "name": told.get("name")}


FLOWS: dict[str, type[Flow]] = {"openid": OpenIDFlow, "google": OpenIDFlow, "facebook": FacebookFlow, "x": XFlow}
SCOPES = {
    "openid": ["openid", "profile", "email"],
    "google": ["openid", "profile", "email"],
    "facebook": ["public_profile", "email"],
    "x": ["users.read", "tweet.read"],  # X gives users/me only with both
}


class Service(OAuth2Provider):
    """The library's view of one of our providers: PKCE always, and of a person only names and e-mail."""

    id = "livechat"
    account_class = ProviderAccount
    provider: Provider

    @property
    def name(self) -> str:
        return self.provider.name

    def get_oauth2_adapter(self, request: HttpRequest) -> Flow:
        return FLOWS[self.provider.kind](request, self.provider)

    def get_callback_url(self) -> str:
        return links.sign_in_url(self.provider.slug)

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """`next` and what the person wants; scope and further parameters are never read from the address."""
        asked = super(OAuth2Provider, self).get_redirect_from_request_kwargs(request)
        return {**asked, "process": "connect" if asked["process"] == "connect" else "login"}

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **_: Any
    ) -> Any:
        nonce = secrets.token_urlsafe(24)
        params = {"nonce": nonce} if self.provider.issuer else {}
        return super().redirect(
            request, process, next_url, data, scope=SCOPES[self.provider.kind], auth_params=params, nonce=nonce
        )

    def serialize(self) -> dict[str, Any]:
        return {"id": self.provider.key}

    def extract_uid(self, data: dict[str, Any]) -> str:
        subject = data.get("sub")
        if not isinstance(subject, str) or not subject:
            raise OAuth2Error("the service does not say who it is")
        long = len(subject) > LONGEST_UID
        return f"sha256:{hashlib.sha256(subject.encode()).hexdigest()}" if long else subject

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What we noted when the person chose; what the service says today is not stored."""
        return provider_queries.find_noted(self.provider.key, self.extract_uid(data))

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        told = {name: data[name] for name in SHARED if isinstance(data.get(name), str)}
        return {
            "first_name": told.get("given_name"),
            "last_name": told.get("family_name"),
            "name": told.get("name"),
            "email": told.get("email"),
        }

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """Proved only when the service says so in so many words, and stands on the list of the trusted."""
        email = data.get("email")
        if not isinstance(email, str):
            return []
        proved = self.provider.is_trusted and data.get("email_verified") is True
        return [EmailAddress(email=email, verified=proved, primary=True)]


def service_of(request: HttpRequest, provider: Provider) -> Service:
    """The library's object for a provider; nothing of it is a row."""
    app = SocialApp(
        provider=Service.id,
        provider_id=provider.key,
        name=provider.name,
        client_id=provider.client_id,
        secret=provider.secret,
        settings={"oauth_pkce_enabled": True},
    )
    service = Service(request, app=app)
    service.provider = provider
    return service


class Back(OAuth2CallbackView):
    """The way back: the state is used up first; RFC 9207's `iss`, when it is sent, must be the issuer we went to."""

    adapter: Flow

    def _get_state(self, request: HttpRequest, provider: Service) -> tuple[Any, HttpResponse | None]:
        state, refused = super()._get_state(request, provider)
        if state is not None:
            self.adapter.expected = state
            issuer = self.adapter.provider.issuer
            if issuer and request.GET.get("iss", issuer) != issuer:
                raise OAuth2Error("another issuer sends this browser back")
        return state, refused


def go(request: HttpRequest, provider: Provider) -> HttpResponse:
    """The answer that leads this browser to the service, or the page of an error."""
    response: HttpResponse = service_of(request, provider).redirect_from_request(request)
    return response


def come_back(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Reads what the service sent this browser back with, and logs in, connects, or asks what is missing."""
    flow = FLOWS[provider.kind](request, provider)
    response: HttpResponse = Back.adapter_view(flow)(request)
    return response
