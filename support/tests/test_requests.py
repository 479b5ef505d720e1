"""Asking, answering, closing and rating, as the requester does it."""

import pytest

from support.actions import requests
from support.models import RequestMessage, SupportRequest
from support.testing import make_answer, make_note, make_reply, make_request

pytestmark = pytest.mark.django_db


def test_a_guest_asks_with_an_address_and_a_message():
    request = make_request(email="Gil@Specimen.example", name="", subject="")
    assert request.number == 1001
    assert request.email == "gil@specimen.example"
    assert request.subject == "The chat does not appear."
    assert (request.status, request.needs_us) == ("new", True)
    assert request.due_at is not None


def test_numbers_are_consecutive():
    assert [make_request().number for _ in range(3)] == [1001, 1002, 1003]


def test_an_answer_makes_it_the_requesters_turn_and_a_reply_ours(nik):
    request = make_request()
    make_answer(request, nik)
    request.refresh_from_db()
    assert (request.status, request.assignee_id, request.due_at) == ("waiting", nik.pk, None)
    make_reply(request)
    request.refresh_from_db()
    assert (request.status, request.needs_us) == ("open", True)
    assert request.due_at is not None


def test_a_card_number_is_masked_before_it_is_stored():
    request = make_request(text="My card is 4111 1111 1111 1111.", subject="4111111111111111")
    assert "4111 1111" not in RequestMessage.objects.get(request=request).text
    assert "41111111" not in request.subject


def test_a_note_changes_nothing_for_the_requester(nik):
    request = make_request()
    make_note(request, nik)
    request.refresh_from_db()
    assert request.status == "new"


def test_a_solved_request_is_rated_once(nik):
    request = make_request()
    make_answer(request, nik, status="solved")
    requests.rate(request=request, rating="good", comment="Quick")
    request.refresh_from_db()
    assert (request.rating, request.rating_comment) == ("good", "Quick")
    with pytest.raises(requests.Refused):
        requests.rate(request=request, rating="bad")


def test_search_index_is_there(db):
    from core.search import read_query
    from support.search import has_words

    request = make_request(text="The pedal squeaks in the rain", subject="Ärger")
    make_request(text="Nothing of that")
    for words in ("squeaks", '"in the rain"', "squea*", "arger", str(request.number)):
        assert list(SupportRequest.objects.filter(has_words(read_query(words)))) == [request], words
    assert not SupportRequest.objects.filter(has_words(read_query("rain nothing"))).exists()
