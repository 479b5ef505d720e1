"""Publishing, holding, hiding and deleting posts and topics, with the counters that hang on them.

The row of a topic is locked before the state of one of its posts changes, so the counters follow what really changed.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, F, Q

from forum.actions.telling import tell_of_posts
from forum.models import Category, Post, State, Topic


@transaction.atomic
def set_states(posts: Iterable[Post], state: str) -> list[Post]:
    """Gives posts a state and answers those that had another one, with the new state set on them.

    A topic follows its opening post, unless that one is deleted while others answered. Counters, the moment of the
    last post and an accepted answer that is not seen any more are put right; newly published posts are told of.
    """
    wanted = {post.pk: post for post in posts}
    topics = lock_topics({post.topic_id for post in wanted.values()})
    old = dict(Post.objects.filter(pk__in=wanted).exclude(state=state).values_list("pk", "state"))
    Post.objects.filter(pk__in=old).update(state=state)
    changed, by_topic = [wanted[pk] for pk in sorted(old)], defaultdict(list)
    for post in changed:
        post.state = state
        by_topic[post.topic_id].append(post)
    for key, theirs in by_topic.items():
        was = sum(old[post.pk] == State.PUBLISHED for post in theirs)
        _settle(topics[key], (len(theirs) if state == State.PUBLISHED else 0) - was)
        if any(post.number == 1 for post in theirs):
            _follow_opening(topics[key], state)
    if state == State.PUBLISHED:
        tell_of_posts([post for post in changed if topics[post.topic_id].state == State.PUBLISHED])
    return changed


@transaction.atomic
def set_topic_states(topics: Iterable[Topic], state: str) -> list[Topic]:
    """Gives whole topics a state; their posts keep theirs. Answers those that had another one."""
    locked = lock_topics({topic.pk for topic in topics})
    return [topic for topic in locked.values() if _change_topic(topic, state)]


@transaction.atomic
def recount(*, topics: Iterable[int]) -> None:
    """Counts posts, moments, answers and categories of topics (primary keys) anew, after posts were moved."""
    locked = lock_topics(set(topics))
    for topic in locked.values():
        count = Post.objects.filter(topic=topic, state=State.PUBLISHED).count()
        _settle(topic, count - topic.post_count)
    for key in {topic.category_id for topic in locked.values()}:
        seen = Topic.objects.filter(category=key, state=State.PUBLISHED).aggregate(n=Count("pk"))["n"]
        Category.objects.filter(pk=key).update(topic_count=seen)


def lock_topics(keys: set[int]) -> dict[int, Topic]:
    """The topics, locked in the order of their keys, so that two transactions never wait for each other."""
    rows = Topic.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return {topic.pk: topic for topic in rows}


def count_topic(category_id: int, by: int) -> None:
    """Adds to the number of published topics of a category."""
    if by:
        Category.objects.filter(pk=category_id).update(topic_count=F("topic_count") + by)


def _settle(topic: Topic, by: int) -> None:
    """Puts the numbers of a locked topic right after posts changed."""
    newest = Post.objects.filter(topic=topic, state=State.PUBLISHED).order_by("-created_at").values_list("created_at")
    moment = newest.first()  # by time: merged posts have greater numbers than newer ones
    topic.post_count += by
    topic.last_post_at = moment[0] if moment else topic.created_at
    if topic.accepted_post_id is not None:
        fits = Q(pk=topic.accepted_post_id, topic=topic, state=State.PUBLISHED)
        if not Post.objects.filter(fits).exists():
            topic.accepted_post, topic.is_solved = None, False
    topic.save(update_fields=["post_count", "last_post_at", "accepted_post", "is_solved"])


def _follow_opening(topic: Topic, state: str) -> None:
    if state == State.DELETED and topic.post_count > 0:
        return  # others answered: the topic stays readable
    _change_topic(topic, state)


def _change_topic(topic: Topic, state: str) -> bool:
    """Changes the state of a locked topic; False when it had it."""
    if topic.state == state:
        return False
    by = (state == State.PUBLISHED) - (topic.state == State.PUBLISHED)
    topic.state = state
    topic.save(update_fields=["state"])
    count_topic(topic.category_id, by)
    return True
