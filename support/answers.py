"""What the forum knows already: offered while somebody types, and on the support centre's first page."""

from dataclasses import dataclass
from typing import Any

from accounts.queries import PublicPerson, public_people
from forum import queries as forum
from forum.links import topic_path
from forum.models import Topic

NEW = 3
SHORTEST = 3  # letters, before anything is offered


@dataclass(frozen=True)
class Answer:
    """A topic of the forum, as a link with what is said about it."""

    title: str
    url: str
    is_solved: bool
    replies: int
    last_post_at: Any
    author: PublicPerson | None = None


def _answer(topic: Topic, author: PublicPerson | None = None) -> Answer:
    replies = max(0, topic.post_count - 1)
    return Answer(topic.title, topic_path(topic), topic.is_solved, replies, topic.last_post_at, author)


def suggest(text: str, *, limit: int = 5) -> list[Answer]:
    """Topics that may answer it already; none for a few letters."""
    if len(text.strip()) < SHORTEST:
        return []
    return [_answer(topic) for topic in forum.suggest_topics(text, limit)]


def list_new_topics() -> list[Answer]:
    """The topics with the newest posts, with who opened them."""
    topics = forum.list_topics().topics[:NEW]
    people = public_people({topic.author_id for topic in topics if topic.author_id}) if topics else {}
    return [_answer(topic, people.get(topic.author_id or 0)) for topic in topics]


def list_categories() -> list[Any]:
    """The forum's categories that are not archived, in their order."""
    return [one for one in forum.list_categories() if not one.is_archived]
