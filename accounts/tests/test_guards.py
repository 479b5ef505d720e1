"""Each takeover test fails when its guard is taken out of the product.

A guard is taken away, the test of the attack is run, and it must see the attack succeed (SAFETY: OIDC, pre-hijack,
open redirect, enumeration, session fixation).
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ObjectDoesNotExist

from accounts import actions, in_public, provider_flows, provider_queries, sign_in, subscribers
from accounts.adapter import AccountAdapter
from accounts.models import User
from accounts.provider_adapter import ProviderAdapter
from accounts.provider_flows import Back, OpenIDFlow, Service
from accounts.tests import test_id_token as tokens
from accounts.tests import test_in_public as public
from accounts.tests import test_login as logins
from accounts.tests import test_sign_in as services
from accounts.tests import test_signup as sign_ups
from core.errors import Refused

pytestmark = pytest.mark.django_db
demo, flow = services.demo, tokens.flow  # their fixtures
FAILURES = (AssertionError, ObjectDoesNotExist, IndexError, KeyError, ValueError, Refused, pytest.fail.Exception)
Remove = Callable[[pytest.MonkeyPatch, Any], None]


@dataclass(frozen=True)
class Guard:
    """One guard: how it is taken away, and the test that must notice."""

    row: str
    name: str
    remove: Remove
    test: Callable[..., None]
    given: dict[str, Any] = field(default_factory=dict)


def put(target: Any, name: str, value: Any) -> Remove:
    return lambda patch, settings: patch.setattr(target, name, value)


def proved(when: Callable[[Any, dict[str, Any]], bool]) -> Remove:
    """The e-mail of a service counts as proved when `when(service, told)`."""

    def extract(service: Any, data: dict[str, Any]) -> list[EmailAddress]:
        email = data.get("email")
        return [EmailAddress(email=email, verified=when(service, data), primary=True)] if email else []

    return put(Service, "extract_email_addresses", extract)


def link_by_email(patch: pytest.MonkeyPatch, settings: Any) -> None:
    """Who comes with the address of a login is connected to it without its log-in."""
    honest = actions.join

    def join(**given: Any) -> User:
        user = User.objects.filter(email=given["email"]).first()
        if user is None:
            return honest(**given)
        SocialAccount.objects.create(user=user, provider=given["key"], uid=given["uid"])
        return user

    patch.setattr(sign_in.actions, "join", join)


def know_by_number_alone(patch: pytest.MonkeyPatch, settings: Any) -> None:
    def look(login: SocialLogin) -> bool:
        found = SocialAccount.objects.filter(uid=login.account.uid).first()
        if found:
            login.account, login.user = found, found.user
        return found is not None

    patch.setattr(SocialLogin, "_lookup_by_socialaccount", look)


def take_any_nonce(patch: pytest.MonkeyPatch, settings: Any) -> None:
    patch.setattr(provider_flows.secrets, "compare_digest", lambda one, other: True)
    patch.setattr(Service, "get_pkce_params", lambda service: {})  # the second guard of the same row


def take_any_state(patch: pytest.MonkeyPatch, settings: Any) -> None:
    """Any state that anybody took along opens this browser too."""
    taken: dict[str, Any] = {}
    stash = statekit.stash_state

    def remember(request: Any, **given: Any) -> str:
        state_id = stash(request, **given)
        taken[state_id] = given["state"]
        return state_id

    patch.setattr(statekit, "stash_state", remember)
    patch.setattr(statekit, "unstash_state", lambda request, state_id, **_: taken.get(state_id))


def keep_states(patch: pytest.MonkeyPatch, settings: Any) -> None:
    def read(request: Any, *, state_id: str, **_: Any) -> Any:
        found = statekit.get_states(request).get(state_id)
        return found[0] if found else None

    patch.setattr(statekit, "unstash_state", read)


def take_any_issuer(patch: pytest.MonkeyPatch, settings: Any) -> None:
    def state_only(back: Any, request: Any, provider: Any) -> Any:
        state, refused = super(Back, back)._get_state(request, provider)
        back.adapter.expected = state or {}
        return state, refused

    patch.setattr(Back, "_get_state", state_only)


def discover_anybody(patch: pytest.MonkeyPatch, settings: Any) -> None:
    def found(flow: Any) -> Any:
        with provider_flows.ProviderSession() as session:
            return session.get(f"{flow.provider.issuer.rstrip('/')}/.well-known/openid-configuration").json()

    patch.setattr(OpenIDFlow, "openid_config", property(found))


def loosen(**options: Any) -> Remove:
    """The check of the signed answer without one of its parts."""

    def remove(patch: pytest.MonkeyPatch, settings: Any) -> None:
        honest = jwt.decode

        def decode(text: str, **given: Any) -> Any:
            given["options"] = {**given["options"], **options}
            return honest(text, **given)

        patch.setattr(provider_flows.jwt, "decode", decode)

    return remove


def tell_that_it_is_taken(patch: pytest.MonkeyPatch, settings: Any) -> None:
    def tell(request: Any, email: str) -> Any:
        raise Refused("taken", "There is a login with this e-mail.")

    patch.setattr(sign_in, "prevent_enumeration", tell)


def show_enumeration(patch: pytest.MonkeyPatch, settings: Any) -> None:
    patch.setattr("allauth.account.app_settings.PREVENT_ENUMERATION", False, raising=False)


def follow_anything(patch: pytest.MonkeyPatch, settings: Any) -> None:
    patch.setattr(AccountAdapter, "is_safe_url", lambda adapter, url: True)


def keep_session_keys(patch: pytest.MonkeyPatch, settings: Any) -> None:
    patch.setattr(SessionBase, "cycle_key", lambda session: None)


OIDC, PRE, OPEN, ENUM = "OIDC / Facebook", "pre-hijack", "open redirect", "enumeration"
yes = {"word": "true"}
GUARDS = [
    Guard(OIDC, "only a plain yes proves an e-mail",
          proved(lambda service, told: service.provider.is_trusted and bool(told.get("email_verified"))),
          services.test_only_a_plain_yes_of_the_provider_proves_an_e_mail, yes),
    Guard(OIDC, "only the trusted prove an e-mail", proved(lambda service, told: told.get("email_verified") is True),
          services.test_a_provider_that_is_not_on_the_trusted_list_proves_nothing),
    Guard(OIDC, "Facebook proves no e-mail", proved(lambda service, told: True),
          services.test_facebook_is_asked_for_three_fields_and_its_e_mail_is_not_believed),
    Guard(OIDC, "an e-mail opens no login",
          lambda patch, settings: patch.delattr(ProviderAdapter, "can_authenticate_by_email"),
          services.test_an_e_mail_alone_opens_no_login_even_if_a_setting_says_so),
    Guard(OIDC, "a login is connected after its own log-in only", link_by_email,
          services.test_the_owner_of_a_login_is_told_to_log_in_first),
    Guard(OIDC, "the key is issuer and subject", know_by_number_alone,
          services.test_the_same_number_at_another_issuer_is_another_person),
    Guard(OIDC, "nonce and PKCE", take_any_nonce, services.test_a_code_of_another_way_opens_nothing),
    Guard(OIDC, "PKCE is sent", put(Service, "get_pkce_params", lambda service: {}),
          services.test_the_way_there_carries_pkce_a_nonce_and_no_more_than_we_need),
    Guard(OIDC, "the state is of this browser", take_any_state,
          services.test_an_answer_for_another_browser_opens_nothing),
    Guard(OIDC, "a state is used up", keep_states,
          services.test_a_used_state_opens_nothing_even_at_a_service_that_takes_a_code_twice),
    Guard(OIDC, "the issuer that answers", take_any_issuer,
          services.test_an_issuer_that_is_not_the_configured_one_is_refused),
    Guard(OIDC, "the issuer that is discovered", discover_anybody,
          services.test_an_issuer_that_is_not_the_configured_one_is_refused),
    *[Guard(OIDC, f"id_token: {part}", loosen(**options), tokens.test_an_answer_that_is_not_for_us_is_refused, given)
      for part, options, given in [
          ("issuer", {"verify_iss": False}, {"changes": {"iss": "https://other.example"}}),
          ("audience", {"verify_aud": False}, {"changes": {"aud": "another site"}}),
          ("expiry", {"verify_exp": False}, {"changes": {"exp": 1}}),
          ("signature", {"verify_signature": False, "verify_exp": True, "verify_iss": True, "verify_aud": True},
           {"changes": {"key": tokens.KEYS["thief"]}}),
          ("what must be there", {"require": []}, {"changes": {"iat": None}}),
      ]],
    Guard(OIDC, "id_token: nonce", put(provider_flows.secrets, "compare_digest", lambda one, other: True),
          tokens.test_an_answer_that_is_not_for_us_is_refused, {"changes": {"nonce": "of another browser"}}),
    Guard(OIDC, "userinfo is of the same person",
          put(OpenIDFlow, "_ask_userinfo", lambda flow, token, subject: tokens.Answers.userinfo),
          tokens.test_userinfo_of_somebody_else_is_refused),
    Guard(PRE, "a sign-up that nobody proved goes", put(provider_queries, "find_unproved", lambda email: None),
          services.test_a_sign_up_with_my_address_by_somebody_else_loses_password_and_sessions),
    *[Guard(PRE, "the first password goes with the proof elsewhere",
            put(subscribers.actions, "confirm_first_address", lambda **given: False), test)
      for test in (services.test_an_account_that_a_squatter_connected_goes_when_the_address_is_proved_elsewhere,
                   logins.test_whoever_confirms_in_another_browser_chooses_the_password,
                   logins.test_a_code_that_proves_the_address_first_also_discards_the_password)],
    Guard(OPEN, "a service leads back here only", follow_anything, services.test_next_stays_on_this_site),
    Guard(OPEN, "a log-in leads on here only", follow_anything, logins.test_a_foreign_next_is_not_followed,
          {"target": "https://evil.example/"}),
    Guard(OPEN, "a form of a member leads on here only", put(in_public, "local_path", lambda target: target),
          public.test_it_never_leads_to_another_site, {"target": "https://evil.example/"}),
    Guard(ENUM, "a taken e-mail looks like a new one", tell_that_it_is_taken,
          services.test_an_unproved_e_mail_that_has_a_login_looks_like_a_new_one),
    *[Guard(ENUM, "known and unknown look the same", show_enumeration, test)
      for test in (sign_ups.test_an_existing_e_mail_gets_the_same_answer_and_a_mail,
                   logins.test_a_reset_answers_the_same_for_everybody_and_writes_to_known_people_only,
                   logins.test_a_code_is_never_mailed_to_a_stranger_and_the_page_does_not_say_so)],
    Guard("session fixation", "a log-in changes the session's key", keep_session_keys,
          logins.test_the_right_password_opens_the_console_under_a_new_session_key),
]  # fmt: skip


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.row}: {guard.name}: {guard.test.__name__[5:45]}")
def test_an_attack_gets_through_when_its_guard_is_gone(
    guard: Guard, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    names = [name for name in inspect.signature(guard.test).parameters if name not in guard.given]
    attack = functools.partial(guard.test, **{name: request.getfixturevalue(name) for name in names}, **guard.given)
    guard.remove(monkeypatch, settings)
    with pytest.raises((*FAILURES, ImmediateHttpResponse)):
        attack()
