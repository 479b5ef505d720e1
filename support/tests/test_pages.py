"""Pages of requesters: asking as guest and as member, reading by link, rating; and what nobody else reads."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.limits import LIMITS
from outbox.models import Delivery
from support.links import find_secret, link_of
from support.models import RequestMessage, SupportRequest
from support.testing import make_answer, make_note, make_request

pytestmark = pytest.mark.django_db

ASKED = {
    "kind": "question", "email": "gil@specimen.example", "subject": "No bubble", "text": "It does not appear.",
    "of_age": "on",
}  # fmt: skip


def ask(browser: Client, **changes):
    return browser.post("/support/requests/new/", {**ASKED, **changes})


def path_of_link(request: SupportRequest) -> str:
    return urlsplit(link_of(request)).path


def test_a_guest_asks_and_sees_the_number(client):
    answer = ask(client)
    request = SupportRequest.objects.get()
    assert answer.url == f"/support/requests/{request.number}/sent/"
    page = client.get(answer.url).content.decode()
    assert str(request.number) in page and "gil@specimen.example" in page
    assert Delivery.objects.filter(kind="support_received").count() == 1


def test_email_and_message_are_enough(client):
    assert ask(client, subject="").status_code == 302
    assert SupportRequest.objects.get().subject == "It does not appear."


def test_who_does_not_say_to_be_13_leaves_nothing_behind(client):
    answer = ask(client, of_age="")
    assert answer.status_code == 400 and "It does not appear." in answer.content.decode()
    assert not SupportRequest.objects.exists() and not Delivery.objects.exists()


def test_what_was_typed_stands_there_again_at_the_rate_limit(client):
    for _ in range(LIMITS["support.new"].count):
        ask(client, email=f"g{_}@specimen.example")
    answer = ask(client, text="My long text about <b>bikes</b>")
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert "My long text about &lt;b&gt;bikes" in answer.content.decode()


def test_a_form_that_is_sent_twice_is_one_request(client):
    ident = "0b6ad2c0-5ea0-4a3c-9d0a-3b0d7a0f5a11"
    first, second = ask(client, client_id=ident), ask(client, client_id=ident)
    assert first.url == second.url and SupportRequest.objects.count() == 1
    assert ask(Client(), client_id=ident, email="eve@specimen.example").status_code == 409


def test_a_guests_link_opens_the_request_and_leaves_the_address_bar(client):
    request = make_request()
    browser = Client()
    assert browser.get(f"/support/requests/{request.number}/").status_code == 404
    answer = browser.get(path_of_link(request))
    assert answer.status_code == 302 and answer.url == f"/support/requests/{request.number}/"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert find_secret(request) not in browser.get(answer.url).content.decode()


def test_only_the_hash_of_the_secret_is_stored():
    request = make_request()
    assert len(find_secret(request)) == 64
    assert find_secret(request) not in str(SupportRequest.objects.filter(pk=request.pk).values()[0])


def test_a_wrong_link_and_another_number_look_like_nothing(client, client_of, eve, alice):
    request = make_request(alice)
    assert client.get("/support/requests/open/" + "0" * 64 + "/").status_code == 404
    strange, missing = client.get(f"/support/requests/{request.number}/"), client.get("/support/requests/99999/")
    strip = lambda page: re.sub(r"\d+|nonce=\S+|value=\S+", "", page.content.decode())  # noqa: E731
    assert strange.status_code == missing.status_code == 404
    assert strip(strange) == strip(missing)
    assert client_of(eve).get(f"/support/requests/{request.number}/").status_code == 404


def test_a_member_reads_own_requests_and_a_guests_with_the_proved_address(client_of, eve):
    guest = make_request(email=eve.email)
    make_request()
    page = client_of(eve).get("/support/requests/")
    assert [row[0].pk for row in page.context["rows"]] == [guest.pk]
    guest.refresh_from_db()
    assert guest.user_id == eve.pk


def test_the_requester_never_sees_a_note(client_of, eve, nik):
    request = make_request(eve)
    make_note(request, nik, "They are angry")
    make_answer(request, nik, "All is well")
    page = client_of(eve).get(f"/support/requests/{request.number}/").content.decode()
    assert "All is well" in page and "They are angry" not in page
    assert not Delivery.objects.filter(payload__message=RequestMessage.objects.get(author="note").pk).exists()


def test_a_reply_with_a_file_is_downloaded_and_never_shown(client_of, eve, carol):
    request = make_request(eve)
    browser = client_of(eve)
    sent = {"text": "See the file", "files": SimpleUploadedFile("notes.txt", b"Some words")}
    assert browser.post(f"/support/requests/{request.number}/reply/", sent).status_code == 302
    page = browser.get(f"/support/requests/{request.number}/").content.decode()
    link = re.search(r"/support/files/[\w-]+/", page)[0]
    answer = browser.get(link)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert client_of(carol).get(link).status_code == 404 and Client().get(link).status_code == 404


def test_a_program_is_refused_and_the_text_stays(client_of, eve):
    request = make_request(eve)
    sent = {"text": "Run this", "files": SimpleUploadedFile("x.exe", b"MZ\x90\x00")}
    answer = client_of(eve).post(f"/support/requests/{request.number}/reply/", sent)
    assert answer.status_code == 400 and "Run this" in answer.content.decode()
    assert RequestMessage.objects.count() == 1


def test_closing_rating_and_opening_again(client_of, eve, nik):
    request = make_request(eve)
    make_answer(request, nik)
    browser, path = client_of(eve), f"/support/requests/{request.number}/"
    browser.post(f"{path}reply/", {"do": "close", "text": ""})
    assert "How was it?" in browser.get(path).content.decode()
    browser.post(f"{path}rate/", {"rating": "good", "comment": "Thanks"})
    browser.post(f"{path}reopen/")
    request.refresh_from_db()
    assert (request.status, request.rating) == ("open", "good")


def test_lost_links_are_answered_the_same_for_everybody(client, commits):
    make_request(email="gil@specimen.example")
    known = client.post("/support/requests/lost/", {"email": "gil@specimen.example"})
    other = client.post("/support/requests/lost/", {"email": "nobody@specimen.example"})
    strip = lambda page: re.sub(r"\w+@specimen|nonce=\S+|value=\S+", "", page.content.decode())  # noqa: E731
    assert strip(known) == strip(other)
    assert Delivery.objects.filter(kind="support_links").count() == 1
    cache.clear()
    for _ in range(LIMITS["support.lost"].count):
        client.post("/support/requests/lost/", {"email": "nobody@specimen.example"})
    assert client.post("/support/requests/lost/", {"email": "nobody@specimen.example"}).status_code == 429


def test_the_home_shows_where_to_ask(client):
    page = client.get("/support/").content.decode()
    assert "How can we help?" in page and "/support/requests/new/" in page
    assert client.get("/support/?q=bubble").status_code == 200
