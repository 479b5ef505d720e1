"""The signed answer of an OpenID service: each thing that makes it another one's, or nobody's, is refused."""

import json
import time
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import RequestFactory

from accounts import provider_flows
from accounts.provider_list import find_provider
from tests.openid import use_providers

ISSUER = "https://id.specimen.example"
KEYS = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("theirs", "thief")}


class Answers:
    """Stands in for the requests to the service: discovery, its keys, and what userinfo says."""

    userinfo: dict[str, Any]

    def __enter__(self) -> "Answers":
        return self

    def __exit__(self, *args: Any) -> None:
        """Nothing is open."""

    def get(self, url: str, **_: Any) -> Any:
        told: dict[str, Any] = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", "userinfo_endpoint": f"{ISSUER}/me"}
        if url.endswith("/keys"):
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEYS["theirs"].public_key()))
            told = {"keys": [{**key, "kid": "1"}]}
        if url.endswith("/me"):
            told = self.userinfo
        return SimpleNamespace(json=lambda: told, raise_for_status=lambda: None)


@pytest.fixture
def flow(settings: Any, monkeypatch: pytest.MonkeyPatch) -> provider_flows.OpenIDFlow:
    entry = {"kind": "openid", "slug": "id", "name": "ID", "issuer": ISSUER, "client_id": "livechat", "secret": "s"}
    use_providers(settings, entry)
    monkeypatch.setattr(provider_flows, "ProviderSession", Answers)
    Answers.userinfo = {"sub": "pat", "email": "pat@specimen.example"}
    flow = provider_flows.OpenIDFlow(RequestFactory().get("/"), find_provider("id"))
    flow.expected = {"nonce": "of this browser"}
    return flow


def sign(key: Any = None, algorithm: str = "RS256", kid: str = "1", **changes: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "livechat", "sub": "pat", "iat": now, "exp": now + 300, "nonce": "of this browser"}
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(
        claims, None if algorithm == "none" else key or KEYS["theirs"], algorithm=algorithm, headers={"kid": kid}
    )


@pytest.mark.django_db
def test_the_good_one_is_read(flow: provider_flows.OpenIDFlow) -> None:
    assert flow.read("token", {"id_token": sign()})["email"] == "pat@specimen.example"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"}, {"aud": "another site"}, {"aud": None}, {"exp": 1}, {"exp": None},
        {"nonce": "of another browser"}, {"nonce": None}, {"azp": "another site"}, {"sub": None}, {"iat": None},
        {"key": KEYS["thief"]}, {"kid": "2"}, {"algorithm": "none"},
        {"key": "the secret of the client, which is long enough", "algorithm": "HS256"},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_is_not_for_us_is_refused(flow: provider_flows.OpenIDFlow, changes: dict[str, Any]) -> None:
    with pytest.raises(OAuth2Error):
        flow.read("token", {"id_token": sign(**changes)})


@pytest.mark.django_db
def test_a_browser_that_took_no_nonce_along_opens_nothing(flow: provider_flows.OpenIDFlow) -> None:
    flow.expected = {}
    with pytest.raises(OAuth2Error):
        flow.read("token", {"id_token": sign(nonce="")})


@pytest.mark.django_db
def test_userinfo_of_somebody_else_is_refused(flow: provider_flows.OpenIDFlow) -> None:
    Answers.userinfo = {"sub": "somebody else", "email": "victim@specimen.example", "email_verified": True}
    with pytest.raises(OAuth2Error):
        flow.read("token", {"id_token": sign()})
