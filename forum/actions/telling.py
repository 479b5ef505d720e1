"""Telling people of published posts: those who watch, and those who are mentioned. One mail until they look again."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.queries import blockers_of, find_members
from core import text as writing
from forum import events
from forum.models import Mention, Post, Topic, Watch
from outbox.actions import NewDelivery, enqueue_many

BURST = timedelta(minutes=5)  # what comes within them stands in the same mail
KEEP_TRYING = timedelta(days=2)


def tell_of_posts(posts: Sequence[Post]) -> None:
    """Queues what there is to tell, in the transaction that publishes the posts."""
    for post in posts:
        named = _mention(post)
        _mail_watchers(post, besides=named)
    if posts:
        keys = [post.pk for post in posts]
        transaction.on_commit(partial(events.posts_published.send_robust, Post, post_keys=keys))


def _mention(post: Post) -> set[int]:
    """Tells each mentioned member once, except the author and those who blocked the author; answers who is told."""
    if "@" not in post.text:
        return set()
    named = {user.pk for user in find_members(writing.mentioned(post.text)).values()} - {post.author_id}
    named -= blockers_of(post.author_id or 0, named) if named else set()
    told = set(Mention.objects.filter(post=post, user__in=named).values_list("user_id", flat=True))
    new = sorted(named - told)
    Mention.objects.bulk_create([Mention(post=post, user_id=key) for key in new], ignore_conflicts=True)
    _enqueue("forum_mention", [(f"user:{key}", f"post:{post.pk}", {"post": post.pk}) for key in new])
    return named


def tell_of_accepting(post: Post, *, by: int) -> None:
    """One mail for ever to who wrote the accepted answer; none to oneself, nor to who blocked `by` (a key)."""
    author = post.author_id
    if author is not None and author != by and author not in blockers_of(by, {author}):
        _enqueue("forum_accepted", [(f"user:{author}", f"post:{post.pk}", {"post": post.pk})])


def _mail_watchers(post: Post, *, besides: set[int]) -> None:
    """One mail for each watch that has none out: it tells of everything from this post on."""
    place = Q(topic=post.topic_id)
    if post.number == 1:
        place |= Q(category__in=Topic.objects.filter(pk=post.topic_id).values("category_id"))
    rows = Watch.objects.select_for_update().filter(place, by_mail=True, mailed_from=0)
    watches = [row for row in rows.order_by("pk") if row.user_id not in besides | {post.author_id}]
    silent = blockers_of(post.author_id or 0, {row.user_id for row in watches}) if watches else set()
    watches = [row for row in watches if row.user_id not in silent]
    for of_topic in (True, False):
        keys = [row.pk for row in watches if (row.topic_id is not None) is of_topic]
        Watch.objects.filter(pk__in=keys).update(mailed_from=post.number if of_topic else post.topic_id)
    _enqueue("forum_watch", [(f"user:{row.user_id}", f"{row.pk}:{post.pk}", {"watch": row.pk}) for row in watches])


def _enqueue(kind: str, told: list[tuple[str, str, dict[str, int]]]) -> None:
    now = timezone.now()
    enqueue_many(
        [
            NewDelivery(kind, key, recipient, facts, due_at=now + BURST, expires_at=now + KEEP_TRYING)
            for recipient, key, facts in told
        ]
    )
