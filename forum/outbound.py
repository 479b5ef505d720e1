"""The mails of the forum: news in what somebody watches, somebody named them, and decisions of moderators."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.links import absolute
from accounts.models import User
from accounts.queries import blocked_ids, public_people
from core.outbound import Address, Letter, MailKind, registry
from core.personal_data import Purpose
from forum import decision_mails  # noqa: F401  registers its kinds
from forum.links import post_path, stop_url
from forum.models import Post, State, Topic, Watch
from forum.rendering import body_of, excerpt

MOST_POSTS = 10  # of one mail


def _address(user: User) -> Address:
    return Address(user.email, frozenset({Purpose.SUPPORT}), subject=f"user:{user.pk}")


def load_watched(rows: Sequence[Any]) -> dict[int, Letter]:
    """What was published in a watched topic, or which topics are new in a category, since the mail was queued.

    Nothing is sent to who looked meanwhile, switched mails off or left.
    """
    watches = Watch.objects.select_related("user", "topic", "category").in_bulk([row.payload["watch"] for row in rows])
    letters = {}
    for row in rows:
        watch = watches.get(row.payload["watch"])
        if watch is None or not watch.by_mail or not watch.mailed_from or not watch.user.is_active:
            continue
        posts = _new_posts(watch)
        if posts:
            context = {
                "place": watch.topic.title if watch.topic else watch.category.name if watch.category else "",
                "is_topic": watch.topic is not None,
                "count": len(posts),
                "posts": _lines(posts),
                "page_url": _lines(posts)[0]["url"],
            }
            letters[row.pk] = Letter(
                _address(watch.user), context, language=watch.user.language, unsubscribe_url=stop_url(watch)
            )
    return letters


def _new_posts(watch: Watch) -> list[Post]:
    rows = Post.objects.filter(state=State.PUBLISHED, topic__state=State.PUBLISHED).select_related("topic")
    rows = rows.exclude(author__in={watch.user_id, *blocked_ids(watch.user_id)})
    if watch.topic_id is not None:
        return list(rows.filter(topic=watch.topic_id, number__gte=watch.mailed_from).order_by("number")[:MOST_POSTS])
    topics = Topic.objects.filter(category=watch.category_id, pk__gte=watch.mailed_from).values("pk")
    return list(rows.filter(topic__in=topics, number=1).order_by("pk")[:MOST_POSTS])


def _lines(posts: Sequence[Post]) -> list[dict[str, str]]:
    people = public_people({post.author_id for post in posts if post.author_id})
    return [
        {
            "title": post.topic.title,
            "name": people[post.author_id].name if post.author_id else str(_("Deleted member")),
            "words": excerpt(body_of(post)),
            "url": absolute(post_path(post)),
        }
        for post in posts
    ]


def load_mentions(rows: Sequence[Any]) -> dict[int, Letter]:
    """Who named the member, and where; not for a post that is gone meanwhile or was seen already."""
    posts = Post.objects.filter(state=State.PUBLISHED, topic__state=State.PUBLISHED).select_related("topic")
    found = posts.prefetch_related("mentions__user").in_bulk([row.payload["post"] for row in rows])
    letters = {}
    for row in rows:
        post = found.get(row.payload["post"])
        for mention in post.mentions.all() if post is not None else ():
            if f"user:{mention.user_id}" == row.recipient and mention.seen_at is None and mention.user.is_active:
                assert post is not None
                context = {"post": _lines([post])[0], "settings_url": absolute(reverse("forum:mine"))}
                letters[row.pk] = Letter(_address(mention.user), context, language=mention.user.language)
    return letters


def load_accepted(rows: Sequence[Any]) -> dict[int, Letter]:
    """Whose answer was accepted, where it still is; not to who left meanwhile."""
    posts = Post.objects.filter(state=State.PUBLISHED, topic__state=State.PUBLISHED).select_related("topic", "author")
    found, letters = posts.in_bulk([row.payload["post"] for row in rows]), {}
    for row in rows:
        post = found.get(row.payload["post"])
        if post is None or post.topic.accepted_post_id != post.pk:
            continue
        if post.author is not None and post.author.is_active and row.recipient == f"user:{post.author_id}":
            context = {"post": _lines([post])[0]}
            letters[row.pk] = Letter(_address(post.author), context, language=post.author.language)
    return letters


registry.register(
    MailKind(
        "forum_watch", Purpose.SUPPORT, "forum/mail/watch", load_watched, label=_("New in the forum, where you watch")
    ),
    MailKind("forum_mention", Purpose.SUPPORT, "forum/mail/mention", load_mentions, label=_("Somebody named you")),
    MailKind("forum_accepted", Purpose.SUPPORT, "forum/mail/accepted", load_accepted, label=_("Your answer helped")),
)
