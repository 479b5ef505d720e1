"""The numbers of topics and categories, kept right while posts change their state and their place.

Nothing here has a floor: a number that would fall below zero is a mistake of ours, and the database refuses it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import Count, F, Max, Q

from forum.models import Category, Post, Topic
from forum.models.topics import PUBLISHED


def lock_topics(keys: Iterable[int]) -> dict[int, Topic]:
    """The topics by primary key, locked in one order, so that two moderators never wait for each other in a circle."""
    return {topic.pk: topic for topic in Topic.objects.select_for_update().filter(pk__in=set(keys)).order_by("pk")}


def change_states(posts: Sequence[Post], to: str, topics: dict[int, Topic]) -> list[Post]:
    """Gives posts another state and keeps every number; answers those that changed. `topics` are locked.

    The state of an opening post is the state of its topic.
    """
    changed = [post for post in posts if post.state != to]
    places: Counter[int] = Counter()
    for post in changed:
        topic = topics[post.topic_id]
        if post.number == 1 and topic.state != to:
            places[topic.category_id] += (to == PUBLISHED) - (topic.state == PUBLISHED)
            topic.state = to
    Post.objects.filter(pk__in=[post.pk for post in changed]).update(state=to)
    for post in changed:
        post.state = to
    add_topics(places)
    touched = [topics[key] for key in {post.topic_id for post in changed}]
    recount_topics(touched)
    return changed


def add_topics(places: "Counter[int]") -> None:
    """Adds to the number of published topics of each category; negative numbers take away."""
    for category, count in sorted(places.items()):
        if count:
            Category.objects.filter(pk=category).update(topic_count=F("topic_count") + count)


def recount_topics(topics: Sequence[Topic]) -> None:
    """Counts the posts of locked topics anew, in one statement, and stores numbers and state.

    A topic without a published post keeps the moment at which it was begun.
    """
    published = Q(state=PUBLISHED)
    rows = Post.objects.filter(topic__in=topics).order_by().values_list("topic")
    found = {
        topic: (count, last)
        for topic, count, last in rows.annotate(
            count=Count("pk", filter=published), last=Max("created_at", filter=published)
        )
    }
    for topic in topics:
        topic.post_count, last = found.get(topic.pk, (0, None))
        topic.last_post_at = last or topic.created_at
    Topic.objects.bulk_update(topics, ["state", "category", "post_count", "last_post_at", "last_number"])
