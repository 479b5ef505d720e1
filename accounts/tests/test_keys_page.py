"""The page of API keys: made, shown once, revoked; whose keys one sees."""

import re

import pytest
from django.test import Client

from accounts import actions
from accounts.models import ApiKey
from accounts.scoping import account_scope

pytestmark = pytest.mark.django_db
PAGE = "/app/settings/keys/"


def make_key(member, name="Nightly import"):
    with account_scope(member.account):
        return actions.create_api_key(membership=member, name=name, scopes=["profile.read"])


def test_a_key_made_on_the_page_is_shown_once_and_works(client_of, alice, acme):
    browser = client_of(alice)
    answer = browser.post(PAGE, {"name": "Import", "scopes": ["profile.read", "team.edit"], "days": "30"})
    secret = re.search(r'value="(lc_[^"]+)"', answer.content.decode()).group(1)
    assert "no-store" in answer["Cache-Control"]
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).json()["role"] == "owner"
    again = browser.get(PAGE).content.decode()
    assert secret not in again and secret[:9] in again
    key = ApiKey.of(acme).get()
    assert (key.expires_at - key.created_at).days == 30


@pytest.mark.parametrize(
    "sent, sentence",
    [
        ({"name": "", "scopes": ["profile.read"]}, "Give the key a name"),
        ({"name": "Import"}, "Choose at least one thing"),
        ({"name": "Import", "scopes": ["owners.edit"]}, "not one of the available choices"),
        ({"name": "Import", "scopes": ["profile.read"], "days": "9999"}, "not one of the available choices"),
    ],
)
def test_what_is_missing_is_said_at_the_field(client_of, alice, acme, sent, sentence):
    answer = client_of(alice).post(PAGE, sent)
    assert answer.status_code == 400 and sentence in answer.content.decode()
    assert not ApiKey.of(acme).exists()


def test_an_operator_is_offered_only_what_their_role_may(client_of, bob):
    page = client_of(bob).get(PAGE).content.decode()
    assert 'value="profile.read"' in page and 'value="team.edit"' not in page
    answer = client_of(bob).post(PAGE, {"name": "Import", "scopes": ["team.edit"]})
    assert answer.status_code == 400


def test_leaders_see_and_revoke_every_key_and_others_only_their_own(client_of, alice, bob, alice_member, bob_member):
    hers, _ = make_key(alice_member, "Hers")
    his, secret = make_key(bob_member, "His")
    assert "Hers" not in client_of(bob).get(PAGE).content.decode()
    assert client_of(bob).post(f"{PAGE}{hers.public_id}/revoke/").status_code == 404
    page = client_of(alice).get(PAGE).content.decode()
    assert "Hers" in page and "His" in page
    assert client_of(alice).post(f"{PAGE}{his.public_id}/revoke/").status_code == 302
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert "Revoked" in client_of(bob).get(PAGE).content.decode()


def test_a_key_of_another_account_is_not_there(client_of, carol, alice_member, carol_member):
    key, secret = make_key(alice_member)
    assert client_of(carol).post(f"{PAGE}{key.public_id}/revoke/").status_code == 404
    assert "Nightly import" not in client_of(carol).get(PAGE).content.decode()
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_making_keys_is_limited(client_of, alice):
    browser = client_of(alice)
    codes = [browser.post(PAGE, {"name": ""}).status_code for _ in range(21)]
    assert codes == [400] * 20 + [429]
