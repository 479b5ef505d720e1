"""What becomes of the posts of somebody who is erased (S101; ARCHITECTURE: after_erase)."""

from django.db import transaction
from django.db.models import F

from forum.actions.posts import empty_posts
from forum.actions.states import set_states, set_topic_states
from forum.models import ForumMember, Post, PostVersion, Reaction, State, Topic


@transaction.atomic
def let_go(*, topic_keys: list[int], post_keys: list[int]) -> None:
    """Re-signs posts that everybody could read "Deleted member"; the others go: held, hidden and deleted ones.

    Who chose so leaves no post at all. A topic of theirs stays as a frame where others answered. Earlier texts of
    their posts go in any case.
    """
    posts = list(Post.objects.filter(pk__in=post_keys))
    removing = set(
        ForumMember.objects.filter(
            user__in={post.author_id for post in posts if post.author_id}, removes_posts=True
        ).values_list("user_id", flat=True)
    )
    going = [post for post in posts if post.author_id in removing or post.state != State.PUBLISHED]
    set_states(going, State.DELETED)
    empty_posts([post.pk for post in going])
    PostVersion.objects.filter(post__in=post_keys).delete()
    Post.objects.filter(pk__in=post_keys).update(author=None)
    gone = {post.topic_id for post in going if post.number == 1}
    topics = Topic.objects.filter(pk__in=topic_keys)
    for topic in topics.filter(pk__in=gone):
        if topic.post_count == 0:
            set_topic_states([topic], State.DELETED)
    topics.filter(pk__in=gone).update(title="–", slug="topic")
    topics.update(author=None)


@transaction.atomic
def take_back_reactions(*, keys: list[int]) -> None:
    """Lowers the numbers of posts before these reactions go."""
    for post in Reaction.objects.filter(pk__in=keys).values_list("post_id", flat=True):
        Post.objects.filter(pk=post, helpful_count__gt=0).update(helpful_count=F("helpful_count") - 1)
