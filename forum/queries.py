"""Reads of the forum: lists by the place of their last row (keyset), threads by number, and who sees what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from core.errors import not_found
from core.search import read_query
from forum.finding import search
from forum.models import (
    Category,
    Draft,
    ForumMember,
    Mention,
    Post,
    PostVersion,
    Reaction,
    ReadMark,
    State,
    Topic,
    Watch,
)

TOPICS_A_PAGE = 20
POSTS_A_PAGE = 20
UNREAD_DAYS = 30  # what is older counts as read
SUGGESTED = 5
SHOWS = ("latest", "unanswered", "solved", "mine", "unread")


# ---- Categories ---------------------------------------------------------------------------------------------------
def list_categories(user: User | None = None) -> list[Category]:
    """All categories in their order, with `watched` (by_mail, or None) and `has_news` for a member."""
    rows = Category.objects.all()
    if user is not None:
        own = Watch.objects.filter(user=user, category=OuterRef("pk"))
        rows = rows.annotate(
            watched=Subquery(own.values("by_mail")[:1]),
            watch_mailed=Subquery(own.values("mailed_from")[:1]),
            has_news=Exists(Mention.objects.filter(user=user, seen_at=None)),
        )
    return list(rows)


def find_category(slug: str) -> Category:
    """The category of an address. Raises Refused `not_found`."""
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise not_found()
    return found


# ---- Lists of topics ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Place:
    """The last row of a page of topics: where the next page goes on."""

    is_pinned: bool
    last_post_at: datetime
    pk: int

    def __str__(self) -> str:
        micros = int(self.last_post_at.timestamp()) * 1_000_000 + self.last_post_at.microsecond
        return f"{int(self.is_pinned)}-{micros}-{self.pk}"


def read_place(text: str) -> Place | None:
    """The place that an address names; None for what is none."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts):
        return None
    pinned, micros, pk = (int(part) for part in parts)
    try:
        moment = datetime.fromtimestamp(micros // 1_000_000, UTC) + timedelta(microseconds=micros % 1_000_000)
    except (OverflowError, OSError, ValueError):
        return None
    return Place(bool(pinned), moment, pk)


@dataclass(frozen=True)
class TopicPage:
    """A page of topics; `next_place` is the place where the next one goes on, empty at the end."""

    topics: list[Topic]
    next_place: str


def list_topics(
    *, category: Category | None = None, show: str = "latest", user: User | None = None, after: Place | None = None
) -> TopicPage:
    """Published topics, those with the newest post first; pinned ones stand above in their category.

    `show` is a word of SHOWS; "unanswered" and "solved" need a category, "mine" and "unread" a member.
    """
    rows = Topic.objects.filter(state=State.PUBLISHED)
    by_pins = category is not None and show == "latest"
    if category is not None:
        rows = rows.filter(category=category)
    else:
        rows = rows.select_related("category")
    rows = _shown(rows, show, user)
    if after is not None:
        later = Q(last_post_at__lt=after.last_post_at) | Q(last_post_at=after.last_post_at, pk__lt=after.pk)
        later &= Q(last_post_at__lte=after.last_post_at)  # one range that an index can be read by
        if by_pins:
            later = (
                Q(is_pinned=False) & later if not after.is_pinned else Q(is_pinned=False) | Q(is_pinned=True) & later
            )
        rows = rows.filter(later)
    if user is not None:
        mark = ReadMark.objects.filter(user=user, topic=OuterRef("pk"))
        rows = rows.annotate(read_number=Subquery(mark.values("number")[:1]))
    order = ["-is_pinned"] if by_pins else []
    found = list(rows.order_by(*order, "-last_post_at", "-pk")[: TOPICS_A_PAGE + 1])
    more, page = len(found) > TOPICS_A_PAGE, found[:TOPICS_A_PAGE]
    last = page[-1] if more else None
    return TopicPage(page, str(Place(last.is_pinned and by_pins, last.last_post_at, last.pk)) if last else "")


def _shown(rows: QuerySet[Topic], show: str, user: User | None) -> QuerySet[Topic]:
    if show == "unanswered":
        return rows.filter(post_count=1)
    if show == "solved":
        return rows.filter(is_solved=True)
    if show == "mine":
        return rows.filter(author=user) if user is not None else rows.none()
    if show == "unread":
        if user is None:
            return rows.none()
        read = ReadMark.objects.filter(user=user, topic=OuterRef("pk"), number__gte=OuterRef("last_number"))
        since = timezone.now() - timedelta(days=UNREAD_DAYS)
        return rows.filter(~Exists(read), last_post_at__gte=since)
    return rows


def list_watched(user: User) -> list[Topic]:
    """Topics that a member watches, the newest post first, at most 100, with `read_number`."""
    mark = ReadMark.objects.filter(user=user, topic=OuterRef("pk"))
    keys = Watch.objects.filter(user=user, topic__isnull=False).values("topic")
    rows = Topic.objects.filter(pk__in=keys, state=State.PUBLISHED).select_related("category")
    rows = rows.annotate(read_number=Subquery(mark.values("number")[:1]))
    return list(rows.order_by("-last_post_at", "-pk")[:100])


# ---- A thread -----------------------------------------------------------------------------------------------------
def find_topic_for(user: User | None, public_id: UUID, *, sees_all: bool = False) -> Topic:
    """A topic that this person may read, with its category and, for a member, what is theirs beside it.

    Those are `read_number`, `watched` (by_mail, or None), `watch_mailed`, `draft_text` and `warned` (the version of the
    warning). A held topic is there for its author; `sees_all`: a moderator. Raises Refused `not_found`.
    """
    rows = Topic.objects.select_related("category", "accepted_post").filter(public_id=public_id)
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
    found = rows.defer("accepted_post__text", "accepted_post__words").first()
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
    rows = rows.annotate(reply_number=F("reply_to__number"))
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


def find_opening(topic: Topic) -> Post | None:
    """The post with the number 1."""
    return Post.objects.filter(topic=topic, number=1).first()


def list_versions(post: Post) -> list[PostVersion]:
    """Earlier texts of a post, the newest first, at most 100."""
    return list(PostVersion.objects.filter(post=post)[:100])


def suggest_topics(text: str, limit: int = SUGGESTED, *, besides: int | None = None) -> list[Topic]:
    """Published topics whose titles speak of the same as a text, the best first; `besides` is left out."""
    words = search.telling_words(text)
    keys = search.find_titles(words)
    rows = Topic.objects.filter(pk__in=keys, state=State.PUBLISHED).exclude(pk=besides) if keys else []
    return sorted(rows, key=lambda topic: search.likeness(topic, words), reverse=True)[:limit]


# ---- Search ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SearchPage:
    """Found posts with their topics, and where the next page goes on (0: the end)."""

    posts: list[Post]
    next_below: int
    query: Any


def search_posts(text: str, *, below: int | None = None, category: Category | None = None) -> SearchPage:
    """Published posts with all the words that were typed, the newest first. Any text is a query."""
    query = read_query(text)
    if not query:
        return SearchPage([], 0, query)
    rows = search.find_posts(
        query, limit=TOPICS_A_PAGE + 1, below=below, category=category.pk if category is not None else None
    )
    found = list(rows.select_related("topic", "topic__category").defer("text", "rendered"))
    more, page = len(found) > TOPICS_A_PAGE, found[:TOPICS_A_PAGE]
    return SearchPage(page, page[-1].pk if more else 0, query)


# ---- Members --------------------------------------------------------------------------------------------------------
def find_forum_member(user_pk: int) -> ForumMember | None:
    """The forum's row of a member; None for who was never here."""
    return ForumMember.objects.filter(user=user_pk).first()


def list_posts_of(author_pk: int, *, below: int | None = None) -> list[Post]:
    """Published posts of a member with their topics, the newest first: one more than a page holds."""
    rows = Post.objects.filter(author=author_pk, state=State.PUBLISHED, topic__state=State.PUBLISHED)
    if below is not None:
        rows = rows.filter(pk__lt=below)
    rows = rows.select_related("topic", "topic__category").defer("text", "rendered")
    return list(rows.order_by("-pk")[: POSTS_A_PAGE + 1])


def list_drafts(user: User) -> list[Draft]:
    """What a member began to write, the newest first."""
    return list(Draft.objects.filter(user=user).select_related("topic", "category").order_by("-saved_at", "-pk"))


def find_draft_for(user: User, public_id: UUID) -> Draft:
    """A member's own draft. Raises Refused `not_found`."""
    found = Draft.objects.select_related("topic", "category").filter(user=user, public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def list_mentions(user: User) -> list[Mention]:
    """Where a member was named, the newest first, at most 50."""
    rows = Mention.objects.filter(user=user, post__state=State.PUBLISHED, post__topic__state=State.PUBLISHED)
    rows = rows.select_related("post__topic__category").defer("post__text", "post__rendered")
    return list(rows.order_by("-pk")[:50])


def find_watch(user: User, *, topic: Topic | None = None, category: Category | None = None) -> Watch | None:
    """The member's watch of a topic or a category."""
    return Watch.objects.filter(user=user, topic=topic, category=category).first()


def find_watch_by_id(public_id: UUID) -> Watch | None:
    """The watch that a link in a mail names."""
    return Watch.objects.select_related("topic", "category").filter(public_id=public_id).first()


# ---- Feeds and the map of the site ----------------------------------------------------------------------------------
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
