"""The API of a member's own requests: asking, reading, writing again, closing, rating; one error shape."""

import pytest

from support.models import SupportRequest
from support.testing import make_answer, make_request

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/support/requests/"


@pytest.fixture
def api(client_of, alice):
    browser = client_of(alice)

    def ask(path: str = "", body: dict | None = None):
        if body is None:
            return browser.get(ROOT + path)
        return browser.post(ROOT + path, body, content_type="application/json")

    return ask


def test_a_member_asks_reads_and_writes_again(api, alice):
    made = api("", {"text": "No bubble", "subject": "Bubble"})
    assert made.status_code == 201
    number = made.json()["number"]
    assert made.json()["messages"][0]["text"] == "No bubble"
    assert api(f"{number}/replies/", {"text": "Still none"}).status_code == 201
    assert [one["text"] for one in api(f"{number}/").json()["messages"]] == ["No bubble", "Still none"]
    assert api().json()["requests"][0]["number"] == number
    assert SupportRequest.objects.get().channel == "api"


def test_sent_again_it_is_one_request(api):
    body = {"text": "No bubble", "client_id": "0b6ad2c0-5ea0-4a3c-9d0a-3b0d7a0f5a11"}
    assert api("", body).json()["number"] == api("", body).json()["number"]


def test_closing_opening_again_and_rating(api, alice, nik):
    request = make_request(alice)
    make_answer(request, nik)
    assert api(f"{request.number}/close/", {}).json()["status"] == "solved"
    assert api(f"{request.number}/rating/", {"rating": "good"}).json()["rating"] == "good"
    assert api(f"{request.number}/rating/", {"rating": "good"}).json()["code"] == "rated"
    assert api(f"{request.number}/reopen/", {}).json()["status"] == "open"


def test_an_empty_body_and_a_wrong_number_are_refused(api):
    assert api("", {}).json()["code"] == "invalid"
    assert api("99999/").json()["code"] == "not_found"


def test_the_list_goes_on_from_a_number(api, alice):
    numbers = [make_request(alice, email=f"a{n}@acme-bikes.example").number for n in range(33)]
    first = api().json()
    assert len(first["requests"]) == 30
    second = api(f"?before={first['next']}").json()
    assert [one["number"] for one in second["requests"]] == numbers[:3][::-1] and second["next"] is None


def test_no_id_address_or_staff_mail_is_told(api, alice, nik):
    request = make_request(alice)
    make_answer(request, nik)
    text = api(f"{request.number}/").content.decode()
    assert nik.email not in text and "secret" not in text and "assignee" not in text
