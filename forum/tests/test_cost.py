"""G9 and G10: exact numbers of statements, the same for more rows, and lists that an index answers."""

import re
from collections import Counter
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forum import actions, queries
from forum.models import Category, Topic
from forum.queries.lists import Place
from forum.testing import make_category, make_post, make_topic, make_writer
from policies.queries import list_announced_shortly

pytestmark = pytest.mark.django_db
# page -> statements (anonymous, member)
NUMBERS = {
    "/forum/": (3, 6),
    "/forum/all/": (3, 6),
    "/forum/c/{category}/": (3, 6),
    "/forum/c/{category}/?show=unanswered": (3, 6),
    "/forum/c/{category}/?show=solved": (3, 6),
    "/forum/?q=saddle": (3, 6),
    "/forum/t/{topic}/": (5, 11),
    "/forum/members/{handle}/": (2, 5),
    "/forum/feed.atom": (3, 3),
}


class World:
    def __init__(self) -> None:
        self.member: User = make_writer()
        self.category: Category = make_category()
        self.topic: Topic = make_topic(self.member, category=self.category, text="The saddle of my bike")
        self.more()

    def more(self) -> None:
        for number in range(3):
            topic = make_topic(category=self.category, text=f"saddle {number}")
            answer = make_post(topic)
            actions.accept_answer(topic=topic, post=answer, by=topic.author)
            make_post(self.topic, text=f"A saddle @{self.member.handle}")
            make_topic(self.member, category=self.category)

    def path(self, template: str) -> str:
        return template.format(
            category=self.category.slug, topic=f"{self.topic.public_id}/{self.topic.slug}", handle=self.member.handle
        )


def statements(browser: Any, path: str) -> list[str]:
    cache.clear()
    list_announced_shortly()  # of all pages together once a minute
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(path).status_code == 200, path
    return [query["sql"] for query in caught.captured_queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def test_pages_take_these_statements_and_no_more_for_more_rows(client_of: Any):
    world = World()
    browsers = (Client(), client_of(world.member))
    for template in NUMBERS:
        browsers[1].get(world.path(template))  # the first look writes the mark of what was read
    first = {key: tuple(len(statements(browser, world.path(key))) for browser in browsers) for key in NUMBERS}
    assert first == NUMBERS
    world.more()
    for template in NUMBERS:
        browsers[1].get(world.path(template))
    for key in NUMBERS:
        for browser, number in zip(browsers, NUMBERS[key], strict=True):
            sql = statements(browser, world.path(key))
            assert len(sql) == number, (key, sql)
            shapes = Counter(re.sub(r"\d+|'[^']*'", "?", one) for one in sql)
            assert max(shapes.values()) <= 3, shapes


def plans_of(ask: Any) -> list[str]:
    """The plan of each SELECT on SQLite, in one line each."""
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            rows = context["cursor"].db.connection.execute(f"EXPLAIN QUERY PLAN {sql.replace('%s', '?')}", params)
            plans.append(" | ".join(row[-1] for row in rows))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        ask()
    return plans


@pytest.mark.once
def test_lists_are_read_by_their_index_without_sorting():
    if connection.vendor != "sqlite":
        return  # PostgreSQL chooses by what the tables hold; bench/forum.py looks there
    world = World()
    category, member = world.category, world.member
    after = Place(False, world.topic.last_post_at, world.topic.pk)
    asked = {
        "forum_topic_active": lambda: queries.list_topics(category=category, after=after),
        "forum_topic_unanswered": lambda: queries.list_topics(category=category, show="unanswered", after=after),
        "forum_topic_solved": lambda: queries.list_topics(category=category, show="solved"),
        "forum_topic_newest": lambda: queries.list_topics(after=after),
        "forum_topic_of_author": lambda: queries.list_topics(show="mine", user=member),
        "forum_post_of_author": lambda: queries.list_posts_of(member.pk, below=10**9),
        "forum_post_number_once": lambda: queries.list_posts(world.topic, 1),
    }
    for index, ask in asked.items():
        plan = plans_of(ask)[0]
        wanted = index if index != "forum_post_number_once" else "(topic_id=? AND number>? AND number<?)"
        assert wanted in plan and "TEMP B-TREE" not in plan, (index, plan)


@pytest.mark.once
def test_similar_topics_are_fetched_one_by_one_and_not_looked_for_among_all():
    if connection.vendor != "sqlite":
        return
    topic = make_topic()
    _words, rows = plans_of(lambda: queries.suggest_topics(topic.title))
    assert "INTEGER PRIMARY KEY" in rows, rows


@pytest.mark.once
def test_the_last_page_of_a_long_topic_costs_what_the_first_one_costs():
    if connection.vendor != "sqlite":
        return
    topic = make_topic()
    Topic.objects.filter(pk=topic.pk).update(last_number=10_000)
    topic.refresh_from_db()
    assert plans_of(lambda: queries.list_posts(topic, 1)) == plans_of(lambda: queries.list_posts(topic, 500))
