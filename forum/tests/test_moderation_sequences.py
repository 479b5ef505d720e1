"""Any order of acts and undoings: the numbers of topics and categories say what the rows say."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.errors import Refused
from forum.actions import accept_answer, delete_own_post
from forum.actions.moderating import MARKS, STATES, Why, act_on_posts, clean_up, mark_topic
from forum.actions.placing import merge_topics, move_topic, split_topic
from forum.actions.undoing import undo_act
from forum.models import Category, ModerationAct, Post, State, Topic
from forum.testing import make_category, make_post, make_topic, make_writer
from forum.tests.test_moderation import numbers_are_right

WHY = Why("other", "For the test.")
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*STATES, *MARKS, "move", "split", "merge", "clean_up", "undo", "undo", "undo", "answer", "own",
                         "accept"]),
        st.integers(0, 11),
        st.integers(0, 11),
    ),
    max_size=14,
)  # fmt: skip


class Undone(Exception):
    """Ends the transaction of one example."""


def step(kind: str, first: int, second: int, by: User, writers: list[User]) -> None:
    """One step; what is refused changes nothing."""
    posts, topics = list(Post.objects.order_by("pk")), list(Topic.objects.order_by("pk"))
    categories, acts = list(Category.objects.order_by("pk")), list(ModerationAct.objects.order_by("pk"))
    post, topic, other = posts[first % len(posts)], topics[first % len(topics)], topics[second % len(topics)]
    does: dict[str, Any] = {
        **{one: lambda one=one: act_on_posts(kind=one, posts=[post.pk, posts[second % len(posts)].pk], why=WHY, by=by)
           for one in STATES},
        **{one: lambda one=one: mark_topic(kind=one, topic=topic.pk, why=WHY, by=by) for one in MARKS},
        "move": lambda: move_topic(topic=topic.pk, category=categories[second % len(categories)], why=WHY, by=by),
        "split": lambda: split_topic(topic=topic.pk, numbers=[2, second + 1], title="A new one", why=WHY, by=by),
        "merge": lambda: merge_topics(topic=topic.pk, into=other.pk, why=WHY, by=by),
        "clean_up": lambda: clean_up(
            member=writers[first % 2], days=30, until=timezone.now() + timedelta(days=1), why=WHY, by=by
        ),
        "undo": lambda: acts and undo_act(act=acts[second % len(acts)].pk, text="Back.", by=by),
        "answer": lambda: make_post(topic, writers[2], f"Answer {first} {second}"),
        "own": lambda: post.author and delete_own_post(post=post, author=post.author),
        "accept": lambda: accept_answer(topic=post.topic, post=post, by=by, by_staff=True),
    }  # fmt: skip
    try:
        with transaction.atomic():
            does[kind]()
    except Refused:
        pass


@pytest.fixture
def writers(db: None) -> list[User]:
    """Three members with three topics in two categories."""
    people = [make_writer() for _ in range(3)]
    places = [make_category() for _ in range(2)]
    for number in range(3):
        topic = make_topic(people[number % 2], category=places[number % 2])
        make_post(topic, people[(number + 1) % 2], f"First {number}")
        make_post(topic, people[2], f"Second {number}")
    return people


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_numbers_stay_right_whatever_moderators_do_and_undo(steps: Any, nik: User, writers: list[User]) -> None:
    cache.clear()  # the limits count what the examples before have done and taken back
    try:
        with transaction.atomic():
            for one in steps:
                step(*one, by=nik, writers=writers)
                numbers_are_right()
            topics = Topic.objects.filter(state=State.PUBLISHED)
            assert all(topic.posts.filter(number=1).exists() for topic in topics)
            raise Undone
    except Undone:
        pass
