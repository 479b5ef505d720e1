"""Who a website says a visitor is: only a fresh word of its own server counts (SAFETY: visitor identity)."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import jwt
import pytest

from accounts.scoping import account_scope
from chat.actions.seeing import identify_visitor
from chat.actions.widgets import add_widget, make_identity_secret
from chat.models import Visitor
from chat.testing import make_visitor, make_widget
from core.errors import Refused

pytestmark = pytest.mark.django_db


def sign(secret: str, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token as a customer's server makes it; claims that are None are left out."""
    now = int(time.time())
    claims = {"sub": "customer-7", "name": "Pat Specimen", "email": "pat@specimen.example", "iat": now,
              "exp": now + 300, "jti": str(uuid.uuid4()), **changes}  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not None}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
             for part in (header or {"alg": "HS256", "typ": "JWT"}, claims)]  # fmt: skip
    signature = hmac.new(secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


@pytest.fixture
def secret(acme, alice_member) -> str:
    return make_identity_secret(widget=make_widget(acme), by=alice_member)


def identify(visitor: Visitor, token: str) -> Any:
    with account_scope(visitor.account):
        return identify_visitor(visitor_pk=visitor.pk, token=token)


def test_a_fresh_token_says_who_it_is_and_the_name_waits_for_the_form(acme, secret):
    visitor = make_visitor(acme)
    found = identify(visitor, sign(secret, name=" Pat\u202e\x07  Specimen "))
    assert (found.subject, found.name, found.email) == ("customer-7", "Pat Specimen", "pat@specimen.example")
    with account_scope(acme):
        visitor.refresh_from_db()
    assert visitor.external_id == "customer-7" and visitor.identified_at is not None
    assert (visitor.name, visitor.email) == ("", "")  # S92: stored when the visitor sends it
    assert jwt.decode(sign(secret), secret, algorithms=["HS256"])["sub"] == "customer-7"


NOW = int(time.time())


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda s: sign("another secret of the same length, or so it seems"), "not signed"),
        (lambda s: sign(s, {"alg": "none", "typ": "JWT"}), "not signed"),
        (lambda s: sign(s, {"alg": "none"}).rsplit(".", 1)[0] + ".", "not signed"),
        (lambda s: sign(s, {"alg": "HS512"}), "not signed"),
        (lambda s: sign(s)[:-3] + "AAA", "not signed"),
        (lambda s: "x.y", "not signed"),
        (lambda s: "", "not signed"),
        (lambda s: "9" * 5000, "too long"),
        (lambda s: sign(s, iat=int(time.time()) - 900, exp=int(time.time()) - 301), "expired"),
        (lambda s: sign(s, exp=int(time.time()) + 86_400), "lives too long"),
        (lambda s: sign(s, iat=int(time.time()) + 500, exp=int(time.time()) + 600), "not signed"),
        (lambda s: sign(s, exp=None), "needs the claim exp"),
        (lambda s: sign(s, jti=None), "needs the claim jti"),
        (lambda s: sign(s, sub=""), "may not be empty"),
        (lambda s: sign(s, sub=7), "not signed"),
        (lambda s: sign(s, name=["Pat"]), "are texts"),
        (lambda s: sign(s, sub="x" * 121), "120 characters"),
    ],
)
def test_anything_else_is_refused_in_words_and_changes_nothing(acme, secret, make, sentence):
    visitor = make_visitor(acme)
    with pytest.raises(Refused) as refused:
        identify(visitor, make(secret))
    assert refused.value.code == "bad_token" and sentence in str(refused.value.message)
    with account_scope(acme):
        visitor.refresh_from_db()
    assert visitor.external_id == "" and visitor.identified_at is None


def test_a_token_of_another_website_or_account_or_an_ended_secret_means_nothing(
    acme, alice_member, cakes, carol_member, secret
):
    other = make_identity_secret(widget=add_widget(by=alice_member, website="https://other.example"), by=alice_member)
    foreign = make_identity_secret(widget=make_widget(cakes), by=carol_member)
    visitor = make_visitor(acme)
    for wrong in (other, foreign):
        with pytest.raises(Refused):
            identify(visitor, sign(wrong))
    make_identity_secret(widget=make_widget(acme), by=alice_member)
    with pytest.raises(Refused):
        identify(visitor, sign(secret))


def test_a_token_is_good_once_for_one_visitor(acme, secret):
    token, first = sign(secret), make_visitor(acme)
    identify(first, token)
    identify(first, token)  # the same window again: harmless
    with pytest.raises(Refused) as refused:
        identify(make_visitor(acme), token)
    assert "used already" in str(refused.value.message)


def test_who_may_not_edit_the_website_makes_no_secret(acme, bob_member, carol_member):
    for member in (bob_member, carol_member):
        with pytest.raises(Refused):
            make_identity_secret(widget=make_widget(acme), by=member)
