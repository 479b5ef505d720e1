"""Doors of tags, saved replies, blocks, the palette's search, and surveys."""

from collections.abc import Callable
from typing import Any

from surveys.models import Survey
from surveys.queries import list_questions
from tests.fences.kinds import JSON, READ, Arguments, Door, Kind, nothing
from tests.fences.world import World


def chat_of(name: str) -> Arguments:
    return lambda world: {"public_id": getattr(world, name).public_id}


def tool(name: str) -> Arguments:
    return lambda world: {"public_id": getattr(world.tools, name).public_id}


def masked_line(world: World) -> dict[str, Any]:
    return {"public_id": world.closed_chat.public_id, "seq": world.masked_line.seq}


TOOLS = {
    "chat:find": Door(Kind.OWN, get={"q": "needle"}),
    "chat:tags": Door(Kind.OWN, get=READ, post=lambda world: {"name": "another"}),
    "chat:tag": Door(
        Kind.THING, args=lambda world: {"pk": world.tools.tag.pk}, get=READ, post=lambda world: {"name": "renamed"}
    ),
    "chat:chat_tags": Door(Kind.THING, args=chat_of("closed_chat"), post=lambda world: {"name": "needle tag"}),
    "chat:replies": Door(
        Kind.OWN, get=READ, post=lambda world: {"shortcut": "mine", "text": "Hello", "scope": "personal"}
    ),
    "chat:reply": Door(
        Kind.THING, args=tool("reply"), get=READ, post=lambda world: {"shortcut": "other", "text": "x", "scope": ""}
    ),
    "chat:reply_delete": Door(Kind.THING, args=tool("reply"), get=READ, post=nothing),
    "chat:blocked": Door(Kind.OWN, get=READ),
    "chat:block_lift": Door(Kind.THING, args=tool("block"), post=nothing),
    "chat:masked": Door(Kind.OWN, get=READ),
    "chat:masked_line": Door(Kind.THING, args=masked_line, post=lambda world: {"do": "remove"}),
    "chat:block_add": Door(
        Kind.THING, args=chat_of("closed_chat"), get=READ, post=lambda world: {"what": "session", "hours": "1"}
    ),
}


def questions(survey: Callable[[World], Survey]) -> Arguments:
    """A filled-in sheet of a survey."""
    return lambda world: {f"q{list_questions(survey(world))[0].pk}": "4"}


def wrong_secrets(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The secret of another visitor of the same account, one that was turned, and none."""
    turned = world.tools.secret[:-1] + ("A" if world.tools.secret[-1] != "A" else "B")
    no = {"survey": str(world.tools.survey.public_id), "no": True}
    return [({}, {"secret": one, **no}) for one in (turned, "", world.widget.key)]


def built(world: World) -> dict[str, Any]:
    return {
        "title": "Another", "audience": "members", "sample": "100", "do": "save",
        "q1-kind": "rating", "q1-label": "Good?",
    }  # fmt: skip


ASKED = {
    "surveys:ask_visitor": Door(
        Kind.SECRET, post=lambda world: {"secret": world.tools.secret}, content_type=JSON, forge=wrong_secrets
    ),
    "surveys:answer_visitor": Door(
        Kind.SECRET,
        post=lambda world: {
            "secret": world.tools.secret, "survey": str(world.tools.survey.public_id),
            "answers": {name: [value] for name, value in questions(lambda w: w.tools.survey)(world).items()},
        },
        content_type=JSON,
        forge=wrong_secrets,
    ),
    "surveys:asked": Door(
        Kind.THING, args=tool("for_members"), get=READ, post=questions(lambda world: world.tools.for_members)
    ),
    "surveys:asked_by_link": Door(
        Kind.SECRET,
        args=lambda world: {"key": world.tools.by_link.key},
        get=READ,
        post=questions(lambda world: world.tools.by_link),
        forge=lambda world: [({"key": one}, {}) for one in (world.tools.survey.key, "x", world.widget.key)],
    ),
    "surveys:take_back": Door(
        Kind.SECRET,
        args=lambda world: {"key": world.tools.contact.key},
        get=READ,
        post=nothing,
        forge=lambda world: [({"key": one}, {}) for one in (world.tools.by_link.key, "x")],
    ),
}  # fmt: skip


def making(prefix: str, kind: Kind, args: Arguments) -> dict[str, Door]:
    """The pages of who makes surveys, at a desk."""
    thing = Kind.THING if kind is Kind.OWN else kind
    return {
        f"surveys:{prefix}list": Door(kind, get=READ),
        f"surveys:{prefix}new": Door(kind, get=READ, post=built),
        f"surveys:{prefix}edit": Door(thing, args=args, get=READ, post=lambda world: {"do": "add", "kind": "text"}),
        f"surveys:{prefix}preview": Door(thing, args=args, get=READ, post=nothing),
        f"surveys:{prefix}switch": Door(thing, args=args, post=lambda world: {"on": "no"}),
        f"surveys:{prefix}copy": Door(thing, args=args, post=nothing),
        f"surveys:{prefix}delete": Door(thing, args=args, get=READ, post=nothing),
        f"surveys:{prefix}results": Door(thing, args=args, get={"since": "2020-01"}),
        f"surveys:{prefix}export": Door(thing, args=args, get={"kind": "csv"}),
    }


SURVEYS = {**ASKED, **making("", Kind.OWN, tool("by_link")), **making("site_", Kind.STAFF, tool("of_the_site"))}
