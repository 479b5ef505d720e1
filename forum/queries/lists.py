"""Categories, lists of topics by the place of their last row (keyset), and search."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from core.errors import not_found
from core.search import read_query
from forum.finding import search
from forum.models import Category, Mention, Post, ReadMark, State, Topic, Watch

TOPICS_A_PAGE = 20
UNREAD_DAYS = 30  # what is older counts as read
SHOWS = ("latest", "unanswered", "solved", "mine", "unread")


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
    rows = rows.filter(category=category) if category is not None else rows.select_related("category")
    rows = _shown(rows, show, user)
    if after is not None:
        later = Q(last_post_at__lt=after.last_post_at) | Q(last_post_at=after.last_post_at, pk__lt=after.pk)
        later &= Q(last_post_at__lte=after.last_post_at)  # one range that an index can be read by
        if by_pins:  # "in": Django writes "NOT is_pinned" for False, which no index of SQLite can answer
            later &= Q(is_pinned__in=[after.is_pinned])
            later = later | Q(is_pinned__in=[False]) if after.is_pinned else later
        rows = rows.filter(later)
    if user is not None:
        mark = ReadMark.objects.filter(user=user, topic=OuterRef("pk"))
        rows = rows.annotate(read_number=Subquery(mark.values("number")[:1]))
    order = ["-is_pinned"] if by_pins and (after is None or after.is_pinned) else []
    found = list(rows.order_by(*order, "-last_post_at", "-pk")[: TOPICS_A_PAGE + 1])
    more, page = len(found) > TOPICS_A_PAGE, found[:TOPICS_A_PAGE]
    last = page[-1] if more else None
    return TopicPage(page, str(Place(last.is_pinned and by_pins, last.last_post_at, last.pk)) if last else "")


def _shown(rows: QuerySet[Topic], show: str, user: User | None) -> QuerySet[Topic]:
    if show == "unanswered":
        return rows.filter(post_count=1)
    if show == "solved":
        return rows.filter(is_solved__in=[True])
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
