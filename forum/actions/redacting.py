"""What a member wrote in public goes at their wish: the texts are replaced, the thread stays readable (S101)."""

import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from forum.models import Post, PostVersion, Reaction, Topic
from forum.rendering import RENDERER, write_out

SHORTEST = 12  # signs of a quoted line by which it is known; shorter ones are anybody's words
QUOTED = re.compile(r"^(\s*(?:>\s?)+)(.*)$")


@transaction.atomic
def redact_posts(*, keys: list[int]) -> int:
    """Replaces the texts of these posts, takes their earlier texts away, and masks what others quoted of them.

    Number, author, date and the answers of others stay; a question's title goes with its text. Answers how many posts
    of others were masked.
    """
    posts = list(Post.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    versions = PostVersion.objects.filter(post__in=posts).values_list("text", flat=True)
    gone = {line for text in [*(post.text for post in posts), *versions] for line in _lines(text)}
    PostVersion.objects.filter(post__in=posts).delete()
    words = _("[removed on %(day)s at the wish of the author]") % {"day": f"{timezone.now():%Y-%m-%d}"}
    for post in posts:
        if post.text:
            _store(post, words, title="–" if post.number == 1 else "")
    asked = [post.topic_id for post in posts if post.number == 1]
    Topic.objects.filter(pk__in=asked).update(title="–", slug="topic")
    Reaction.objects.filter(post__in=posts).delete()
    Post.objects.filter(pk__in=[post.pk for post in posts]).update(helpful_count=0)
    return _mask_quotes({post.topic_id for post in posts}, keys, gone)


def _mask_quotes(topics: set[int], keys: list[int], gone: set[str]) -> int:
    """Replaces the lines that others quoted, in their earlier texts too."""
    masked = 0
    others = Post.objects.select_for_update().filter(topic_id__in=topics, text__contains=">").exclude(pk__in=keys)
    for post in others.select_related("topic"):
        text = _mask(post.text, gone)
        if text != post.text:
            _store(post, text, title=post.topic.title if post.number == 1 else "")
            masked += 1
    for version in PostVersion.objects.filter(post__topic_id__in=topics, text__contains=">"):
        text = _mask(version.text, gone)
        if text != version.text:
            PostVersion.objects.filter(pk=version.pk).update(text=text)
    return masked


def _mask(text: str, gone: set[str]) -> str:
    found = (QUOTED.match(line) for line in text.split("\n"))
    return "\n".join(
        f"{match.group(1)}[…]" if match and _plain(match.group(2)) in gone else line
        for line, match in zip(text.split("\n"), found, strict=True)
    )


def _lines(text: str) -> set[str]:
    """The lines by which a quote of this text is known, and its sentences: who quotes takes one or the other."""
    parts = [*text.split("\n"), *re.split(r"(?<=[.!?])\s+", " ".join(text.split()))]
    return {plain for part in parts if len(plain := _plain(part)) >= SHORTEST}


def _plain(line: str) -> str:
    return " ".join(line.strip(" >*_").split()).casefold()


def _store(post: Post, text: str, *, title: str) -> None:
    made = write_out(text, title=title)
    Post.objects.filter(pk=post.pk).update(
        text=text, rendered=made.rendered, words=made.words, renderer=RENDERER, edited_at=timezone.now()
    )
