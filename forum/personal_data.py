"""Personal data of the forum: what members wrote in public, and what the forum keeps beside it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
    registry,
)
from forum import events
from forum.models import Draft, ForumMember, Mention, Post, PostVersion, Reaction, ReadMark, Topic, Watch
from forum.moderation_data import MODERATION


def user_pk(ref: SubjectRef) -> int:
    """The primary key of the person with a login, or 0 (nobody)."""
    return ref.pk if ref.subject is Subject.USER else 0


def older(model: Any, name: str, days: int) -> Any:
    """A function that gives the rows whose moment `name` lies more than `days` days back."""

    def expired(now: datetime) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(**{f"{name}__lt": now - timedelta(days=days)})
        return rows

    return expired


def let_topics_go(keys: list[int]) -> None:
    """Topics of somebody who is erased are told together with their posts, which come first; here the rest."""
    events.author_goes.send(Topic, topic_keys=keys, post_keys=[])


def let_posts_go(keys: list[int]) -> None:
    """Posts of somebody who is erased: removed, or re-signed."""
    topics = Topic.objects.filter(pk__in=Post.objects.filter(pk__in=keys, number=1).values("topic_id"))
    events.author_goes.send(Post, topic_keys=list(topics.values_list("pk", flat=True)), post_keys=keys)


def take_reactions_back(keys: list[int]) -> None:
    """The numbers at the posts go down with the reactions."""
    events.reactions_go.send(Reaction, keys=keys)


def redact_posts(keys: list[int]) -> int:
    """Texts go and the thread stays, at the wish of the author (S101); how many posts of others were masked."""
    return sum(int(masked or 0) for _to, masked in events.posts_redacted.send(Post, post_keys=keys))


PUBLIC = _(
    "You wrote it in public. It stays, signed “Deleted member”, so that the answers of others can be understood; "
    "choose “remove my posts” in the forum, and it goes with you."
)


def written(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    """A field that a member filled by writing in the forum."""
    return PersonalField(name, category, Purpose.SUPPORT, Basis.CONTRACT, why, label=label, **changes)


def public(name: str, why: Any, label: Any, **changes: Any) -> PersonalField:
    """The same, of a published text: what erasure does is done by `let_posts_go`, by the member's choice."""
    return written(name, Category.CONTENT, why, label, erase=Erase.KEEP, kept_because=PUBLIC, **changes)


UNTIL_YOU_LEAVE = _("until you leave")

registry.register(
    PersonalModel(
        "forum.Category",
        Subject.NOBODY,
        label=_("Categories of the forum"),
        not_personal={
            "slug": "A word in addresses, chosen by our staff.",
            "name": "A text of our staff.",
            "description": "A text of our staff.",
            "icon": "The name of a drawing.",
        },
    ),
    PersonalModel(
        "forum.Post",
        Subject.USER,
        label=_("What you wrote in the forum"),
        rows_of=lambda ref: Post.objects.filter(author=user_pk(ref)),
        kept=_("until you remove it; when you leave, as you chose"),
        after_erase=let_posts_go,
        redact=redact_posts,
        fields=(
            public("text", _("The post, as you typed it."), _("Text")),
            public("rendered", _("The same, as a page shows it."), _("As a page"), export=False),
            public("words", _("The same without marks, for search and mails."), _("Words"), export=False),
        ),
        keys={"author": _("Whose post it is; shown is the name that you chose for the public.")},
    ),
    PersonalModel(
        "forum.Topic",
        Subject.USER,
        label=_("Topics that you started"),
        rows_of=lambda ref: Topic.objects.filter(author=user_pk(ref)),
        kept=_("until you remove it; when you leave, as you chose"),
        after_erase=let_topics_go,
        fields=(
            public("title", _("What your question is about."), _("Title")),
            public("slug", _("The title's words in the address of the page."), _("Address"), export=False),
        ),
        keys={"author": _("Who started it.")},
    ),
    PersonalModel(
        "forum.PostVersion",
        Subject.USER,
        label=_("Earlier texts of your posts"),
        rows_of=lambda ref: PostVersion.objects.filter(post__author=user_pk(ref)),
        kept=_("as long as the post"),
        fields=(
            written("text", Category.CONTENT, _("So that everybody can see what was changed."), _("Earlier text")),
        ),
        keys={"editor": _("Who changed it.")},
    ),
    PersonalModel(
        "forum.ForumMember",
        Subject.USER,
        label=_("You in the forum"),
        rows_of=lambda ref: ForumMember.objects.filter(user=user_pk(ref)),
        kept=UNTIL_YOU_LEAVE,
        fields=(
            written(
                "warned_at", Category.RECORD, _("When you confirmed that everybody can read the forum."), _("Confirmed")
            ),
            written(
                "first_warned_at", Category.RECORD, _("When you confirmed it for the first time."), _("First time")
            ),
            written("warning_version", Category.RECORD, _("Which words you confirmed."), _("Version of the words")),
            written("removes_posts", Category.CHOICE, _("Whether your posts go when you leave."), _("Remove my posts")),
        ),
        keys={"user": _("Whose row it is.")},
    ),
    PersonalModel(
        "forum.Reaction",
        Subject.USER,
        label=_("Posts that you found helpful"),
        rows_of=lambda ref: Reaction.objects.filter(user=user_pk(ref)),
        kept=_("until you take it back"),
        before_delete=take_reactions_back,
        keys={"user": _("Who found it helpful; others see the number only.")},
    ),
    PersonalModel(
        "forum.Watch",
        Subject.USER,
        label=_("Topics and categories that you watch"),
        rows_of=lambda ref: Watch.objects.filter(user=user_pk(ref)),
        kept=_("until you end it"),
        fields=(written("by_mail", Category.CHOICE, _("Whether you want mails too."), _("By mail")),),
        keys={"user": _("Who watches it.")},
    ),
    PersonalModel(
        "forum.ReadMark",
        Subject.USER,
        label=_("Up to where you read topics"),
        rows_of=lambda ref: ReadMark.objects.filter(user=user_pk(ref)),
        expired=older(ReadMark, "read_at", ReadMark.KEEP_DAYS),
        kept=_("%(days)d days") % {"days": ReadMark.KEEP_DAYS},
        fields=(written("read_at", Category.RECORD, _("To show you what is new."), _("Read on")),),
        keys={"user": _("Who read it.")},
    ),
    PersonalModel(
        "forum.Draft",
        Subject.USER,
        label=_("What you began to write"),
        rows_of=lambda ref: Draft.objects.filter(user=user_pk(ref)),
        expired=older(Draft, "saved_at", Draft.KEEP_DAYS),
        kept=_("%(days)d days") % {"days": Draft.KEEP_DAYS},
        fields=(
            written("title", Category.CONTENT, _("So that nothing that you typed is lost."), _("Title")),
            written("text", Category.CONTENT, _("So that nothing that you typed is lost."), _("Text")),
        ),
        keys={"user": _("Whose draft it is; nobody else sees it.")},
    ),
    PersonalModel(
        "forum.Mention",
        Subject.USER,
        label=_("Posts that name you"),
        rows_of=lambda ref: Mention.objects.filter(user=user_pk(ref)),
        expired=older(Mention, "created_at", Mention.KEEP_DAYS),
        kept=_("%(days)d days") % {"days": Mention.KEEP_DAYS},
        keys={"user": _("Who is named.")},
    ),
)

registry.register(*MODERATION)
