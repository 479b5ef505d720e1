"""A real OpenID Connect provider for development, "Demo OpenID": a process that its first visitor starts."""

import os
import socket
from importlib.util import find_spec
from typing import Any

PEOPLE: dict[str, dict[str, Any]] = {
    "pat": {
        "given_name": "Pat",
        "family_name": "Specimen",
        "email": "pat@specimen.example",
        "email_verified": True,
    },
    "unproved": {"given_name": "Una", "email": "una@specimen.example", "email_verified": False},
    "shares-nothing": {},
}


def is_installed() -> bool:
    """Whether `make run` installed requirements-demo.txt."""
    return find_spec("oidc_provider_mock") is not None


def demo_entry(origin: str) -> list[dict[str, Any]]:
    """The line of SIGN_IN_PROVIDERS; none without the package."""
    if not origin or not is_installed():
        return []
    entry = {"kind": "openid", "slug": "demo", "name": "Demo OpenID", "issuer": origin, "client_id": "livechat"}
    return [{**entry, "secret": "demo", "trusted": True}]


def run_provider(listener: socket.socket) -> int:
    """Serves the provider until SIGTERM; everybody may be anybody there, which is why it is on loopback only."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # its library wants TLS, and this is loopback
    import uvicorn
    from oidc_provider_mock import User, app  # type: ignore[import-untyped]  # it has no stubs

    people = [User(sub=sub, claims=dict(claims)) for sub, claims in PEOPLE.items()]
    site = app(require_nonce=True, user_claims=people)
    config = uvicorn.Config(_at_home(site), interface="wsgi", log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def _at_home(site: Any) -> Any:
    """Its pages ask a style sheet of a stranger's server; with this header no browser does."""

    def answer(environ: Any, start: Any) -> Any:
        def start_at_home(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            policy = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            return start(status, [*headers, policy], *rest)

        return site(environ, start_at_home)

    return answer
