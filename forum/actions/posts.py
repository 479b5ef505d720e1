"""Writing, editing and removing posts."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import text as writing
from core.errors import Refused, not_found
from core.redaction import mask_secrets
from forum.actions import publishing
from forum.actions.drafts import forget_drafts
from forum.actions.reading import watch
from forum.actions.states import count_topic, lock_topics, set_states
from forum.actions.telling import tell_of_posts
from forum.models import Post, PostVersion, Reaction, State, Topic
from forum.rendering import RENDERER, slug_of, write_out


@transaction.atomic
def add_post(
    *, author: User, topic: Topic, text: str, reply_to: Post | None = None, by_mail: bool | None = None,
    by_staff: bool = False, sent: publishing.Sent | None = None,
) -> Post:  # fmt: skip
    """An answer in a topic, with the next number (S32). `by_mail`: watch the topic, by mail or not; None: as it is.

    Refuses what `publishing.check_may_write` refuses, `locked`, `not_found` (a topic that is not published), `empty`
    and `too_long`.
    """
    publishing.check_may_write(author)
    topic = lock_topics({topic.pk})[topic.pk]
    if topic.state != State.PUBLISHED and not (topic.state == State.HELD and topic.author_id == author.pk):
        raise not_found()
    if (topic.is_locked or topic.category.is_archived) and not by_staff:
        raise Refused("locked", _("This topic is closed. Nothing can be added to it."))
    text = check_text(text)
    if reply_to is not None and reply_to.topic_id != topic.pk:
        raise not_found()
    look = publishing.first_look(author=author, text=text, topic=topic, by_staff=by_staff, sent=sent)
    post = put_post(topic=topic, author=author, text=text, state=look.state, by_staff=by_staff, reply_to=reply_to)
    publishing.keep_look(post, look)
    if by_mail is not None:
        watch(user=author, topic=topic, by_mail=by_mail)
    forget_drafts(user=author, topic=topic)
    return post


def put_post(
    *, topic: Topic, author: User, text: str, state: str, by_staff: bool = False, reply_to: Post | None = None
) -> Post:
    """Stores a checked text in a locked (or just made) topic and counts it."""
    topic.last_number += 1
    number, now = topic.last_number, timezone.now()
    written = write_out(text, title=topic.title if number == 1 else "")
    post = Post.objects.create(
        topic=topic, number=number, author=author, by_staff=by_staff, text=text, rendered=written.rendered,
        renderer=RENDERER, words=written.words, state=state, reply_to=reply_to, created_at=now,
    )  # fmt: skip
    changed = ["last_number"]
    if state == State.PUBLISHED:
        topic.post_count += 1
        topic.last_post_at = now
        changed += ["post_count", "last_post_at"]
        count_topic(topic.category_id, 1 if number == 1 else 0)
        tell_of_posts([post])
    topic.save(update_fields=changed)
    return post


@transaction.atomic
def edit_post(*, post: Post, editor: User, text: str, title: str | None = None, by_staff: bool = False) -> Post:
    """Replaces a text and keeps the earlier one in the history; `title` of the opening post renames the topic.

    Refuses `not_found` unless the editor wrote it (or is a support agent, `by_staff`), `locked`, `empty`, `too_long`
    and what `publishing.check_may_write` refuses.
    """
    publishing.check_may_write(editor)
    topic = lock_topics({post.topic_id})[post.topic_id]
    post = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    is_own = post.author_id == editor.pk
    if not (is_own or by_staff) or post.state == State.DELETED or (post.state == State.HIDDEN and not by_staff):
        raise not_found()
    if topic.is_locked and not by_staff:
        raise Refused("locked", _("This topic is closed. Nothing in it can be changed."))
    text = check_text(text)
    if title is not None and post.number == 1:
        _rename(topic, title)
    elif text == post.text:
        return post
    PostVersion.objects.create(post=post, text=post.text, editor=editor)
    written = write_out(text, title=topic.title if post.number == 1 else "")
    post.text, post.rendered, post.renderer = text, written.rendered, RENDERER
    post.words, post.edited_at = written.words, timezone.now()
    post.save(update_fields=["text", "rendered", "renderer", "words", "edited_at"])
    if is_own:
        look = publishing.first_look(author=editor, text=text, topic=topic, by_staff=by_staff, post=post)
        if post.state == State.PUBLISHED:
            publishing.keep_look(post, look)
            set_states([post], look.state)  # held when a link came in with the edit
    return post


def _rename(topic: Topic, title: str) -> None:
    from forum.actions.topics import clean_title

    topic.title = clean_title(title)
    topic.slug = slug_of(topic.title)
    topic.save(update_fields=["title", "slug"])


@transaction.atomic
def delete_own_post(*, post: Post, author: User) -> None:
    """Removes a text that somebody wrote, with its history; the number stays, so that no link leads elsewhere.

    Refuses `not_found` for another's post, and `answered` for the opening post of a topic with answers.
    """
    topic = lock_topics({post.topic_id})[post.topic_id]
    post = Post.objects.get(pk=post.pk)
    if post.author_id != author.pk or post.state in (State.DELETED, State.HIDDEN):
        raise not_found()
    if post.number == 1 and topic.reply_count:
        raise Refused("answered", _("Others have answered already, so the question stays. You can edit it."))
    set_states([post], State.DELETED)
    empty_posts([post.pk])


def empty_posts(keys: Iterable[int]) -> None:
    """Takes the words out of deleted posts, and their history and reactions with them."""
    rows = Post.objects.filter(pk__in=list(keys))
    PostVersion.objects.filter(post__in=rows).delete()
    Reaction.objects.filter(post__in=rows).delete()
    rows.update(text="", rendered="", words="", helpful_count=0)


@transaction.atomic
def store_rendered(*, posts: Iterable[Post]) -> None:
    """Stores HTML that was made with a newer renderer, unless the text was edited meanwhile."""
    for post in posts:
        Post.objects.filter(pk=post.pk, edited_at=post.edited_at).exclude(renderer=RENDERER).update(
            rendered=post.rendered, renderer=post.renderer
        )


def check_text(text: str) -> str:
    """The text as it is stored: secrets masked (P15). Refuses `empty` and `too_long`."""
    if len(text) > Post.LONGEST:
        raise Refused("too_long", writing.TooLong.message)
    text = mask_secrets(text.replace("\0", "").replace("\r\n", "\n")).strip()
    if not text:
        raise Refused("empty", _("Write something first."))
    return text


def add_helpful(post_pk: int, by: int) -> None:
    """Adds to the number of members who found a post helpful."""
    Post.objects.filter(pk=post_pk).update(helpful_count=F("helpful_count") + by)
