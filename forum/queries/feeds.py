"""Feeds, and the map of the site."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from forum.models import (
    Category,
    Post,
    State,
    Topic,
)


def list_feed(*, category: Category | None = None, topic: Topic | None = None, limit: int = 30) -> list[Post]:
    """Posts for a feed, the newest first: opening posts of a category or of the forum, or the posts of a topic."""
    rows = Post.objects.filter(state=State.PUBLISHED).select_related("topic", "topic__category").defer("text", "words")
    if topic is not None:
        return list(rows.filter(topic=topic).order_by("-number")[:limit])
    topics = Topic.objects.filter(state=State.PUBLISHED)
    if category is not None:
        topics = topics.filter(category=category)
    keys = list(topics.order_by("-last_post_at", "-pk").values_list("pk", flat=True)[:limit])
    found = {post.topic_id: post for post in rows.filter(topic__in=keys, number=1)}
    return [found[key] for key in keys if key in found]


MAP_PAGE = 10_000


def count_map_pages() -> int:
    """How many pages the site map of the forum has, by the greatest key: nothing is counted."""
    newest = Topic.objects.order_by("-pk").values_list("pk", flat=True).first()
    return -(-(newest or 0) // MAP_PAGE)


def list_for_map(page: int) -> Iterable[tuple[UUID, str, datetime]]:
    """(public id, slug, last post) of the published topics of one page of the site map."""
    first = (page - 1) * MAP_PAGE + 1
    rows = Topic.objects.filter(pk__range=(first, first + MAP_PAGE - 1), state=State.PUBLISHED)
    return rows.order_by("pk").values_list("public_id", "slug", "last_post_at")
