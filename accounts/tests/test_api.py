"""The API's door: keys, scopes, sessions with CSRF, brute force, one error shape, the description of itself."""

import datetime
import json

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts import actions
from accounts.api_base import ApiView, OpenToAll
from accounts.models import ApiKey
from accounts.roles import SCOPES
from accounts.scoping import account_scope
from accounts.testing import make_member, make_user
from audit.models import Entry
from core.errors import Refused
from core.limits import LIMITS

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"


def make_key(membership, *scopes, **changes):
    with account_scope(membership.account):
        return actions.create_api_key(
            membership=membership, name="Nightly import", scopes=scopes or ["profile.read"], **changes
        )


def revoke(key, by):
    with account_scope(by.account):
        actions.revoke_api_key(key=key, by=by)


def ask(secret, path=ME, method="get", **kwargs):
    return getattr(Client(enforce_csrf_checks=True), method)(
        path, headers={"Authorization": f"Bearer {secret}"}, **kwargs
    )


def test_a_key_acts_as_its_member(alice_member, acme):
    _key, secret = make_key(alice_member)
    answer = ask(secret)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(alice_member.user.public_id), "email": "alice@acme-bikes.example", "name": "Alice",
        "surname": "Example", "role": "owner", "scopes": ["profile.read"],
        "account": {"id": str(acme.public_id), "slug": acme.slug, "company": "Acme Bikes", "time_zone": "UTC"},
    }  # fmt: skip
    assert answer["Cache-Control"].startswith("max-age=0") and "no-store" in answer["Cache-Control"]


def test_a_key_is_kept_only_as_its_hash_and_found_by_it(alice_member):
    key, secret = make_key(alice_member)
    assert len(secret) >= 3 + 6 + 1 + 43
    stored = ApiKey.of(alice_member.account).values().get()
    assert secret not in json.dumps(stored, default=str)
    assert stored["prefix"] == secret[:9] == key.prefix
    assert stored["secret_hash"] == actions.hash_key(secret)


def test_a_key_may_do_only_what_its_scopes_say(alice_member):
    _key, secret = make_key(alice_member, "team.edit")
    answer = ask(secret)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_scope")


def test_a_key_is_given_only_what_its_members_role_allows(bob_member):
    for scopes in (["team.edit"], [], ["owners.edit"], ["no.such"]):
        with pytest.raises(Refused) as refused, account_scope(bob_member.account):
            actions.create_api_key(membership=bob_member, name="x", scopes=scopes)
        assert refused.value.code == "bad_scope"


def test_a_key_loses_what_its_member_loses(acme, alice_member):
    admin = make_member(acme, "admin")
    key, secret = make_key(admin, "team.edit", "profile.read")
    actions.change_role(membership=admin, role="operator", by=alice_member)
    assert ask(secret).json()["role"] == "operator"
    admin.refresh_from_db()
    assert "team.edit" in key.scope_set
    with pytest.raises(Refused) as refused:
        ApiView._check_right(admin, key, "team.edit")
    assert refused.value.code == "not_found"


def test_a_key_ends_with_the_membership(acme, alice_member):
    admin = make_member(acme, "admin")
    _key, secret = make_key(admin)
    actions.remove_member(membership=admin, by=alice_member)
    assert ask(secret).status_code == 401
    assert not ApiKey.of(acme).exists()


def test_a_revoked_key_and_an_expired_one_and_that_of_a_deactivated_person_look_like_a_wrong_one(
    acme, alice_member, ada
):
    revoked, first = make_key(alice_member)
    revoke(revoked, alice_member)
    _key, second = make_key(alice_member, days=1)
    left = make_member(acme)
    _key, third = make_key(left)
    actions.deactivate_user(user=left.user, by_user_id=ada.pk)
    answers = {ask("lc_00000_nothing").content, ask("").content, ask(first).content, ask(third).content}
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1, seconds=1), tick=False):
        answers.add(ask(second).content)
    assert len(answers) == 1
    assert json.loads(answers.pop())["code"] == "bad_key"


def test_a_key_in_the_address_or_the_form_counts_for_nothing(alice_member):
    _key, secret = make_key(alice_member)
    client = Client()
    for answer in (
        client.get(ME, {"key": secret}),
        client.get(ME, headers={"Authorization": f"Basic {secret}"}),
        client.get(ME, headers={"Authorization": secret}),
        client.get(ME, headers={"X-Api-Key": secret}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_guessing_keys_is_slowed_down_for_the_address_even_when_a_guess_is_right(alice_member):
    _key, secret = make_key(alice_member)
    for _try in range(LIMITS["api.wrong_key"].count):
        assert ask("lc_abcdef_guess").status_code == 401
    answer = ask("lc_abcdef_guess")
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert ask(secret).status_code == 429  # a right guess would not be told from a wrong one
    elsewhere = Client(REMOTE_ADDR="198.51.100.9").get(ME, headers={"Authorization": f"Bearer {secret}"})
    assert elsewhere.status_code == 200


def test_use_is_limited_by_member_and_account(alice_member, monkeypatch):
    from core import limits

    monkeypatch.setitem(LIMITS, "api", limits.Limit(2, 60, "person in an account"))
    _key, secret = make_key(alice_member)
    assert [ask(secret).status_code for _ in range(3)] == [200, 200, 429]


def test_last_use_is_written_at_most_once_a_minute(alice_member):
    key, secret = make_key(alice_member)
    with time_machine.travel("2026-08-12T10:00:00Z", tick=False) as clock:
        ask(secret)
        first = ApiKey.of(alice_member.account).get(pk=key.pk).last_used_at
        clock.shift(30)
        ask(secret)
        assert ApiKey.of(alice_member.account).get(pk=key.pk).last_used_at == first
        clock.shift(31)
        ask(secret)
        assert ApiKey.of(alice_member.account).get(pk=key.pk).last_used_at > first


def test_a_session_works_too_and_says_no_scopes(client_of, bob):
    answer = client_of(bob).get(ME)
    assert (answer.json()["email"], answer.json()["scopes"]) == (bob.email, None)


def test_nobody_and_a_person_without_an_account_get_nothing(client_of, eve):
    assert Client().get(ME).status_code == 401
    answer = client_of(eve).get(ME)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_what_changes_something_in_a_session_needs_the_csrf_token(alice, rf):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = browser.post(ME, "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_a_method_that_is_not_there_and_an_address_that_is_not_there_answer_in_the_one_shape(client_of, alice):
    browser = client_of(alice)
    for answer, status, code in (
        (browser.delete(ME), 405, "method_not_allowed"),
        (browser.options(ME), 405, "method_not_allowed"),
        (browser.get("/api/v1/nothing/"), 404, "not_found"),
        (browser.get("/api/v2/me/"), 404, "not_found"),
        (browser.put(ME, b"x" * 65_537, content_type="application/json"), 413, "too_large"),
    ):
        assert answer.status_code == status, answer.content
        assert answer.json()["code"] == code and answer.json()["message"].endswith(".")
        assert set(answer.json()) == {"code", "message"}


def test_keys_of_another_account_do_not_exist(carol_member, alice_member):
    key, _secret = make_key(alice_member)
    with pytest.raises(Refused) as refused:
        revoke(key, carol_member)
    assert refused.value.code == "not_found"


def test_making_and_revoking_a_key_is_in_the_log_without_the_key(alice_member):
    key, secret = make_key(alice_member)
    revoke(key, alice_member)
    acts = Entry.objects.filter(action__startswith="api_key.").order_by("pk")
    assert [act.action for act in acts] == ["api_key.created", "api_key.revoked"]
    assert secret not in json.dumps([act.facts for act in acts])


def test_a_member_has_at_most_twenty_open_keys(alice_member):
    keys = [make_key(alice_member)[0] for _ in range(20)]
    with pytest.raises(Refused) as refused:
        make_key(alice_member)
    assert refused.value.code == "too_many"
    revoke(keys[0], alice_member)
    make_key(alice_member)


def api_views():
    """Every class behind /api/."""
    found = []

    def walk(patterns, path):
        for pattern in patterns:
            here = path + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, here)
            elif here.startswith("api/"):
                found.append((here, pattern.callback))

    walk(get_resolver().url_patterns, "")
    return found


OPEN_TO_ALL = {
    "Schema": "describes the API",
    "docs": "the same as a page",
    "Nowhere": "answers 404",
    "Preview": "answers what was sent, as HTML",
}


def test_every_operation_stands_behind_the_one_door():
    strange = [
        path
        for path, view in api_views()
        if getattr(view, "cls", view).__name__ not in OPEN_TO_ALL
        and not issubclass(getattr(view, "cls", object), (ApiView, OpenToAll))
    ]
    assert strange == [] and len(api_views()) >= 4


def test_every_scope_is_asked_for_by_an_operation_and_every_operation_has_a_scope():
    asked = set()
    for _path, view in api_views():
        cls = getattr(view, "cls", object)
        if issubclass(cls, ApiView):
            asked |= set(cls.rights.values() if isinstance(cls.rights, dict) else [cls.rights])
        elif issubclass(cls, OpenToAll):
            asked.add(cls.writes)
    assert asked <= set(SCOPES)


def test_the_description_is_complete_and_documents_errors(client):
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 200
    schema = json.loads(answer.content)
    assert schema["openapi"].startswith("3.")
    assert "/api/v1/me/" in schema["paths"] and "/api/v1/schema/" not in schema["paths"]
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            assert {"401", "403", "429"} <= set(told["responses"]), (path, method)
            for status, response in told["responses"].items():
                if int(status) >= 400:
                    shape = response["content"]["application/json"]["schema"]["$ref"]
                    assert shape.endswith("/Error"), (path, method, status)
    assert set(schema["components"]["securitySchemes"]) == {"apiKey", "session"}


def test_the_description_has_no_warnings():
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_the_page_of_the_api_brings_its_own_scripts(client):
    page = client.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200 and "cdn" not in text and "https://" not in text
    assert "unsafe" not in page["Content-Security-Policy"]
    assert text.count("<script") == text.count("nonce=") == 2


def test_defaults_deny_and_there_is_one_renderer(alice):
    from rest_framework.settings import api_settings

    assert [kind.__name__ for kind in api_settings.DEFAULT_PERMISSION_CLASSES] == ["Nobody"]
    assert [kind.__name__ for kind in api_settings.DEFAULT_RENDERER_CLASSES] == ["JSONRenderer"]
    assert settings.REST_FRAMEWORK["URL_FORMAT_OVERRIDE"] is None
    browser = Client()
    browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = browser.get(ME + "?format=api", headers={"Accept": "text/html"})
    assert answer["Content-Type"] == "application/json"


def test_a_person_in_two_accounts_gets_the_account_of_the_key(acme, cakes):
    person = make_user()
    first = actions.add_member(account=acme, user=person, role="operator", by=None)
    second = actions.add_member(account=cakes, user=person, role="admin", by=None)
    for membership, slug in ((first, acme.slug), (second, cakes.slug)):
        assert ask(make_key(membership)[1]).json()["account"]["slug"] == slug
