"""Doors of the chat window and of the links in mails to visitors, and what forged links look like."""

import secrets
from typing import Any

from chat.window.mail_links import CONTINUE, RATE, STOP, link_to
from tests.fences.kinds import JSON, READ, Door, Kind, nothing
from tests.fences.world import World


def token_of(world: World, purpose: str) -> str:
    return link_to(purpose, world.daves_chat).rstrip("/").rpartition("/")[2]


def forged_links(world: World, purpose: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Another signature, none, and the link that another page was made for."""
    token = token_of(world, purpose)
    body, _colon, signature = token.rpartition(":")
    other = token_of(world, STOP if purpose != STOP else RATE)
    return [({"token": one}, {"value": "good"}) for one in (f"{body}:{signature[::-1]}", body, "x", other)]


def link_door(purpose: str, post: Any = nothing) -> Door:
    return Door(
        Kind.SECRET,
        args=lambda world: {"token": token_of(world, purpose)},
        get=READ,
        post=post,
        forge=lambda world: forged_links(world, purpose),
    )


def wrong_secrets(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """A secret that was rotated away, one with a changed letter, and the public things that stand near it."""
    turned = world.secret[:-1] + ("A" if world.secret[-1] != "A" else "B")
    tries = [world.rotated, turned, str(world.dave.public_id), world.dave.secret_hash, "", world.widget.key]
    return [({}, {"secret": text, "email": "dave@needle.example"}) for text in tries]


LINKS = {
    "chat:continue": link_door(CONTINUE),
    # the chat has not ended: its owner hears that, and a stranger finds nothing
    "chat:rate": Door(
        Kind.SECRET,
        args=lambda world: {"token": token_of(world, RATE)},
        get=READ,
        post=lambda world: {"value": "good"},
        forge=lambda world: forged_links(world, RATE),
        owner_gets=(409,),
        why="a chat that goes on cannot be rated yet",
    ),
    "chat:stop": link_door(STOP),
    "chat:your_data": Door(Kind.SECRET, post=lambda world: {"secret": world.secret}, forge=wrong_secrets),
    "chat:text": Door(Kind.SECRET, post=lambda world: {"secret": world.secret}, content_type=JSON, forge=wrong_secrets),
    "chat:mail_transcript": Door(
        Kind.SECRET,
        post=lambda world: {"secret": world.secret, "email": "dave@needle.example"},
        content_type=JSON,
        forge=wrong_secrets,
    ),
}
# of what a service told for the form; "facebook" is a service of the world, and the way there asks nobody
PREFILL = {
    "chat:prefill_start": Door(
        Kind.PUBLIC,
        args=lambda world: {"key": world.widget.key, "slug": "facebook"},
        get=READ,
        post=lambda world: {"key": secrets.token_urlsafe(32), "site": "https://needle.example"},
    ),
    "chat:prefill": Door(
        Kind.PUBLIC,
        args=lambda world: {"word": "a-word"},
        get=READ,
        post=lambda world: {"take_name": "on", "take_email": "on"},
        owner_gets=(404,),
        why="only in the browser that went to the service there is something to choose",
    ),
    "chat:prefill_read": Door(Kind.PUBLIC, post=lambda world: {"key": secrets.token_urlsafe(32)}, content_type=JSON),
}
FORM = {
    "chat:form_builder": Door(
        Kind.THING,
        args=lambda world: {"key": world.widget.key},
        get=READ,
        post=lambda world: {"do": "save", "name": "optional", "email": "optional"},
    ),
    "chat:transcript_send": Door(
        Kind.THING, args=lambda world: {"public_id": world.closed_chat.public_id}, post=nothing
    ),
}
