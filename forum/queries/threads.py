"""A thread by the numbers of its posts, and who sees what."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Left

from accounts.models import User
from core.errors import not_found
from forum.finding import search
from forum.models import Draft, ForumMember, Post, PostVersion, Reaction, ReadMark, State, Topic, Watch

POSTS_A_PAGE = 20
SUGGESTED = 5
QUOTED = 600  # characters of a post in the description for search engines


def find_topic_for(user: User | None, public_id: UUID, *, sees_all: bool = False) -> Topic:
    """A topic that this person may read, with its category and, for a member, what is theirs beside it.

    Those are `read_number`, `watched` (by_mail, or None), `watch_mailed`, `draft_text` and `warned` (the version of the
    warning). A held topic is there for its author; `sees_all`: a moderator. Raises Refused `not_found`.
    """
    rows = Topic.objects.select_related("category").filter(public_id=public_id)
    rows = rows.annotate(accepted_number=F("accepted_post__number"))
    if user is not None:
        mark = ReadMark.objects.filter(user=user, topic=OuterRef("pk"))
        own = Watch.objects.filter(user=user, topic=OuterRef("pk"))
        draft = Draft.objects.filter(user=user, topic=OuterRef("pk"))
        rows = rows.annotate(
            read_number=Subquery(mark.values("number")[:1]),
            watched=Subquery(own.values("by_mail")[:1]),
            watch_mailed=Subquery(own.values("mailed_from")[:1]),
            draft_text=Subquery(draft.values("text")[:1]),
            warned=Subquery(ForumMember.objects.filter(user=user).values("warning_version")[:1]),
        )
    found = rows.first()
    if found is None or not (sees_all or _may_see(found, user)):
        raise not_found()
    return found


def _may_see(thing: Topic | Post, user: User | None) -> bool:
    own = user is not None and thing.author_id == user.pk
    return thing.state == State.PUBLISHED or own and thing.state == State.HELD


def count_pages(topic: Topic) -> int:
    """How many pages of posts a topic has, by the greatest number."""
    return max(1, -(-topic.last_number // POSTS_A_PAGE))


def page_of(number: int) -> int:
    """On which page the post with this number stands."""
    return max(1, -(-number // POSTS_A_PAGE))


def list_posts(topic: Topic, page: int, *, user: User | None = None, sees_all: bool = False) -> list[Post]:
    """The posts with the numbers of that page, in order; `is_helpful_to_me` for a member.

    Held ones stand there for their author only (and moderators); hidden and deleted ones are there without words.
    """
    first = (page - 1) * POSTS_A_PAGE + 1
    rows = Post.objects.filter(topic=topic, number__range=(first, first + POSTS_A_PAGE - 1))
    if not sees_all:
        held = Q(state=State.HELD)
        rows = rows.exclude(held & ~Q(author=user)) if user is not None else rows.exclude(held)
    rows = rows.annotate(reply_number=F("reply_to__number"), beginning=Left("words", QUOTED))
    if user is not None:
        rows = rows.annotate(is_helpful_to_me=Exists(Reaction.objects.filter(post=OuterRef("pk"), user=user)))
    return list(rows.defer("text", "words").order_by("number"))


def find_post_for(user: User | None, public_id: UUID, number: int, *, sees_all: bool = False) -> Post:
    """A post by its topic and number, with topic and category, as `find_topic_for`. Raises Refused `not_found`."""
    rows = Post.objects.select_related("topic__category").filter(topic__public_id=public_id, number=number)
    found = rows.first()
    if found is None or not (sees_all or _may_see(found, user) and _may_see(found.topic, user)):
        raise not_found()
    return found


def find_own_post(user: User, public_id: UUID, number: int) -> Post:
    """A post that this member wrote and may change: published or held. Raises Refused `not_found`."""
    rows = Post.objects.select_related("topic__category").filter(topic__public_id=public_id, number=number, author=user)
    found = rows.filter(state__in=[State.PUBLISHED, State.HELD]).first()
    if found is None:
        raise not_found()
    return found


def find_opening(topic: Topic) -> Post | None:
    """The post with the number 1."""
    return Post.objects.filter(topic=topic, number=1).first()


def list_versions(post: Post) -> list[PostVersion]:
    """Earlier texts of a post, the newest first, at most 100."""
    return list(PostVersion.objects.filter(post=post)[:100])


def list_published(keys: Sequence[int]) -> list[Topic]:
    """These topics in this order, without those that are not published any more."""
    found = {one.pk: one for one in Topic.objects.filter(pk__in=keys)} if keys else {}
    return [found[key] for key in keys if key in found and found[key].state == State.PUBLISHED]


def suggest_topics(text: str, limit: int = SUGGESTED, *, besides: int | None = None) -> list[Topic]:
    """Published topics whose titles speak of the same as a text, the best first; `besides` is left out."""
    words = search.telling_words(text)
    keys = search.find_titles(words)
    # the state is looked at here: asked for it, SQLite walks every published topic instead of fetching these few
    found = Topic.objects.filter(pk__in=keys) if keys else []
    rows = (one for one in found if one.state == State.PUBLISHED and one.pk != besides)
    return sorted(rows, key=lambda topic: search.likeness(topic, words), reverse=True)[:limit]
