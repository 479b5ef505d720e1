"""The API about chats: filters and cursors, transcripts, tags, visitors; other accounts' ids are nothing."""

from typing import Any

import pytest
from django.test import Client

from accounts import actions
from accounts.models import Account, Membership
from accounts.scoping import account_scope
from audit.models import Entry
from chat.actions.chats import close_chat, rate_chat
from chat.models import Chat, ChatTag, Tag, Visitor
from chat.testing import make_chat, make_operator, say
from operators.models import Operator

pytestmark = pytest.mark.django_db
ALL = ("archive.read", "chats.tag", "visitors.see", "visitors.delete")


class Program:
    """A program with an API key."""

    def __init__(self, member: Membership, *scopes: str) -> None:
        with account_scope(member.account):
            _key, secret = actions.create_api_key(membership=member, name="Nightly", scopes=scopes or ALL)
        self.browser = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})

    def ask(self, method: str, path: str, expect: int = 200, **query: Any) -> Any:
        """The JSON that the address answers."""
        options: Any = {"query_params": query} if query else {}
        answer = getattr(self.browser, method)(f"/api/v1/{path}", **options)
        assert answer.status_code == expect, answer.content
        return answer.json() if answer.content else None


@pytest.fixture
def operator(alice_member: Membership) -> Operator:
    return make_operator(alice_member)


@pytest.fixture
def program(alice_member: Membership, operator: Operator) -> Program:
    return Program(alice_member)


def make_closed(account: Account, operator: Operator, text: str = "hello", rating: str = "", **visitor: Any) -> Chat:
    chat = make_chat(account, text=text, operator=operator, **visitor)
    with account_scope(account):
        close_chat(chat_pk=chat.pk, by="operator", operator=operator)
        if rating:
            rate_chat(chat_pk=chat.pk, value=rating, comment="quick")
    return chat


def test_chats_are_listed_by_filters_and_each_once_over_the_pages(
    acme: Account, operator: Operator, program: Program
) -> None:
    closed = [make_closed(acme, operator, text=f"saddle {number}") for number in range(5)]
    waiting = make_chat(acme, text="saddle")
    with account_scope(acme):
        ChatTag.objects.create(account=acme, chat=closed[1], tag=Tag.objects.create(account=acme, name="Refund"))
    seen, cursor = [], {}
    while True:
        page = program.ask("get", "chats/", limit=2, **cursor)
        seen += [one["id"] for one in page["results"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [str(chat.public_id) for chat in [waiting, *reversed(closed)]]

    def found(**query: Any) -> list[str]:
        return [one["id"] for one in program.ask("get", "chats/", **query)["results"]]

    assert found(state="waiting") == [str(waiting.public_id)]
    assert found(tag="refund") == [str(closed[1].public_id)]
    assert found(q='"saddle 3"') == [str(closed[3].public_id)]
    assert found(visitor=str(closed[2].visitor.public_id)) == [str(closed[2].public_id)]
    [one] = program.ask("get", "chats/", q="3")["results"]
    assert (one["operator"]["name"], one["state"], one["lines"], one["tags"]) == ("Alice Example", "closed", 1, [])
    assert one["keep_until"] and one["visitor"]["id"] == str(closed[3].visitor.public_id)


def test_what_means_nothing_is_refused_with_the_name_of_the_parameter(program: Program) -> None:
    for query in (
        {"sort": "id"},
        {"cursor": "1:x"},
        {"limit": 0},
        {"state": "gone"},
        {"tag": "no such"},
        {"since": "x"},
    ):
        refused = program.ask("get", "chats/", 400, **query)
        assert refused["code"] == "invalid" and list(refused["fields"]) == list(query)


def test_a_transcript_has_every_line_in_order(acme: Account, operator: Operator, program: Program) -> None:
    chat = make_chat(acme, text="one", operator=operator)
    say(chat, "two", operator=operator)
    place = f"chats/{chat.public_id}/transcript/"
    whole = program.ask("get", place)
    assert [(line["author"], line["event"], line["text"]) for line in whole["results"]] == [
        ("visitor", "", "one"), ("system", "joined", ""), ("operator", "", "two"),
    ]  # fmt: skip
    first = program.ask("get", place, limit=2)
    rest = program.ask("get", place, after=first["next"])
    assert first["results"] + rest["results"] == whole["results"]
    assert rest["next"] is None
    assert program.ask("get", f"chats/{chat.public_id}/")["id"] == str(chat.public_id)


def test_a_tag_is_put_and_taken_off_and_again_is_harmless(acme: Account, operator: Operator, program: Program) -> None:
    chat = make_closed(acme, operator)
    place = f"chats/{chat.public_id}/tags/to%20do/"
    for _ in range(2):
        assert program.ask("put", place) == {"tags": ["to do"]}
    assert program.ask("get", "tags/") == {"results": [{"name": "to do", "chats": 1}]}
    for _ in range(2):
        assert program.ask("delete", place) == {"tags": []}
    assert program.ask("put", f"chats/{chat.public_id}/tags/{'x' * 41}/", 400)["code"] == "too_long"


def test_a_visitor_is_found_and_deleted_with_everything(acme: Account, operator: Operator, program: Program) -> None:
    chat = make_closed(acme, operator, name="Pat", email="Pat@specimen.example", rating="good")
    make_closed(acme, operator, name="Kim", rating="bad")
    assert {one["rating"] for one in program.ask("get", "ratings/")["results"]} == {"good", "bad"}
    [found] = program.ask("get", "visitors/", email="pat@specimen.example")["results"]
    assert (found["name"], found["visits"]) == ("Pat", 1)
    place = f"visitors/{found['id']}/"
    assert program.ask("get", place) == found
    program.ask("delete", place, 204)
    program.ask("get", place, 404)
    program.ask("delete", place, 404)
    program.ask("get", f"chats/{chat.public_id}/", 404)
    assert not Visitor.of(acme).filter(pk=chat.visitor_id).exists()
    assert Entry.objects.get(action="visitor.deleted").facts["chats"] == 1
    [left] = program.ask("get", "ratings/")["results"]
    assert (left["rating"], left["comment"], left["operator"]["name"]) == ("bad", "quick", "Alice Example")


def test_each_scope_opens_its_own_operations(
    acme: Account, operator: Operator, alice_member: Membership, bob_member: Membership
) -> None:
    chat = make_closed(acme, operator)
    reader = Program(alice_member, "archive.read")
    assert reader.ask("put", f"chats/{chat.public_id}/tags/x/", 403)["code"] == "no_scope"
    assert reader.ask("get", "visitors/", 403)["code"] == "no_scope"
    bobs = Program(bob_member, "archive.read", "visitors.see", "chats.tag")
    bobs.ask("get", "visitors/")
    bobs.ask("delete", f"visitors/{chat.visitor.public_id}/", 404)


def test_lists_take_as_many_statements_for_twenty_chats_as_for_two(
    acme: Account, operator: Operator, program: Program, django_assert_max_num_queries: Any
) -> None:
    for path in ("chats/", "chats/?q=hello", "visitors/", "ratings/"):
        counts = []
        for _ in range(2):
            make_closed(acme, operator, rating="good")
            make_closed(acme, operator, rating="good")
            program.browser.get(f"/api/v1/{path}")
            with django_assert_max_num_queries(14) as seen:
                assert program.browser.get(f"/api/v1/{path}").status_code == 200
            counts.append(len(seen))
        assert counts[0] == counts[1], path
