"""SIGN_IN_PROVIDERS: what is read, and what stops the start with a sentence."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from livechat.sign_in import read_providers

OPENID = {"kind": "openid", "slug": "acme", "issuer": "https://id.acme.example", "client_id": "x"}


def read(*entries, dev=False):
    return read_providers(json.dumps(entries), dev=dev)


def test_nothing_is_no_provider():
    assert read_providers("") == []


def test_each_kind_knows_its_addresses():
    openid, google, facebook, x = read(
        OPENID, *({"kind": kind, "client_id": "x", "version": "v30.0"} for kind in ("google", "facebook", "x"))
    )
    assert openid["hosts"] == ("id.acme.example",) and openid["trusted"] is False
    assert google["issuer"] == "https://accounts.google.com" and "oauth2.googleapis.com" in google["hosts"]
    assert facebook["endpoints"]["authorize"] == "https://www.facebook.com/v30.0/dialog/oauth"
    assert set(x["hosts"]) == {"x.com", "api.x.com"}


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{**OPENID, "kind": "saml"}], "entry 1: kind"),
        ([{**OPENID, "client_id": ""}], "client_id"),
        ([{**OPENID, "slug": "../x"}], "slug"),
        ([{**OPENID, "issuer": "http://id.acme.example"}], "https://"),
        ([{**OPENID, "issuer": "http://127.0.0.1:9400"}], "https://"),
        ([{**OPENID, "issuer": "https://id.acme.example/?x"}], "https://"),
        ([{**OPENID, "trust": True}], "nobody knows trust"),
        ([OPENID, {**OPENID, "slug": "other"}], "same issuer"),
        ([OPENID, {**OPENID, "issuer": "https://other.example"}], "same slug"),
    ],
)
def test_what_does_not_fit_is_named(entries, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        read(*entries)


def test_a_provider_on_this_computer_is_for_development():
    assert read({**OPENID, "issuer": "http://127.0.0.1:9400"}, dev=True)[0]["hosts"] == ("127.0.0.1:9400",)
