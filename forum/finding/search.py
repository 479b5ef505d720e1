"""Reading the index: the newest published posts with the words, and topics whose titles speak of the same."""

import re
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from core.search import Query, fold
from forum.finding.schema import POSTS, TITLES
from forum.models import Post, State, Topic

WINDOW = 2000  # newest posts with the words that are looked through for a category
TITLES_LOOKED_AT = 50
WORD = re.compile(r"[^\W_]{3,}")
SMALL_WORDS = frozenset(
    "the and for not you your with that this from have how what when why does can are was has but our its who will "  # noqa: SIM905
    "der die das und ist nicht ein eine wie les des une pour dans que est pas".split()
)
MOST_WORDS = 12


def newest_hits(query: Query, *, below: int | None, most: int) -> RawSQL:
    """The keys of the newest published posts with the words, as a subquery; `below` goes on where a page ended."""
    top = below if below is not None else (1 << 62)
    if connection.vendor == "postgresql":
        words, params = query.as_tsquery("forum_fold")
        return RawSQL(  # noqa: S611  constants; what people typed travels as parameters
            f"SELECT id FROM forum_post WHERE search @@ ({words}) AND state = 'published' AND id < %s "  # noqa: S608
            "ORDER BY id DESC LIMIT %s",
            [*params, top, most],
        )
    return RawSQL(  # noqa: S611  as above
        f"SELECT rowid FROM {POSTS} WHERE {POSTS} MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
        [query.as_fts5(), top, most],
    )


def find_posts(query: Query, *, limit: int, below: int | None = None, category: int | None = None) -> QuerySet[Post]:
    """The newest posts with all the words, the newest first; of one category, among the newest WINDOW hits."""
    most = WINDOW if category is not None else limit * 4  # some stand in topics that are not seen
    hits: Any = newest_hits(query, below=below, most=most)
    rows = Post.objects.filter(pk__in=hits, state=State.PUBLISHED, topic__state=State.PUBLISHED)
    if category is not None:
        rows = rows.filter(topic__category=category)
    return rows.order_by("-pk")[:limit]


def telling_words(text: str) -> list[str]:
    """The words of a text that may say what it is about, folded, each once."""
    words = (fold(word) for word in WORD.findall(text[:2000]))
    return list(dict.fromkeys(word for word in words if word not in SMALL_WORDS))[:MOST_WORDS]


def find_titles(words: list[str]) -> list[int]:
    """The keys of the newest published topics whose title has one of the words, at most TITLES_LOOKED_AT."""
    if not words:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT id FROM forum_topic WHERE search @@ to_tsquery('simple', %s) AND state = 'published' "
                "ORDER BY id DESC LIMIT %s",
                [" | ".join(words), TITLES_LOOKED_AT],
            )
        else:
            cursor.execute(
                f"SELECT rowid FROM {TITLES} WHERE {TITLES} MATCH %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
                [" OR ".join(f'"{word}"' for word in words), TITLES_LOOKED_AT],
            )
        return [key for (key,) in cursor.fetchall()]


def likeness(topic: Topic, words: list[str]) -> tuple[int, bool, int]:
    """How well a topic fits: words in common, then whether it is answered, then how new it is."""
    own = {fold(word) for word in WORD.findall(topic.title)}
    return len(own & set(words)), topic.is_solved, topic.pk
