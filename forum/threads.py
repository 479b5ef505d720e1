"""What a page of a topic shows: its posts with their authors, what the reader may do, and its description."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import User
from accounts.queries import PublicPerson, blocked_ids, public_people, public_person
from forum import queries
from forum.links import topic_path
from forum.models import Post, State, Topic
from forum.rendering import RENDERER, excerpt, write_out

SIMILAR_SECONDS = 3600


@dataclass
class Line:
    """One post as the page shows it. `is_blocked`: by somebody of whom the reader wants to read nothing."""

    post: Post
    person: PublicPerson
    is_own: bool = False
    is_best: bool = False
    is_blocked: bool = False
    may_edit: bool = False
    may_accept: bool = False
    may_react: bool = False

    @property
    def is_shown(self) -> bool:
        return self.post.state in (State.PUBLISHED, State.HELD)


def people_of(things: Iterable[Any]) -> dict[int | None, PublicPerson]:
    """The public persons of topics, posts or drafts, in one statement; None is "Deleted member"."""
    known: dict[int | None, PublicPerson] = {None: public_person(None)}
    return known | public_people({thing.author_id for thing in things if thing.author_id is not None})


def read_lines(topic: Topic, page: int, user: User | None, *, sees_all: bool = False) -> tuple[list[Line], list[Post]]:
    """The lines of a page, and those posts whose HTML was made anew because the renderer has changed."""
    posts = queries.list_posts(topic, page, user=user, sees_all=sees_all)
    stale = [post for post in posts if post.renderer != RENDERER and post.state in (State.PUBLISHED, State.HELD)]
    for post in stale:
        post.rendered, post.renderer = write_out(post.text).rendered, RENDERER
    people = people_of([topic, *posts])
    blocked = blocked_ids(user.pk) if user is not None and len(people) > 1 else set()
    return [_line(topic, post, people, user, blocked, sees_all) for post in posts], stale


def _line(
    topic: Topic, post: Post, people: dict[int | None, PublicPerson], user: User | None, blocked: set[int], staff: bool
) -> Line:
    own = user is not None and post.author_id == user.pk
    asks = user is not None and (topic.author_id == user.pk or staff)
    published = post.state == State.PUBLISHED
    return Line(
        post,
        people[post.author_id],
        is_own=own,
        is_best=topic.accepted_post_id == post.pk,
        is_blocked=post.author_id in blocked,
        may_edit=own and not topic.is_locked,
        may_accept=asks and published and post.number > 1,
        may_react=user is not None and not own and published,
    )


def list_similar(topic: Topic) -> list[dict[str, str]]:
    """Title and address of topics that speak of the same; looked for once an hour, kept as numbers without a title."""
    key = f"forum:similar:{topic.pk}:{hash(topic.title)}"
    known: list[int] | None = cache.get(key)
    found = queries.suggest_topics(topic.title, besides=topic.pk) if known is None else queries.list_published(known)
    if known is None:
        cache.set(key, [one.pk for one in found], SIMILAR_SECONDS)
    return [{"title": one.title, "url": topic_path(one)} for one in found]


def describe(topic: Topic, lines: list[Line], page: int) -> dict[str, Any] | None:
    """The topic for search engines (schema.org QAPage), from the first page; None where nothing is asked there."""
    shown = [line for line in lines if line.post.state == State.PUBLISHED]
    if page != 1 or not shown or shown[0].post.number != 1 or topic.state != State.PUBLISHED:
        return None
    question, answers = shown[0], shown[1:]
    best = [_answer(topic, line) for line in answers if line.is_best]
    entity = {
        "@type": "Question",
        "name": topic.title,
        "text": _words(question.post),
        "url": absolute(topic_path(topic)),
        "answerCount": topic.reply_count,
        "upvoteCount": question.post.helpful_count,
        "dateCreated": topic.created_at.isoformat(),
        "author": {"@type": "Person", "name": question.person.name},
        "suggestedAnswer": [_answer(topic, line) for line in answers if not line.is_best][:10],
    }
    if best:
        entity["acceptedAnswer"] = best[0]
    return {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": entity}


def _answer(topic: Topic, line: Line) -> dict[str, Any]:
    return {
        "@type": "Answer",
        "text": _words(line.post),
        "url": f"{absolute(topic_path(topic))}#p{line.post.number}",
        "upvoteCount": line.post.helpful_count,
        "dateCreated": line.post.created_at.isoformat(),
        "author": {"@type": "Person", "name": line.person.name},
    }


def _words(post: Post) -> str:
    words = getattr(post, "beginning", "")
    return excerpt(words.partition("\n")[2] if post.number == 1 else words, 500)


def description_of(lines: list[Line]) -> str:
    """The beginning of the first post of the page, for the head of the page."""
    return excerpt(_words(lines[0].post), 160) if lines and lines[0].is_shown else ""


def quote(post: Post, person: PublicPerson) -> str:
    """A post as the beginning of an answer to it: each line marked, and whose words they are."""
    said = "\n".join(f"> {line}".rstrip() for line in post.text[:2000].splitlines())
    who = f"@{person.handle}" if person.handle else person.name
    return f"{_('%(who)s wrote:') % {'who': who}}\n\n{said}\n\n"
