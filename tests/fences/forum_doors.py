"""Doors of the forum: everybody reads, members write, and nobody changes what another wrote."""

from typing import Any

from tests.fences.kinds import JSON, READ, Arguments, Door, Kind, nothing


def topic(**more: Any) -> Arguments:
    return lambda world: {"public_id": world.talk.topic.public_id, **more}


def category(world: Any) -> dict[str, Any]:
    return {"slug": world.talk.category.slug}


def written(world: Any) -> dict[str, Any]:
    return {"category": world.talk.category.slug, "title": "A new question", "text": "How?"}


def forged_stops(world: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """A token with another watch, with another signature, and without one."""
    body, _dot, sign = world.talk.stop_token.rpartition(".")
    turned = ("0" if body[0] != "0" else "1") + body[1:]
    return [({"token": one}, {}) for one in (f"{turned}.{sign}", f"{body}.{sign[::-1]}", body, f"{body}.")]


def api(**doors: Any) -> Door:
    """An operation that everybody may read with, and that only members write with: for others it says 401."""
    why = "everybody reads; who is not logged in is told so where something is written"
    return Door(Kind.PUBLIC, content_type=JSON, owner_gets=(401,), why=why, **doors)


API = {
    "forum:api_categories": api(get=READ),
    "forum:api_topics": api(get=READ, post=written),
    "forum:api_topic": api(args=topic(), get=READ),
    "forum:api_answer": api(args=topic(), put=lambda world: {"number": 2}, delete=nothing),
    "forum:api_posts": api(args=topic(), get=READ, post=lambda world: {"text": "Another answer"}),
    "forum:api_post": api(args=topic(number=2), get=READ, patch=lambda world: {"text": "Changed"}, delete=nothing),
    "forum:api_helpful": api(args=topic(number=1), put=nothing, delete=nothing),
}
MARKED = ("forum.ReadMark",)
READS = "who is signed in and reads is marked as having read it"
FORUM = {
    **API,
    **{
        f"forum:{name}": Door(Kind.PUBLIC, get=READ)
        for name in ("index", "everything", "feed", "map", "robots")
    },
    "forum:category": Door(Kind.PUBLIC, args=category, get=READ),
    "forum:category_feed": Door(Kind.PUBLIC, args=category, get=READ),
    "forum:map_page": Door(Kind.PUBLIC, args=lambda world: {"page": 1}, get=READ),
    "forum:topic_short": Door(Kind.PUBLIC, args=topic(), get=READ),
    "forum:topic": Door(
        Kind.PUBLIC, args=lambda world: topic(slug=world.talk.topic.slug)(world), get=READ, adds=MARKED, why=READS
    ),
    "forum:topic_feed": Door(Kind.PUBLIC, args=topic(), get=READ),
    "forum:go": Door(Kind.PUBLIC, args=topic(where="last"), get=READ),
    "forum:post": Door(Kind.PUBLIC, args=topic(number=2), get=READ),
    "forum:history": Door(Kind.PUBLIC, args=topic(number=2), get=READ),
    "forum:member": Door(Kind.PUBLIC, args=lambda world: {"handle": world.pat.handle}, get=READ),
    "forum:new": Door(Kind.PERSON, get=READ, post=written),
    "forum:new_in": Door(Kind.PERSON, args=category, get=READ, post=written),
    "forum:reply": Door(Kind.PERSON, args=topic(), post=lambda world: {"text": "Another answer"}),
    "forum:watch_topic": Door(Kind.PERSON, args=topic(), post=lambda world: {"how": "off"}),
    "forum:watch_category": Door(Kind.PERSON, args=category, post=lambda world: {"how": "mail"}),
    "forum:helpful": Door(Kind.PERSON, args=topic(number=1), post=lambda world: {"on": "yes"}),
    "forum:save_draft": Door(
        Kind.PERSON, post=lambda world: {"text": "Mine", "draft": str(world.talk.draft.public_id)}
    ),
    "forum:drafts": Door(Kind.PERSON, get=READ),
    "forum:mine": Door(Kind.PERSON, get=READ),
    "forum:choose": Door(Kind.PERSON, post=lambda world: {"removes_posts": "yes"}),
    "forum:forget_draft": Door(
        Kind.THING, args=lambda world: {"public_id": world.talk.draft.public_id}, post=nothing
    ),
    "forum:edit": Door(Kind.THING, args=topic(number=2), get=READ, post=lambda world: {"text": "Changed"}),
    "forum:delete": Door(Kind.THING, args=topic(number=2), get=READ, post=nothing),
    "forum:accept": Door(Kind.AGENT, args=topic(number=2), post=lambda world: {"on": "yes"}),
    "forum:stop": Door(
        Kind.SECRET, args=lambda world: {"token": world.talk.stop_token}, get=READ, post=nothing, forge=forged_stops
    ),
}  # fmt: skip
