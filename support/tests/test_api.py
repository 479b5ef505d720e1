"""The API of a member's own requests: asking, reading, writing again, closing, rating; one error shape."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from chat.files import store
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


def test_files_go_both_ways(client_of, alice, bob):
    browser, report = client_of(alice), SimpleUploadedFile("steps.txt", b"1. Open the page")
    made = browser.post(ROOT, {"text": "See the file", "files": [report]})
    assert made.status_code == 201, made.content
    (message,) = made.json()["messages"]
    (file,) = message["files"]
    assert (file["name"], file["size"]) == ("steps.txt", 16)
    address = f"/api/v1/support/files/{file['id']}/"
    answer = browser.get(address)
    assert (answer["Content-Length"], answer["Content-Disposition"]) == ("16", 'attachment; filename="steps.txt"')
    assert store.path_of(answer["X-Livechat-File"]).read_bytes() == b"1. Open the page"  # livechat/door.py sends it
    assert client_of(bob).get(address).status_code == 404
    more = SimpleUploadedFile("more.txt", b"2. Wait")
    replied = browser.post(f"{ROOT}{made.json()['number']}/replies/", {"text": "And", "files": [more]})
    assert [one["name"] for one in replied.json()["messages"][1]["files"]] == ["more.txt"]


def test_too_many_files_and_programs_are_refused_and_nothing_is_made(client_of, alice):
    browser = client_of(alice)
    six = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    assert browser.post(ROOT, {"text": "Six", "files": six}).status_code == 400
    program = SimpleUploadedFile("run.exe", b"MZ" + bytes(200))
    assert browser.post(ROOT, {"text": "Run me", "files": [program]}).status_code == 400
    assert not SupportRequest.objects.exists()


def test_json_stays_small_where_files_may_be_large(client_of, alice):
    answer = client_of(alice).post(ROOT, {"text": "x" * 70_000}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
