"""POST /api/v1/support/preview/: what a text becomes, for everybody, with bounds."""

import json

import pytest
from django.test import Client

from core.limits import LIMITS
from core.text import LONGEST, render

pytestmark = pytest.mark.django_db
PREVIEW = "/api/v1/support/preview/"


def preview(text, client=None):
    client = client or Client(enforce_csrf_checks=True)
    return client.post(PREVIEW, json.dumps({"text": text}), content_type="application/json")


def test_everybody_gets_the_html_of_their_text():
    answer = preview("*a* <script>pwn()</script>")
    assert answer.status_code == 200
    assert answer.json() == {"html": "<p><em>a</em> &lt;script&gt;pwn()&lt;/script&gt;</p>\n"}
    assert "sessionid" not in answer.cookies


def test_nothing_is_asked_of_the_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        preview("a")


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "é" * LONGEST, "𝒳" * LONGEST, "> " * 20_000])
def test_any_text_that_is_not_too_long_is_answered(text):
    answer = preview(text)
    assert answer.status_code == 200
    assert answer.json() == {"html": str(render(text))}


def test_a_text_that_is_too_long_is_refused_with_a_sentence():
    answer = preview("a" * (LONGEST + 1))
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "too_long",
        "message": "This text is too long. Up to 50,000 characters are possible.",
    }
    answer = preview("a" * 800_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"text": 1}', '{"text": null}', '{"text": ["a"]}', "{", "\xff"])
def test_what_is_no_text_is_refused(body):
    answer = Client().post(PREVIEW, body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] in ("invalid", "bad_body")


def test_other_methods_and_kinds_are_refused():
    assert Client().get(PREVIEW).status_code == 405
    assert Client().options(PREVIEW).status_code == 405
    assert Client().post(PREVIEW, {"text": "a"}).status_code == 415


def test_it_is_counted_for_each_address_and_person(client_of, alice):
    for _ in range(LIMITS["text.preview"].count):
        assert preview("a").status_code == 200
    answer = preview("a")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert preview("a", client_of(alice)).status_code == 200
