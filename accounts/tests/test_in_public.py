"""What the public knows of a member: a chosen name, a handle, perhaps a photo; asked once, and never of a child."""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions, queries
from accounts.doors import member_ready
from accounts.models import MemberBlock, User
from accounts.testing import make_public, make_user
from core.errors import Refused

pytestmark = pytest.mark.django_db
PAGE = "/app/profile/public/"
PRIVATE = ("Eve", "Nobody", "eve@specimen.example")


def test_it_is_asked_once_before_the_first_words_and_leads_back(client_of, eve):
    assert queries.member_gaps(eve) == ["age", "display_name"]
    browser, data = client_of(eve), {"display_name": "  Ev  ", "age": "adult", "next": "/policy/?x=1"}
    page = browser.get(PAGE, {"next": "/policy/?x=1"}).content.decode()
    assert "checked" not in page and 'value="/policy/?x=1"' in page
    assert browser.post(PAGE, data)["Location"] == "/policy/?x=1"
    eve.refresh_from_db()
    assert eve.display_name == "Ev" and eve.over_thirteen_at and not eve.is_minor and len(eve.handle) == 10
    assert queries.member_gaps(eve) == []


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_it_never_leads_to_another_site(client_of, eve, target):
    answer = client_of(eve).post(PAGE, {"display_name": "Ev", "age": "adult", "next": target})
    assert answer["Location"] == "/app/profile/#public"


def test_of_a_child_nothing_is_kept(client_of, eve):
    browser = client_of(eve)
    before = User.objects.filter(pk=eve.pk).values().get()
    session = dict(browser.session)
    answer = browser.post(PAGE, {"display_name": "Little Needle", "age": "child"})
    assert answer.status_code == 200 and "We kept nothing" in answer.content.decode()
    assert "Little Needle" not in answer.content.decode()
    assert User.objects.filter(pk=eve.pk).values().get() == before and dict(browser.session) == session
    assert queries.member_gaps(eve) == ["age", "display_name"]


def test_a_minor_writes_without_a_photo_in_public(client_of, eve, client):
    client_of(eve).post(PAGE, {"display_name": "Ev", "age": "minor"})
    eve.refresh_from_db()
    User.objects.filter(pk=eve.pk).update(photo_key="k" * 22)
    eve.refresh_from_db()
    assert eve.is_minor and queries.public_person(eve).photo_url is None
    assert client.get(reverse("accounts:member_photo", args=["k" * 22])).status_code == 404


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Choose the name that everybody reads"),
        ("!!", "letters or digits"),
        ("\u200b\u200b", "letters or digits"),
        ("a\u202eb", "letters or digits"),
        ("see www.evil.example", "without a link"),
        ("mail@evil.example", "without a link"),
        ("two\nlines", "one line"),
        ("x" * 41, "at most 40"),
        ("LiveChat Support", "one of our staff"),
        ("ＡＤＭＩＮ", "one of our staff"),
        ("live-chat", "one of our staff"),
    ],
)
def test_a_name_that_misleads_is_refused_and_the_rest_is_not_lost(client_of, eve, name, words):
    answer = client_of(eve).post(PAGE, {"display_name": name, "age": "minor", "next": "/policy/"})
    page = answer.content.decode()
    assert answer.status_code == 400 and words in page
    assert 'value="minor" checked' in page and 'value="/policy/"' in page
    eve.refresh_from_db()
    assert not eve.display_name and eve.over_thirteen_at is None


def test_our_staff_may_be_called_so(nik):
    assert queries.public_name(nik) == "Nik of Support"


def test_the_handle_stays_when_the_name_changes(client_of, eve):
    make_public(eve, "Ev")
    handle, browser = eve.handle, client_of(eve)
    assert 'value="Ev"' in browser.get("/app/profile/").content.decode()
    browser.post(PAGE, {"display_name": "Evelina", "age": "adult"})
    eve.refresh_from_db()
    assert (eve.display_name, eve.handle) == ("Evelina", handle)
    page = browser.get("/app/profile/").content.decode()
    assert "was: Ev" in page and f"@{handle}" in page


def test_the_public_reads_a_name_of_choice_and_nothing_else(eve, django_assert_num_queries):
    make_public(eve, "Ev Q")
    other, gone = make_user(), make_public(make_user(), "Gone Needle")
    actions.deactivate_user(user=gone, by_user_id=eve.pk)
    with django_assert_num_queries(1):
        people = queries.public_people([eve.pk, other.pk, gone.pk, 10**9, eve.pk])
    shown = people[eve.pk]
    assert (shown.name, shown.initials, shown.photo_url, shown.handle) == ("Ev Q", "EQ", None, eve.handle)
    assert people[other.pk].name == "Member"
    assert people[gone.pk].name == people[10**9].name == queries.public_name(None) == "Deleted member"
    assert people[gone.pk].handle == ""
    assert not any(word in str(people) for word in (*PRIVATE, str(eve.public_id), "Gone Needle"))
    with django_assert_num_queries(0):
        assert queries.public_people([]) == {}


def test_a_door_for_members_asks_first_and_refuses_a_form(eve):
    view = member_ready(lambda request: HttpResponse("in"))
    request = RequestFactory().get("/forum/new/?a=b")
    request.user = eve
    assert view(request)["Location"] == f"{PAGE}?next=%2Fforum%2Fnew%2F%3Fa%3Db"
    post = RequestFactory().post("/forum/new/")
    post.user = eve
    with pytest.raises(Refused) as refused:
        view(post)
    assert (refused.value.code, refused.value.status) == ("member_gaps", 403)
    make_public(eve)
    assert view(post).content == b"in"


def test_a_member_blocks_another_and_takes_it_back_in_the_profile(client_of, eve, bob):
    make_public(bob, "Bob B")
    browser = client_of(eve)
    for _ in range(2):
        answer = browser.post(reverse("accounts:block", args=[bob.handle]), {"next": "/policy/"})
        assert answer["Location"] == "/policy/"
    assert queries.blocked_ids(eve.pk) == {bob.pk} and queries.blocked_ids(bob.pk) == set()
    assert queries.blockers_of(bob.pk, [eve.pk, bob.pk]) == {eve.pk}
    page = browser.get("/app/profile/").content.decode()
    assert "Bob B" in page and bob.email not in page and "Builder" not in page
    row = MemberBlock.objects.get()
    assert client_of(bob).post(reverse("accounts:unblock", args=[row.pk])).status_code == 404
    browser.post(reverse("accounts:unblock", args=[row.pk]))
    assert queries.blocked_ids(eve.pk) == set()


def test_nobody_blocks_themselves_or_our_staff_or_whom_is_not_there(client_of, eve, nik):
    make_public(eve)
    for other, code in ((eve, "self"), (nik, "staff")):
        with pytest.raises(Refused) as refused:
            actions.block_member(user=eve, other=other)
        assert refused.value.code == code
    assert client_of(eve).post(reverse("accounts:block", args=["nobody2345"])).status_code == 404


def test_a_block_goes_with_either_of_the_two(eve, bob):
    actions.block_member(user=eve, other=make_public(bob))
    actions.erase_person(user=bob)
    assert not MemberBlock.objects.exists()


def test_the_profile_takes_as_many_statements_for_one_block_as_for_three(client_of, eve):
    browser = client_of(eve)

    def count():
        with CaptureQueriesContext(connection) as statements:
            browser.get("/app/profile/")
        return len(statements)

    actions.block_member(user=eve, other=make_public(make_user()))
    count()  # the first page of a session asks for the accepted texts too
    one = count()
    for _ in range(2):
        actions.block_member(user=eve, other=make_public(make_user()))
    assert count() == one
