"""Doors of the archive's export and of the API about chats, visitors, tags and ratings."""

from typing import Any

from tests.fences.kinds import READ, Door, Kind, nothing
from tests.fences.world import World


def chat(world: World) -> dict[str, Any]:
    return {"public_id": world.closed_chat.public_id}


def tagged_chat(world: World) -> dict[str, Any]:
    return {**chat(world), "name": "refund"}


def visitor(world: World) -> dict[str, Any]:
    return {"public_id": world.dave.public_id}


ARCHIVE: dict[str, Door] = {
    "chat:archive_csv": Door(Kind.OWN, get={"q": "needle"}),
    "chat:archive_xlsx": Door(Kind.OWN, get=READ),
    "chat:retention": Door(
        Kind.OWN, get=READ, post=lambda world: {"chat_keep_days": "300", "account": world.acme.public_id}
    ),
    "chat:api_chats": Door(Kind.OWN, get={"q": "needle"}),
    "chat:api_chat": Door(Kind.THING, args=chat, get=READ),
    "chat:api_transcript": Door(Kind.THING, args=chat, get=READ),
    "chat:api_chat_tag": Door(Kind.THING, args=tagged_chat, put=nothing, delete=nothing),
    "chat:api_visitors": Door(Kind.OWN, get=READ),
    "chat:api_visitor": Door(Kind.THING, args=visitor, get=READ, delete=nothing),
    "chat:api_tags": Door(Kind.OWN, get=READ),
    "chat:api_ratings": Door(Kind.OWN, get={"rating": "good"}),
}
