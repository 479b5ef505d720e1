"""Search and suggestions find what everybody may read, on both databases."""

from typing import Any

import pytest
from django.test import Client

from forum import actions, queries
from forum.models import Post, State
from forum.testing import make_category, make_post, make_topic, make_writer

pytestmark = pytest.mark.django_db


def found(text: str, **more: Any) -> list[str]:
    return [post.words.splitlines()[-1] for post in queries.search_posts(text, **more).posts]


def test_words_phrases_beginnings_and_accents():
    topic = make_topic(title="Über the saddle", text="The brown saddle squeaks")
    make_post(topic, text="Grease helps the squeaking")
    assert found("saddle") == ["The brown saddle squeaks"]
    assert found("uber") == ["The brown saddle squeaks"]
    assert found('"brown saddle"') == ["The brown saddle squeaks"]
    assert found('"saddle brown"') == []
    assert found("squeak*") == ["Grease helps the squeaking", "The brown saddle squeaks"]
    assert found("brown grease") == []


@pytest.mark.parametrize(
    "text", ['"', "*", "AND OR NOT", "a'b", "col:x", "-", "(((", "\\", "%_", "words MATCH", "\x07"]
)
def test_any_text_is_a_query(client: Client, text: str):
    make_topic(text="nothing")
    assert client.get("/forum/", {"q": text}).status_code == 200


def test_only_what_is_published_is_found_and_edits_are_followed():
    topic = make_topic(text="first needle")
    post = Post.objects.get(topic=topic)
    actions.edit_post(post=post, editor=topic.author, text="second thread")
    assert (found("needle"), found("thread")) == ([], ["second thread"])
    actions.set_states([post], State.HIDDEN)
    assert found("thread") == []
    assert queries.suggest_topics(topic.title) == []
    actions.set_states([post], State.PUBLISHED)
    assert found("thread") == ["second thread"]


def test_a_post_in_a_hidden_topic_is_not_found():
    topic = make_topic()
    make_post(topic, text="needle")
    actions.set_topic_states([topic], State.HIDDEN)
    assert found("needle") == []


def test_search_goes_on_where_a_page_ended_and_keeps_to_a_category():
    writer, one, two = make_writer(), make_category(), make_category()
    for number in range(25):
        make_topic(writer, category=one, text=f"needle {number}")
    make_topic(writer, category=two, text="needle elsewhere")
    first = queries.search_posts("needle")
    assert len(first.posts) == 20 and first.posts[0].words.endswith("elsewhere")
    second = queries.search_posts("needle", below=first.next_below)
    assert len(second.posts) == 6 and second.next_below == 0
    assert found("needle", category=two) == ["needle elsewhere"]


def test_topics_are_suggested_while_a_request_is_typed():
    best = make_topic(title="Import says row 6 has no name")
    make_topic(title="Right-to-left layout")
    make_topic(title="The import of my team")
    got = queries.suggest_topics("Hello, my import of a spreadsheet says that row 6 has no name. What can I do?")
    assert got[0].pk == best.pk and len(got) == 2
    assert queries.suggest_topics("") == [] and queries.suggest_topics("the and for") == []
    assert queries.suggest_topics("'; DROP TABLE & | ! <->") == []


def test_the_index_survives_a_migration_of_its_tables():
    from django.db import connection

    from forum.finding import schema

    if connection.vendor != "sqlite":
        return
    make_topic(text="needle")
    schema.before_migrations(plan=[object()])
    make_topic(text="another needle")
    assert found("needle") == ["needle"]
    schema.after_migrations()
    assert found("needle") == ["another needle", "needle"]
