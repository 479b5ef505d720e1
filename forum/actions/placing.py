"""Acts of moderators that change where posts stand: move, split, merge. Links to the old places go on working."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Refused, not_found
from forum.actions.moderating import LARGEST, Why, note_act, remember_posts
from forum.actions.states import count_topic, lock_topics, recount, set_topic_states
from forum.actions.topics import clean_title
from forum.models import Category, ModerationAct, Post, State, Topic, Watch
from forum.rendering import slug_of, write_out

Kind = ModerationAct.Kind


@transaction.atomic
def move_topic(*, topic: int, category: Category, why: Why, by: User) -> ModerationAct:
    """Puts a topic into another category. Raises Refused `already` when it is there, `not_found`."""
    found = lock_topics({topic}).get(topic)
    if found is None:
        raise not_found()
    if found.category_id == category.pk:
        raise Refused("already", _("The topic is in this category already."), status=409)
    act = note_act(
        kind=Kind.MOVE, why=why, by=by, member=found.author_id, topic=found, came_from_id=found.category_id
    )  # fmt: skip
    put_into_category(found, category.pk)
    return act


def put_into_category(topic: Topic, category: int) -> None:
    """Moves a locked topic and the numbers of both categories, the one with the smaller key first."""
    changes = {topic.category_id: -1, category: 1} if topic.state == State.PUBLISHED else {}
    topic.category_id = category
    topic.save(update_fields=["category"])
    for key in sorted(changes):
        count_topic(key, changes[key])


@transaction.atomic
def split_topic(*, topic: int, numbers: Sequence[int], title: str, why: Why, by: User) -> ModerationAct:
    """Makes a topic of its own out of some posts, in their order; the opening post stays where it is.

    Raises Refused `nothing` without a post that can go, `too_many` over 1,000, `no_title`, `not_found`.
    """
    found = lock_topics({topic}).get(topic)
    if found is None:
        raise not_found()
    wanted = Post.objects.filter(topic=found, number__in=[number for number in numbers if number > 1])
    posts = list(wanted.exclude(text="").order_by("number")[: LARGEST + 1])
    if not posts:
        raise Refused("nothing", _("Choose the posts that go into the new topic. The opening post stays."))
    _check_size(posts)
    first, title = posts[0], clean_title(title)
    new = Topic.objects.create(
        category_id=found.category_id, title=title, slug=slug_of(title), author_id=first.author_id,
        state=State.HIDDEN, created_at=first.created_at, last_post_at=first.created_at,
    )  # fmt: skip
    act = note_act(kind=Kind.SPLIT, why=why, by=by, member=first.author_id, topic=found, into=new)
    remember_posts(act, posts, {found.pk: found})
    place_posts(posts, new)
    first.words = write_out(first.text, title=title).words
    first.save(update_fields=["words"])
    recount(topics=[found.pk, new.pk])
    set_topic_states([new], first.state)
    return act


@transaction.atomic
def merge_topics(*, topic: int, into: int, why: Why, by: User) -> ModerationAct:
    """Puts the posts of a topic behind those of another; the first is then gone, and its address leads to the other.

    Who watches the first watches the other. Raises Refused `same`, `too_many` over 1,000 posts, `not_found`.
    """
    if topic == into:
        raise Refused("same", _("Choose another topic than this one."))
    both = lock_topics({topic, into})
    if len(both) < 2 or any(one.state == State.DELETED for one in both.values()):
        raise not_found()
    source, target = both[topic], both[into]
    posts = list(Post.objects.filter(topic=source).order_by("number")[: LARGEST + 1])
    _check_size(posts)
    act = note_act(kind=Kind.MERGE, why=why, by=by, member=source.author_id, topic=source, into=target)
    remember_posts(act, posts, both)
    place_posts(posts, target)
    _take_watches(source, target)
    recount(topics=[source.pk, target.pk])
    set_topic_states([source], State.DELETED)
    return act


def _check_size(posts: Sequence[Post]) -> None:
    if len(posts) > LARGEST:
        raise Refused("too_many", _("That are more than %(n)d posts. Take fewer.") % {"n": LARGEST})


def place_posts(posts: Sequence[Post], topic: Topic) -> None:
    """Gives posts the next numbers of a locked topic, in the order given; the caller counts anew."""
    for number, post in enumerate(posts, topic.last_number + 1):
        post.topic, post.number = topic, number
    Post.objects.bulk_update(posts, ["topic", "number"], batch_size=200)
    topic.last_number += len(posts)
    topic.save(update_fields=["last_number"])


def _take_watches(source: Topic, target: Topic) -> None:
    """Who watches the one topic watches the other as well."""
    rows = Watch.objects.filter(topic=source)
    new = [Watch(user_id=row.user_id, topic=target, by_mail=row.by_mail) for row in rows]
    Watch.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
