"""What the forum knows of a member."""

from uuid import UUID

from accounts.models import User
from core.errors import not_found
from forum.models import Category, Draft, ForumMember, Mention, Post, State, Topic, Watch

POSTS_A_PAGE = 20


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
