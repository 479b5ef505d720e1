"""Doors of moderation: agents act, members report, read decisions about their own posts and object."""

from tests.fences.forum_doors import topic
from tests.fences.kinds import READ, Door, Kind

MODERATION = {
    "forum:report": Door(
        Kind.PERSON, args=topic(number=1), get=READ, post=lambda world: {"reason": "abuse", "text": "Line one"}
    ),
    "forum:decisions": Door(Kind.PERSON, get=READ),
    "forum:decision": Door(
        Kind.THING,
        args=lambda world: {"public_id": world.talk.act.public_id},
        get=READ,
        post=lambda world: {"text": "I do not agree"},
    ),
    **{f"forum:{name}": Door(Kind.AGENT, get=READ) for name in ("moderation", "moderation_log", "suspended")},
    "forum:moderation_tab": Door(Kind.AGENT, args=lambda world: {"tab": "reports"}, get=READ),
    "forum:act": Door(
        Kind.AGENT,
        post=lambda world: {"kind": "pin", "reason": "useful", "topic": str(world.talk.topic.public_id)},
    ),
    "forum:undo": Door(
        Kind.AGENT, args=lambda world: {"public_id": world.talk.act.public_id}, post=lambda world: {"text": "A mistake"}
    ),
    "forum:answer": Door(
        Kind.AGENT,
        args=lambda world: {"public_id": world.talk.objected.public_id},
        post=lambda world: {"text": "You are right", "answer": "grant"},
    ),
}
