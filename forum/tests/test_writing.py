"""Topics and posts: what is published, held, counted, edited and removed."""

from typing import Any

import pytest

from accounts.testing import make_user
from core.errors import Refused
from forum import actions, queries
from forum.models import Category, Post, PostVersion, State, Topic
from forum.testing import make_category, make_post, make_topic, make_writer

pytestmark = pytest.mark.django_db


def numbers(topic: Topic) -> tuple[int, int, int]:
    """post_count, last_number and topic_count, as the database has them."""
    topic.refresh_from_db()
    return topic.post_count, topic.last_number, Category.objects.get(pk=topic.category_id).topic_count


def test_a_topic_begins_with_its_opening_post():
    topic = make_topic(title="  Chat does  not appear ", text="I pasted the *script*.")
    post = Post.objects.get(topic=topic)
    assert (topic.title, topic.slug) == ("Chat does not appear", "chat-does-not-appear")
    assert (post.number, post.rendered, post.words) == (
        1, "<p>I pasted the <em>script</em>.</p>\n", "Chat does not appear\nI pasted the script."
    )  # fmt: skip
    assert numbers(topic) == (1, 1, 1)
    assert queries.find_watch(topic.author, topic=topic) is not None


def test_who_has_no_public_name_or_was_not_warned_writes_nothing():
    somebody, category = make_user(), make_category()
    with pytest.raises(Refused, match="gaps"):
        actions.start_topic(author=somebody, category=category, title="Hello there", text="Hello")
    from accounts.testing import make_public

    make_public(somebody)
    with pytest.raises(Refused, match="not_warned"):
        actions.start_topic(author=somebody, category=category, title="Hello there", text="Hello")
    assert Topic.objects.count() == 0


def test_links_of_a_newcomer_are_held_and_not_counted():
    newcomer = make_writer(is_new=True)
    topic = make_topic(newcomer, text="Look at https://spam.example/now")
    assert (topic.state, numbers(topic)) == (State.HELD, (0, 1, 0))
    with pytest.raises(Refused, match="not_found"):
        queries.find_topic_for(None, topic.public_id)
    assert queries.find_topic_for(newcomer, topic.public_id).pk == topic.pk
    opening = Post.objects.get(topic=topic)
    assert actions.set_states([opening], State.PUBLISHED) == [opening]
    assert numbers(topic) == (1, 1, 1)


def test_counters_follow_every_state_and_never_drift():
    topic = make_topic()
    posts = [make_post(topic) for _ in range(3)]
    assert numbers(topic) == (4, 4, 1)
    actions.accept_answer(topic=topic, post=posts[1], by=topic.author)
    actions.set_states(posts[:2], State.HIDDEN)
    actions.set_states(posts[:2], State.HIDDEN)
    assert numbers(topic) == (2, 4, 1)
    assert (topic.is_solved, topic.accepted_post) == (False, None)
    opening = Post.objects.get(topic=topic, number=1)
    actions.set_states([opening], State.HIDDEN)
    assert numbers(topic) == (1, 4, 0)
    actions.set_states([opening, *posts], State.PUBLISHED)
    assert numbers(topic) == (4, 4, 1)
    before = numbers(topic)
    actions.recount(topics=[topic.pk])
    assert numbers(topic) == before


def test_an_edit_keeps_the_text_before_it():
    topic = make_topic(text="Before")
    post = Post.objects.get(topic=topic)
    actions.edit_post(post=post, editor=topic.author, text="After", title="Another title")
    post.refresh_from_db()
    assert (post.text, post.words) == ("After", "Another title\nAfter")
    assert [version.text for version in PostVersion.objects.filter(post=post)] == ["Before"]
    assert Topic.objects.get().title == "Another title" if Topic.objects.count() == 1 else True
    with pytest.raises(Refused, match="not_found"):
        actions.edit_post(post=post, editor=make_writer(), text="Not mine")


def test_who_removes_a_post_takes_its_words_along():
    topic = make_topic()
    post = make_post(topic, text="Forget this")
    with pytest.raises(Refused, match="answered"):
        actions.delete_own_post(post=Post.objects.get(topic=topic, number=1), author=topic.author)
    actions.delete_own_post(post=post, author=post.author)
    post.refresh_from_db()
    assert (post.text, post.words, post.state) == ("", "", State.DELETED)
    assert numbers(topic)[:2] == (1, 2)
    actions.delete_own_post(post=Post.objects.get(topic=topic, number=1), author=topic.author)
    topic.refresh_from_db()
    assert topic.state == State.DELETED


def test_a_reaction_counts_once_and_can_be_taken_back():
    topic, reader = make_topic(), make_writer()
    post = Post.objects.get(topic=topic)
    for _ in range(2):
        actions.react(post=post, user=reader, is_on=True)
    post.refresh_from_db()
    assert post.helpful_count == 1
    for _ in range(2):
        actions.react(post=post, user=reader, is_on=False)
    post.refresh_from_db()
    assert post.helpful_count == 0
    with pytest.raises(Refused):
        actions.react(post=post, user=topic.author, is_on=True)


def test_only_the_author_or_staff_accepts_an_answer(nik: Any):
    topic = make_topic()
    answer = make_post(topic)
    with pytest.raises(Refused):
        actions.accept_answer(topic=topic, post=answer, by=answer.author)
    with pytest.raises(Refused):
        actions.accept_answer(topic=topic, post=Post.objects.get(topic=topic, number=1), by=topic.author)
    actions.accept_answer(topic=topic, post=answer, by=nik, by_staff=True)
    topic.refresh_from_db()
    assert (topic.is_solved, topic.accepted_post) == (True, answer)


def test_a_closed_topic_takes_no_answer():
    topic = make_topic()
    Topic.objects.filter(pk=topic.pk).update(is_locked=True)
    with pytest.raises(Refused, match="locked"):
        make_post(topic)


def test_card_numbers_are_masked_before_they_are_stored():
    topic = make_topic(title="Card 4111 1111 1111 1111", text="My card is 4111 1111 1111 1111")
    assert "4111 1111" not in topic.title + Post.objects.get(topic=topic).text
