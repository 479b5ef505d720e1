"""Doors of sign-in with other services."""

from typing import Any

from accounts.actions import save_provider
from accounts.models import SignInProvider
from tests.fences.kinds import READ, Door, Kind, nothing
from tests.openid import use_providers

FACEBOOK = {"kind": "facebook", "client_id": "1", "secret": "s"}  # the way there asks nobody


def make_sign_in(world: Any, settings: Any) -> None:
    """Adds a service to the settings and one to the admin, and an account of alice there."""
    from allauth.socialaccount.models import SocialAccount

    use_providers(settings, FACEBOOK)
    changes = {"slug": "needle", "name": "Needle ID", "issuer": "https://id.needle.example", "client_id": "1"}
    world.provider = save_provider(row=SignInProvider(), changes=changes, by_user_id=world.ada.pk)
    world.connection = SocialAccount.objects.create(user=world.alice, provider="facebook", uid="needle-number")


def facebook(world: Any) -> dict[str, Any]:
    return {"slug": "facebook"}


PROVIDERS = {
    "accounts:sign_in_with": Door(Kind.PUBLIC, args=facebook, post=lambda world: {"process": "connect"}),
    "accounts:sign_in_back": Door(
        Kind.PUBLIC,
        args=facebook,
        get={"code": "a-code", "state": "a-state"},
        owner_gets=(401,),
        why="without a state that this browser took along every answer is refused",
    ),
    "accounts:disconnect": Door(Kind.THING, args=lambda world: {"pk": world.connection.pk}, get=READ, post=nothing),
    "socialaccount_signup": Door(
        Kind.PUBLIC, get=READ, post=lambda world: {"take_email": "on", "email": world.alice.email}
    ),
    "socialaccount_login_cancelled": Door(Kind.PUBLIC, get=READ),
}
