"""Starting a topic."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Refused
from core.redaction import mask_secrets
from forum.actions import publishing
from forum.actions.drafts import forget_drafts
from forum.actions.posts import check_text, put_post
from forum.actions.reading import watch
from forum.models import Category, Post, Topic
from forum.rendering import slug_of


@transaction.atomic
def start_topic(
    *, author: User, category: Category, title: str, text: str, by_mail: bool = False, by_staff: bool = False,
    sent: publishing.Sent | None = None,
) -> Topic:  # fmt: skip
    """A new topic with its opening post; its author watches it, by mail too with `by_mail` (S32).

    Card numbers and keys are masked (P15). Refuses what `publishing.check_may_write` refuses, `archived`, `no_title`,
    `empty` and `too_long`.
    """
    publishing.check_may_write(author)
    if category.is_archived:
        raise Refused("archived", _("This category is closed. Nothing new can be written here."))
    title = clean_title(title)
    text = check_text(text)
    look = publishing.first_look(author=author, text=text, title=title, by_staff=by_staff, sent=sent)
    topic = Topic.objects.create(category=category, title=title, slug=slug_of(title), author=author, state=look.state)
    publishing.keep_look(put_post(topic=topic, author=author, text=text, state=look.state, by_staff=by_staff), look)
    watch(user=author, topic=topic, by_mail=by_mail)
    forget_drafts(user=author, topic=None, title=title)
    return topic


def clean_title(title: str) -> str:
    """The title on one line, masked. Refuses `no_title` and `too_long`."""
    title = mask_secrets(" ".join(title.replace("\0", "").split()))
    if len(title) < 3:
        raise Refused("no_title", _("Give your topic a title that says what it is about."))
    if len(title) > Topic.LONGEST_TITLE:
        raise Refused("too_long", _("A title can have up to 120 characters."))
    return title


def opening_of(topic: Topic) -> Post:
    """The post with the number 1."""
    return Post.objects.get(topic=topic, number=1)
