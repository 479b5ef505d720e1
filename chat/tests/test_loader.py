"""The door of the bubble's script, its settings, greetings, colours, and the pages on which they are set."""

import gzip
import json
import random
import re
import string

import brotli
import pytest
from django.test import Client

from accounts.scoping import account_scope
from audit.models import Entry
from chat.actions.widgets import change_widget, remove_widget
from chat.bubble.greetings import MOST, check_greetings
from chat.bubble.script import HEAVIEST
from chat.models import ChatSettings, Widget
from chat.testing import make_widget
from chat.window.colours import choose_brand, contrast
from core.errors import Refused

pytestmark = pytest.mark.django_db
PAGE = "/app/settings/widget/"


def settings_in(script: str) -> dict:
    """What the script says of its website: the last thing in it."""
    return json.loads(re.search(r"\}\)\((\{.*\}),document\.currentScript\);\s*$", script, re.DOTALL).group(1))


def get(key: str, **headers: str):
    return Client(headers=headers).get(f"/widget/{key}.js")


def test_one_request_brings_script_and_settings_and_can_be_kept_for_five_minutes(acme, alice_member):
    widget = make_widget(acme)
    with account_scope(acme):
        change_widget(widget=widget, by=alice_member, brand_colour="#0b6372", position="start", language="de")
    plain = get(widget.key)
    assert plain.status_code == 200 and plain["Content-Type"] == "text/javascript; charset=utf-8"
    assert plain["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert plain["Cross-Origin-Resource-Policy"] == "cross-origin" and not plain.cookies
    found = settings_in(plain.content.decode())
    assert (found["key"], found["colour"], found["ink"], found["side"]) == (widget.key, "#0b6372", "#ffffff", "start")
    assert found["lang"] == "de" and set(found["words"]) == {"de", "en"} and "ask" not in found
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        packed = get(widget.key, accept_encoding=f"deflate, {encoding}")
        assert packed["Content-Encoding"] == encoding and unpack(packed.content) == plain.content
        assert len(packed.content) <= HEAVIEST
    again = get(widget.key, if_none_match=plain["ETag"])
    assert again.status_code == 304 and again.content == b"" and again["ETag"] == plain["ETag"]


def test_a_key_that_nobody_has_gets_a_comment_and_nothing_else(acme, alice_member):
    from chat.actions.widgets import add_widget

    gone = make_widget(acme)
    add_widget(by=alice_member, website="https://shop.example")
    remove_widget(widget=gone, by=alice_member)
    for key in ("nobody", gone.key, "a'%22%3C"):
        answer = get(key)
        assert answer.status_code == 404 and answer["Content-Type"].startswith("text/javascript")
        assert answer.content.decode() == "/* livechat: no website has this key. */\n"


def test_the_question_of_the_board_stands_in_it_only_where_the_account_switched_it_on(acme):
    widget = make_widget(acme)
    with account_scope(acme):
        ChatSettings.objects.create(account=acme, board_on=True)
    found = settings_in(get(widget.key).content.decode())
    assert found["ask"] == 1
    assert found["words"]["en"][6] == f"May {acme.company} see which page you are on, to help you?"


def test_nothing_that_a_company_writes_can_end_the_script(acme, alice_member):
    widget = make_widget(acme)
    text = '</script><script>alert(1)</script> \u2028 "); alert(2); ("'
    with account_scope(acme):
        rule = {"text": text, "page": "*", "after": "0", "times": "1", "first": False}
        change_widget(widget=widget, by=alice_member, greetings=[rule])
    script = get(widget.key).content.decode()
    assert "</script" not in script
    assert settings_in(script)["greetings"][0]["text"] == " ".join(text.split())


@pytest.mark.once
@pytest.mark.parametrize(
    "colour", ["#ffee00", "#ffffff", "#000000", "#767676", "#808080", "#7a7a7a", "#e05a00", "#20524a"]
)
def test_words_on_any_colour_can_be_read(colour):
    brand = choose_brand(colour)
    assert contrast(brand.colour, brand.ink) >= 4.5
    assert brand.is_changed == (brand.colour != colour)


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"text": "  "}, "text", "Write what the greeting says"),
        ({"text": "x" * 161}, "text", "can have 160 characters"),
        ({"page": "pricing"}, "page", "Enter the path of a page"),
        ({"page": "/a*b*c*d*"}, "page", "3 stars"),
        ({"after": "soon"}, "after", "seconds from 0 to 3600"),
        ({"after": "3601"}, "after", "seconds from 0 to 3600"),
        ({"times": "0"}, "times", "from 1 to 5"),
    ],
)
def test_a_greeting_that_does_not_fit_is_refused_in_words(change, field, sentence):
    good = {"text": "Hello", "page": "/pricing*", "after": "5", "times": "1", "first": True}
    with pytest.raises(Refused) as refused:
        check_greetings([good, {**good, **change}])
    assert (refused.value.number, refused.value.field) == (1, field) and sentence in str(refused.value.message)


def test_greetings_are_added_ordered_and_saved_without_losing_what_was_typed(alice, acme, alice_member, client_of):
    widget, browser = make_widget(acme), client_of(alice)
    page = f"{PAGE}{widget.key}/greetings/"
    first = {"g0-text": "One", "g0-page": "/a", "g0-after": "3", "g0-times": "1", "g0-id": "", "g0-first": "on"}
    second = {"g1-text": "Two", "g1-page": "bad path", "g1-after": "5", "g1-times": "2", "g1-id": ""}
    added = browser.post(page, {**first, "do": "add"}).content.decode()
    assert 'name="g1-text"' in added and ">One</textarea>" in added
    moved = browser.post(page, {**first, **second, "do": "up-1"}).content.decode()
    assert moved.index(">Two</textarea>") < moved.index(">One</textarea>")
    wrong = browser.post(page, {**first, **second, "do": "save"})
    assert wrong.status_code == 400 and 'href="#g1-page"' in wrong.content.decode()
    assert "bad path" in wrong.content.decode() and ">One</textarea>" in wrong.content.decode()
    assert browser.post(page, {**first, **second, "g1-page": "/b/*", "do": "save"}).status_code == 302
    with account_scope(acme):
        stored = Widget.objects.get().greetings
    assert [(rule["text"], rule["page"], rule["first"]) for rule in stored] == [
        ("One", "/a", True),
        ("Two", "/b/*", False),
    ]
    rules = settings_in(get(widget.key).content.decode())["greetings"]
    assert rules[1] == {"text": "Two", "page": "^/b/.*$", "after": 5, "first": 0, "times": 2}
    gone = browser.post(page, {**first, "do": "remove-0"}).content.decode()
    assert "None yet" in gone
    many = {f"g{n}-{name}": value for n in range(MOST + 1) for name, value in {"text": "x", "page": "*"}.items()}
    assert browser.post(page, {**many, "do": "save"}).status_code == 400
    rest = {"page": "*", "after": "1", "times": "1"}
    long = {f"g{n}-{name}": value for n in range(MOST) for name, value in rest.items()}
    noise = random.Random(1)  # noqa: S311  the same text each time, which does not compress
    long |= {f"g{n}-text": "".join(noise.choices(string.ascii_letters + string.digits, k=160)) for n in range(MOST)}
    heavy = browser.post(page, {**long, "do": "save"})
    assert heavy.status_code == 400 and "too long together" in heavy.content.decode()


def test_the_install_page_has_tag_guides_and_says_where_the_chat_was_opened(alice, acme, alice_member, client_of):
    widget, browser = make_widget(acme), client_of(alice)
    page = browser.get(PAGE).content.decode()
    assert f"&lt;script src=&quot;http://127.0.0.1:8000/widget/{widget.key}.js&quot; async&gt;" in page or (
        f"/widget/{widget.key}.js&quot; async&gt;" in page
    )
    for name in ("WordPress", "Shopify", "Wix", "Squarespace", "Webflow", "Google Tag Manager"):
        assert name in page
    assert "Not opened yet" in page
    own, other = widget.allowed_origins[0], "https://evil.example"
    for origin in (other, own):
        body = {"key": widget.key, "page": {"url": f"{origin}/cargo", "title": "", "referrer": ""}}
        assert Client().post("/widget/open/", body, content_type="application/json").status_code == 200
        part = browser.get(f"{PAGE}{widget.key}/seen/").content.decode()
        assert ("Not opened yet" in part) == (origin == other) and other not in part
    with account_scope(acme):
        assert list(Widget.objects.get().seen_on) == [own]


def test_the_secret_of_identify_is_shown_once_and_kept_sealed(alice, acme, alice_member, client_of):
    widget, browser = make_widget(acme), client_of(alice)
    page = f"{PAGE}{widget.key}/identity/"
    shown = browser.post(page, {"do": "make"}).content.decode()
    secret = re.search(r"readonly spellcheck=\"false\">([\w-]{43})</textarea>", shown).group(1)
    assert secret not in browser.get(page).content.decode()
    with account_scope(acme):
        assert secret not in Widget.objects.get().identity_secret
    browser.post(page, {"do": "forget"})
    with account_scope(acme):
        assert Widget.objects.get().identity_secret == ""
    assert {"widget.secret_made", "widget.secret_removed"} <= set(Entry.objects.values_list("action", flat=True))
