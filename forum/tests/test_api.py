"""The API of the forum: everybody reads what is public, members write as on the pages, names are public names only."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts import actions as account_actions
from accounts.scoping import account_scope
from core.limits import LIMITS
from core.text import LONGEST
from forum import actions
from forum.models import Post, State, Topic
from forum.testing import make_category, make_post, make_topic, make_writer

pytestmark = pytest.mark.django_db
TOPICS = "/api/v1/support/topics/"


@pytest.fixture
def writer() -> Any:
    return make_writer(name="Robin Mockup")


@pytest.fixture
def topic(writer: Any) -> Topic:
    return make_topic(writer, title="Chat does not appear", text="No *bubble*.")


def one(topic: Topic, rest: str = "") -> str:
    return f"{TOPICS}{topic.public_id}/{rest}"


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    ask = getattr(client, method)
    if body is None:
        return ask(path, headers=headers)
    return ask(path, json.dumps(body), content_type="application/json", headers=headers)


def make_key(membership: Any, *scopes: str) -> str:
    with account_scope(membership.account):
        _key, secret = account_actions.create_api_key(membership=membership, name="Bot", scopes=list(scopes))
    return f"Bearer {secret}"


def test_everybody_reads_topics_and_posts(client: Client, writer: Any, topic: Topic):
    make_post(topic, writer, "Look *here*", reply_to=Post.objects.get(topic=topic, number=1))
    listed = client.get(TOPICS).json()
    assert [row["title"] for row in listed["results"]][0] == "Chat does not appear"
    told = client.get(one(topic)).json()
    assert told == listed["results"][0]
    assert told["id"] == str(topic.public_id) and told["url"].endswith(f"/forum/t/{topic.public_id}/{topic.slug}/")
    assert told["author"] == {"name": "Robin Mockup", "handle": writer.handle, "photo_url": None}
    assert (told["category"], told["reply_count"], told["state"]) == (topic.category.slug, 1, "published")
    posts = client.get(one(topic, "posts/")).json()
    assert [(row["number"], row["reply_to"]) for row in posts["results"]] == [(1, None), (2, 1)]
    assert posts["next"] is None
    assert "<em>here</em>" in posts["results"][1]["html"]
    single = client.get(one(topic, "posts/2/")).json()
    assert single.pop("text") == "Look *here*"
    assert single == posts["results"][1]
    category = next(row for row in client.get("/api/v1/support/categories/").json()["results"]
                    if row["slug"] == topic.category.slug)  # fmt: skip
    assert category["topic_count"] == 1


def test_nothing_but_the_public_name_is_told(client: Client, writer: Any, topic: Topic):
    for path in (TOPICS, one(topic), one(topic, "posts/"), one(topic, "posts/1/")):
        text = client.get(path).content.decode()
        for secret in (writer.email, writer.surname, str(writer.public_id), f'"{writer.pk}"'):
            assert secret not in text, path


def test_topics_go_on_where_the_page_ended(client: Client, writer: Any):
    category = make_category()
    for number in range(43):
        make_topic(writer, category=category, title=f"Question {number}")
    seen: list[str] = []
    after = ""
    for _page in range(3):
        page = client.get(TOPICS, {"category": category.slug, **({"after": after} if after else {})}).json()
        seen += [row["title"] for row in page["results"]]
        after = page["next"]
    assert seen == [f"Question {number}" for number in reversed(range(43))]
    assert after is None


def test_posts_go_on_by_number(client: Client, writer: Any, topic: Topic):
    for number in range(2, 43):
        make_post(topic, writer, f"Answer {number}")
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = client.get(one(topic, "posts/"), {"after": after}).json()
        seen += [row["number"] for row in page["results"]]
        after = page["next"]
    assert seen == list(range(1, 43))
    assert [row["number"] for row in client.get(one(topic, "posts/"), {"after": 30}).json()["results"]] == list(
        range(31, 41)
    )
    assert client.get(one(topic, "posts/"), {"after": 2**31 - 1}).json()["results"] == []


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": "\x00"}, {"show": "mine"}, {"show": "solved"}, {"category": "a b\x00"}]
)
def test_odd_questions_are_refused(client: Client, query: dict[str, str]):
    assert client.get(TOPICS, query).status_code == 400


def test_what_is_hidden_has_no_words_and_what_is_held_is_not_there(client: Client, writer: Any, topic: Topic):
    hidden, held = make_post(topic, writer, "secret one"), make_post(topic, writer, "secret two")
    actions.set_states([hidden], State.HIDDEN)
    actions.set_states([held], State.HELD)
    text = client.get(one(topic, "posts/")).content.decode()
    assert "secret" not in text
    assert [row["state"] for row in json.loads(text)["results"]] == ["published", "hidden"]
    for number in (2, 3):
        assert client.get(one(topic, f"posts/{number}/")).status_code == 404
    actions.set_topic_states([topic], State.HIDDEN)
    assert client.get(one(topic)).status_code == client.get(one(topic, "posts/")).status_code == 404
    assert client.get(f"{TOPICS}{uuid.uuid4()}/").json()["code"] == "not_found"


def test_a_list_takes_the_same_statements_however_long_it_is(
    client: Client, writer: Any, topic: Topic, django_assert_num_queries: Any
):
    for number in range(10):
        make_post(topic, make_writer(), f"Answer {number}")
        make_topic(make_writer(), category=topic.category)
    with django_assert_num_queries(2):  # topics with categories, people
        assert len(client.get(TOPICS).json()["results"]) > 10
    with django_assert_num_queries(3):  # the topic, posts, people
        assert len(client.get(one(topic, "posts/")).json()["results"]) == 11


def test_a_member_writes_with_the_session_and_its_token(client_of: Any, writer: Any):
    category = make_category(slug="set-up")
    browser = client_of(writer)
    answer = send(browser, "post", TOPICS, {"category": "set-up", "title": "New one", "text": "**How?**"})
    assert answer.status_code == 201, answer.content
    topic = Topic.objects.get(public_id=answer.json()["id"])
    assert (topic.title, topic.category, topic.author) == ("New one", category, writer)
    answer = send(browser, "post", one(topic, "posts/"), {"text": "So:", "reply_to": 1})
    assert answer.status_code == 201
    assert (answer.json()["number"], answer.json()["reply_to"], answer.json()["html"]) == (2, 1, "<p>So:</p>\n")
    answer = send(browser, "patch", one(topic, "posts/1/"), {"text": "Why?", "title": "Newer one"})
    assert answer.status_code == 200 and answer.json()["edited_at"]
    topic.refresh_from_db()
    assert topic.title == "Newer one"
    assert send(browser, "put", one(topic, "answer/"), {"number": 2}).status_code == 204
    assert browser.get(one(topic)).json()["is_solved"]
    assert send(browser, "delete", one(topic, "answer/")).status_code == 204
    assert not browser.get(one(topic)).json()["is_solved"]
    assert send(browser, "delete", one(topic, "posts/2/")).status_code == 204
    assert Post.objects.get(topic=topic, number=2).state == State.DELETED
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(writer, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = send(strict, "post", one(topic, "posts/"), {"text": "Forged"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_helpful_counts_once_and_never_for_oneself(client_of: Any, writer: Any, topic: Topic):
    reader, path = client_of(make_writer()), one(topic, "posts/1/helpful/")
    for method, count in (("put", 1), ("put", 1), ("delete", 0), ("delete", 0)):
        assert send(reader, method, path).status_code == 204
        assert reader.get(one(topic, "posts/1/")).json()["helpful_count"] == count
    assert send(client_of(writer), "put", path).status_code == 404


def test_a_key_writes_with_its_scope_only(client: Client, alice_member: Any, topic: Topic):
    make_writer(alice_member.user, name="Alice of Acme")
    may, may_not = make_key(alice_member, "forum.write"), make_key(alice_member, "profile.read")
    path = one(topic, "posts/")
    answer = send(client, "post", path, {"text": "By key"}, Authorization=may)
    assert answer.status_code == 201
    assert answer.json()["author"]["name"] == "Alice of Acme"
    answer = send(client, "post", path, {"text": "By key"}, Authorization=may_not)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_scope")
    assert send(client, "get", path, Authorization=may_not).status_code == 200
    answer = send(client, "get", path, Authorization="Bearer lc_wrong")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_key")


def test_nobody_writes_without_a_login_or_for_somebody_else(client: Client, client_of: Any, topic: Topic):
    for method, rest, body in (
        ("post", "posts/", {"text": "a"}), ("patch", "posts/1/", {"text": "a"}), ("delete", "posts/1/", None),
        ("put", "answer/", {"number": 2}), ("put", "posts/1/helpful/", None),
    ):  # fmt: skip
        answer = send(client, method, one(topic, rest), body)
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    other = client_of(make_writer())
    make_post(topic, make_writer())
    for method, rest, body in (
        ("patch", "posts/1/", {"text": "a"}), ("delete", "posts/1/", None), ("put", "answer/", {"number": 2}),
    ):  # fmt: skip
        assert send(other, method, one(topic, rest), body).status_code == 404
    assert Post.objects.get(topic=topic, number=1).text == "No *bubble*."


def test_who_has_not_read_the_warning_or_has_no_name_is_told(client_of: Any, eve: Any, topic: Topic):
    answer = send(client_of(eve), "post", one(topic, "posts/"), {"text": "a"})
    assert (answer.status_code, answer.json()["code"]) == (400, "gaps")
    from accounts.testing import make_public

    make_public(eve, "Eve")
    answer = send(client_of(eve), "post", one(topic, "posts/"), {"text": "a"})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_warned")


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "invalid"), ([], "invalid"), ({"text": 1}, "invalid"), ({"text": " "}, "empty"),
     ({"text": "a" * (LONGEST + 1)}, "too_long"), ({"text": "a", "reply_to": 99}, "not_found"),
     ({"text": "a", "reply_to": "x"}, "invalid")],
)  # fmt: skip
def test_what_cannot_be_posted_is_refused(client_of: Any, writer: Any, topic: Topic, body: Any, code: str):
    answer = send(client_of(writer), "post", one(topic, "posts/"), body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code


def test_any_sign_can_be_posted(client_of: Any, writer: Any, topic: Topic):
    answer = send(client_of(writer), "post", one(topic, "posts/"), {"text": "a \ud800 \x00 \u202e <script>"})
    assert answer.status_code == 201
    assert "<script" not in answer.json()["html"]


def test_uses_are_counted_as_on_the_pages(client_of: Any, writer: Any, topic: Topic, client: Client):
    browser = client_of(writer)
    for _ in range(LIMITS["forum.posts"].count):
        assert send(browser, "patch", one(topic, "posts/1/"), {"text": "same"}).status_code == 200
    assert send(browser, "post", one(topic, "posts/"), {"text": "a"}).status_code == 429
    assert send(browser, "post", f"/forum/t/{topic.public_id}/reply/").status_code == 429
    for _ in range(LIMITS["api.public"].count):
        client.get("/api/v1/support/categories/")
    assert client.get("/api/v1/support/categories/").status_code == 429


def test_an_agent_sees_what_is_hidden_in_the_browser_and_not_by_key(
    client_of: Any, nik: Any, writer: Any, topic: Topic
):
    post = make_post(topic, writer, "held words")
    actions.set_states([post], State.HELD)
    assert "held words" in client_of(nik).get(one(topic, "posts/")).content.decode()
