"""Finding a post helpful, and accepting an answer."""

from django.db import transaction

from accounts.models import User
from core.errors import not_found
from forum.actions.posts import add_helpful
from forum.actions.states import lock_topics
from forum.actions.telling import tell_of_accepting
from forum.models import Post, Reaction, State, Topic


@transaction.atomic
def react(*, post: Post, user: User, is_on: bool) -> None:
    """Marks a post as helpful, or takes that back; a second time changes nothing.

    Refuses `not_found` for one's own post and for a post that is not published.
    """
    if post.author_id == user.pk or post.state != State.PUBLISHED:
        raise not_found()
    if is_on:
        _row, changed = Reaction.objects.get_or_create(post=post, user=user)
    else:
        changed = Reaction.objects.filter(post=post, user=user).delete()[0] > 0
    if changed:
        add_helpful(post.pk, 1 if is_on else -1)


@transaction.atomic
def accept_answer(*, topic: Topic, post: Post | None, by: User, by_staff: bool = False) -> None:
    """The topic's author, or a support agent, says which post answers it; None takes it back.

    Who wrote it gets a mail, unless it is taken back at once.
    Refuses `not_found` for others, for posts of other topics and the opening post, and for what is not published.
    """
    topic = lock_topics({topic.pk})[topic.pk]
    if topic.author_id != by.pk and not by_staff:
        raise not_found()
    if post is not None:
        post = Post.objects.filter(pk=post.pk, topic=topic, state=State.PUBLISHED, number__gt=1).first()
        if post is None:
            raise not_found()
    topic.accepted_post, topic.is_solved = post, post is not None
    topic.save(update_fields=["accepted_post", "is_solved"])
    if post is not None:
        tell_of_accepting(post, by=by.pk)
