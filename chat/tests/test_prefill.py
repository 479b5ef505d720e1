"""The form before the chat, filled in by a service: what is handed over, to whom, how often, and what is kept (S92)."""

import json
import re
import secrets
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.scoping import scopes_disabled
from accounts.testing import PASSWORD
from accounts.tests.mails import path_of
from accounts.tests.test_sign_in import PAT, come_back
from chat.actions.widgets import change_widget
from chat.models import Visitor
from chat.testing import make_widget
from chat.window import handoff
from core import limits
from tests.openid import use_providers

pytestmark = pytest.mark.django_db
FOUND = {"name": "Pat Specimen", "email": "pat@specimen.example"}


@pytest.fixture
def demo(openid, settings):
    use_providers(settings, openid.entry())
    openid.person("pat", **PAT)
    return openid


@pytest.fixture
def widget(acme):
    return make_widget(acme)


def new_key():
    return secrets.token_urlsafe(32)


def leave(client, widget, key, **more):
    """The window beside the chat, up to the address of the service."""
    return client.post(f"/widget/prefill/{widget.key}/demo/", {"key": key, "site": "", "lang": "en", **more})


def there_and_back(client, widget, demo, key, sub="pat", **more):
    """The way to the service and back; answers the address of the page with the choice."""
    url = demo.consent(leave(client, widget, key, **more).context["url"], sub)
    return client.get(path_of(url))


def read(key, **more):
    answer = Client().post("/widget/prefill/", json.dumps({"key": key}), content_type="application/json", **more)
    return answer.json() if answer.status_code == 200 else answer.status_code


WAITING = {"waiting": True}


def test_without_a_service_there_is_no_button_and_no_door(client, widget, settings):
    settings.SIGN_IN_PROVIDERS = []
    page = client.get(f"/widget/frame/{widget.key}/").content.decode()
    assert 'data-do="prefill"' not in page and "js/widget/prefill" not in page
    assert client.get(f"/widget/prefill/{widget.key}/demo/").status_code == 404
    assert client.get("/widget/prefill/nobody/demo/").status_code == 404


def test_the_frame_offers_each_service_and_sets_no_cookie(client, widget, demo):
    answer = client.get(f"/widget/frame/{widget.key}/")
    assert f"/widget/prefill/{widget.key}/demo/?lang=en" in answer.content.decode() and not answer.cookies


def test_what_was_ticked_comes_to_the_form_once_and_nothing_is_stored(client, widget, demo):
    key = new_key()
    assert read(key) == WAITING
    place = there_and_back(client, widget, demo, key)["Location"]
    page = client.get(place)
    text = page.content.decode()
    assert "Pat Specimen" in text and "pat@specimen.example" in text and "checked" not in text
    assert read(key) == WAITING
    told = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert "Specimen" not in told and key not in told
    client.post(place, {"take_name": "on"})
    assert read(key) == {"waiting": False, "chosen": {"name": "Pat Specimen"}}
    assert read(key) == WAITING
    assert not User.objects.filter(email=PAT["email"]).exists() and not SocialAccount.objects.exists()
    assert not get_user(client).is_authenticated and not Session.objects.exists()
    assert client.get(place).status_code == 404
    with scopes_disabled():
        assert not Visitor.objects.exists()


def whole_cache() -> str:
    """What the cache keeps of the forms, as it lies there: in this process, or in Redis."""
    kept = cache._cache
    if isinstance(kept, dict):
        return str(list(kept.items()))
    redis = kept.get_client()
    return str([(name, redis.get(name)) for name in redis.scan_iter() if re.search(b"handoff|told", name)])


def test_what_lies_in_the_cache_is_sealed(client, widget, demo):
    key = new_key()
    place = there_and_back(client, widget, demo, key)["Location"]
    assert "told:" in whole_cache() and "Specimen" not in whole_cache()
    client.post(place, {"take_name": "on", "take_email": "on"})
    kept = whole_cache()
    assert "handoff:" in kept and "Specimen" not in kept and key not in kept
    assert read(key)["chosen"] == FOUND


def test_it_waits_two_minutes_and_not_longer(client, widget, demo, monkeypatch):
    monkeypatch.setattr(handoff, "KEPT_SECONDS", 0)
    key = new_key()
    client.post(there_and_back(client, widget, demo, key)["Location"], {"take_name": "on"})
    assert read(key) == WAITING


def test_another_key_gets_nothing_and_spoils_nothing(client, widget, demo):
    key = new_key()
    client.post(there_and_back(client, widget, demo, key)["Location"], {"take_email": "on"})
    for wrong in (new_key(), key[:-1], "", "\ud800", None, 7, [key], handoff._hash(key)):
        assert read(wrong) == WAITING
    assert read(key, HTTP_ORIGIN="https://evil.example") == 403
    assert read(key)["chosen"] == {"email": "pat@specimen.example"}


def test_a_key_is_good_for_one_way(client, widget, demo):
    key = new_key()
    assert leave(client, widget, key).status_code == 200
    assert leave(Client(), widget, key).status_code == 404
    for odd in ("", "short", "x" * 44, f"{new_key()}\n", "ä" * 43):
        assert leave(client, widget, odd).status_code == 404


def test_the_choice_belongs_to_the_browser_that_went_there(client, widget, demo):
    key = new_key()
    place = there_and_back(client, widget, demo, key)["Location"]
    stranger = Client()
    assert stranger.get(place).status_code == 404
    assert stranger.post(place, {"take_name": "on"}).status_code == 404 and read(key) == WAITING


def test_a_page_of_another_site_cannot_send_a_key_of_its_own(widget, demo):
    careful = Client(enforce_csrf_checks=True)
    careful.get(f"/widget/prefill/{widget.key}/demo/")
    assert leave(careful, widget, new_key()).status_code == 403


def test_an_answer_for_another_browser_fills_in_nothing(client, widget, demo):
    """Somebody sends a visitor their own answer of the service: it is not of this browser."""
    url = demo.consent(leave(Client(), widget, new_key()).context["url"], "pat")
    key = new_key()
    leave(client, widget, key)
    assert client.get(path_of(url)).status_code == 401 and read(key) == WAITING


def test_who_has_a_login_here_is_not_logged_in_by_it(client, widget, demo, texts):
    come_back(client, demo, "pat")
    token = re.search(r'name="policy"[^>]* value="([^"]+)"', client.get("/account/join/").content.decode()).group(1)
    client.post("/account/join/", {"age": "on", "policy": token, "take_email": "on", "take_name": "on"})
    seen = SocialAccount.objects.get().last_login
    visitor = Client()
    key = new_key()
    visitor.post(there_and_back(visitor, widget, demo, key)["Location"], {"take_name": "on"})
    assert read(key)["chosen"] == {"name": "Pat Specimen"}
    assert not get_user(visitor).is_authenticated and SocialAccount.objects.get().last_login == seen


def test_a_login_that_is_open_stays_open_and_is_not_changed(client, widget, demo, alice):
    client.post("/account/login/", {"login": alice.email, "password": PASSWORD})
    key = new_key()
    client.post(there_and_back(client, widget, demo, key)["Location"], {"take_email": "on"})
    assert get_user(client) == alice and not SocialAccount.objects.exists()
    assert read(key)["chosen"] == {"email": "pat@specimen.example"}


@pytest.mark.parametrize("state_comes_back", [True, False])
def test_a_no_at_the_service_leaves_the_form_as_it_was(client, widget, demo, state_comes_back):
    key = new_key()
    back = path_of(demo.refuse(leave(client, widget, key).context["url"]))
    answer = client.get(back if state_comes_back else re.sub(r"&?state=[^&]+", "", back), follow=True)
    assert "Demo OpenID told us nothing" in answer.content.decode()
    assert read(key) == {"waiting": False, "chosen": {}} and not Session.objects.exists()


def test_a_service_that_says_nonsense_leaves_the_form_as_it_was(client, widget, demo):
    key = new_key()
    state = re.search(r"state=([^&]+)", leave(client, widget, key).context["url"]).group(1)
    answer = client.get(f"/account/with/demo/back/?code=wrong&state={state}", follow=True)
    assert "told us nothing" in answer.content.decode() and read(key) == {"waiting": False, "chosen": {}}


def test_a_service_that_is_not_there_leaves_the_form_as_it_was(client, widget, openid, settings):
    use_providers(settings, openid.entry(issuer="http://127.0.0.1:9"))
    key = new_key()
    answer = client.post(f"/widget/prefill/{widget.key}/demo/", {"key": key})
    assert "told us nothing" in answer.content.decode() and read(key) == {"waiting": False, "chosen": {}}


def test_who_shares_nothing_types(client, widget, demo):
    demo.person("silent")
    key = new_key()
    page = client.get(there_and_back(client, widget, demo, key, sub="silent")["Location"])
    assert "told us nothing" in page.content.decode() and read(key) == {"waiting": False, "chosen": {}}


def test_nothing_ticked_is_asked_again_and_nothing_can_be_chosen(client, widget, demo):
    key = new_key()
    place = there_and_back(client, widget, demo, key)["Location"]
    assert client.post(place, {}).status_code == 400 and read(key) == WAITING
    client.post(place, {"take_name": "on", "none": "1"})
    assert read(key)["waiting"] is False


def test_only_what_the_form_asks_is_offered(client, widget, demo, acme, alice_member):
    from accounts.scoping import account_scope

    with account_scope(acme):
        change_widget(widget=widget, by=alice_member, form={"name": "off", "email": "optional"})
    key = new_key()
    place = there_and_back(client, widget, demo, key)["Location"]
    assert "Pat Specimen" not in client.get(place).content.decode()
    client.post(place, {"take_name": "on", "take_email": "on"})
    assert read(key)["chosen"] == {"email": "pat@specimen.example"}


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"name": "  Pat\u202e \x07 Specimen ", "email": "not an address"}, {"name": "Pat Specimen"}),
        ({"name": ["Pat"], "email": {"a": 1}}, {}),
        ({"name": "P" * 500}, {"name": "P" * 80}),
        ({"given_name": "Pat", "family_name": "Specimen"}, {"name": "Pat Specimen"}),
        ({"name": "<script>alert(1)</script>"}, {"name": "<script>alert(1)</script>"}),
    ],
)
def test_odd_names_and_addresses(client, widget, demo, claims: dict[str, Any], found):
    demo.person("odd", **claims)
    key = new_key()
    place = there_and_back(client, widget, demo, key, sub="odd")["Location"]
    assert "<script>alert" not in client.get(place).content.decode()
    if found:
        client.post(place, {"take_name": "on", "take_email": "on"})
    assert read(key)["chosen"] == found


def test_only_the_pages_of_this_window_speak_with_what_opened_them(client, widget, demo):
    key = new_key()
    start = client.get(f"/widget/prefill/{widget.key}/demo/")
    sent = leave(client, widget, key)
    back = client.get(path_of(demo.consent(sent.context["url"], "pat")))
    for answer in (start, sent, back, client.get(back["Location"])):
        assert answer["Cross-Origin-Opener-Policy"] == "unsafe-none"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert client.get("/account/login/")["Cross-Origin-Opener-Policy"] == "same-origin"
    plain = client.post("/account/with/demo/")
    assert plain["Cross-Origin-Opener-Policy"] == "same-origin"
    assert client.get(path_of(demo.consent(plain.context["url"], "pat")))["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_page_names_the_website_only_if_it_is_one_of_the_widget(client, widget, demo):
    place = there_and_back(client, widget, demo, new_key(), site=widget.allowed_origins[0])["Location"]
    assert widget.allowed_origins[0].partition("://")[2] in client.get(place).content.decode()
    other = there_and_back(client, widget, demo, new_key(), site="https://bank.example")["Location"]
    assert "bank.example" not in client.get(other).content.decode()


def test_tries_are_limited(client, widget, demo, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "widget.prefill", limits.Limit(1, 600, "address"))
    monkeypatch.setitem(limits.LIMITS, "widget.prefill_read", limits.Limit(1, 60, "address"))
    assert leave(client, widget, new_key()).status_code == 200
    assert leave(client, widget, new_key()).status_code == 429
    assert read(new_key()) == WAITING and read(new_key()) == 429
