"""What is stored beside a text: its HTML with links to the members that it names, and its plain words."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import slugify

from accounts.models import User
from accounts.queries import find_members
from core import text as writing
from forum.models import Post

RENDERER = 1  # raised when core.text writes other HTML: what is stored is then rendered anew when it is read
EXCERPT = 300


@dataclass(frozen=True)
class Written:
    """A text in its stored forms; `named` are the members that it mentions."""

    rendered: str
    words: str
    named: tuple[User, ...]


def write_out(text: str, *, title: str = "") -> Written:
    """The stored forms of a text; `title` stands before the words of an opening post. Raises core.text.TooLong."""
    members = find_members(writing.mentioned(text)) if "@" in text else {}
    pages = {handle: reverse("forum:member", args=[handle]) for handle in members}
    words = writing.plain(text).replace("\0", "")
    return Written(
        rendered=str(writing.render(text, mentions=pages)),
        words=f"{title}\n{words}" if title else words,
        named=tuple(members.values()),
    )


def slug_of(title: str) -> str:
    """The words of a title for an address; "topic" where nothing is left."""
    return slugify(title)[:80].strip("-") or "topic"


def body_of(post: Post) -> str:
    """The plain words of a post, without the title that stands before those of an opening one."""
    return post.words.partition("\n")[2] if post.number == 1 else post.words


def excerpt(words: str, most: int = EXCERPT) -> str:
    """The beginning of plain words, on one line."""
    line = " ".join(words[: most * 2].split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + "…"
