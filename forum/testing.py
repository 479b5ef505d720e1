"""Builders for tests, through the forum's own actions."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.testing import make_public, make_user
from forum import actions
from forum.models import Category, Post, State, Topic
from forum.warning import WARNING_VERSION

_numbers = itertools.count(1)


def make_category(**changes: Any) -> Category:
    """A category with a name of its own."""
    number = next(_numbers)
    values = {"slug": f"category-{number}", "name": f"Category {number}", "description": "Where tests talk."}
    return actions.save_category(category=Category(), changes={**values, "order": number, **changes})


def make_writer(user: User | None = None, *, name: str = "", is_new: bool = False) -> User:
    """A member who may write: a public name, the age answer, the warning acknowledged; no newcomer unless `is_new`."""
    number = next(_numbers)
    user = user or make_user()
    if not user.display_name:
        make_public(user, name or f"Writer {number}")
    actions.acknowledge_warning(user=user, version=WARNING_VERSION)
    if not is_new:
        make_known(user)
    return user


def make_known(user: User) -> User:
    """Lets a member be here for a month with three published posts, as the rules for newcomers ask."""
    user.date_joined = timezone.now() - timedelta(days=30)
    user.save(update_fields=["date_joined"])
    topic = Topic.objects.filter(title="How do you do").first()
    if topic is None:
        category = Category.objects.filter(slug="hello").first() or make_category(slug="hello", name="Hello", order=999)
        topic = actions.start_topic(author=user, category=category, title="How do you do", text="Good morning")
    for number in range(3):
        actions.add_post(author=user, topic=topic, text=f"Good morning {number}")
    waiting = Post.objects.filter(author=user, state=State.HELD)
    actions.set_states(waiting, State.PUBLISHED)
    return user


def make_topic(author: User | None = None, *, category: Category | None = None, **changes: Any) -> Topic:
    """A published topic with its opening post; `title`, `text`, `by_mail`, `by_staff` may be given."""
    number = next(_numbers)
    values = {"title": f"Question {number}", "text": f"What is the answer to question {number}?", **changes}
    return actions.start_topic(author=author or make_writer(), category=category or make_category(), **values)


def make_post(topic: Topic, author: User | None = None, text: str = "This is the answer.", **changes: Any) -> Post:
    """An answer in a topic."""
    return actions.add_post(author=author or make_writer(), topic=topic, text=text, **changes)
