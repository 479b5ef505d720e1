"""Doors of requests: the requester's, the guest's secret link, the agents' desk, the API."""

from typing import Any

from tests.fences.kinds import JSON, READ, Arguments, Door, Kind, nothing
from tests.fences.world import World


def number_of(name: str) -> Arguments:
    return lambda world: {"number": getattr(world, name).number}


def text(world: World) -> dict[str, Any]:
    return {"text": "It still does not"}


def wrong_secrets(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The secret with a changed digit, its stored hash, and what stands near it."""
    turned = world.guest_secret[:-1] + ("0" if world.guest_secret[-1] != "0" else "1")
    tries = [turned, world.guest_request.secret_hash, str(world.guest_request.number), "none"]
    return [({"secret": one}, {}) for one in tries]


def hours(world: World) -> dict[str, Any]:
    sent = {"zone": "UTC", "day_mon": "9-17"}
    for priority in ("low", "normal", "high", "urgent"):
        sent |= {f"first_{priority}": "1", f"resolve_{priority}": "8"}
    return sent


def own(**changes: Any) -> Door:
    return Door(Kind.THING, args=number_of("asked"), **changes)


def desk(**changes: Any) -> Door:
    return Door(Kind.AGENT, args=number_of("asked"), **changes)


REQUESTS = {
    "support:home": Door(Kind.PUBLIC, get={"q": "needle"}),
    "support:mine": Door(Kind.PERSON, get=READ),
    "support:new": Door(
        Kind.PUBLIC,
        get=READ,
        post=lambda world: {
            "kind": "question", "email": "somebody@specimen.example", "text": "No bubble", "of_age": "on",
        },
    ),
    "support:suggest": Door(Kind.PUBLIC, post=lambda world: {"subject": "needle", "text": "needle"}),
    "support:lost": Door(Kind.PUBLIC, get=READ, post=lambda world: {"email": world.alice.email}),
    "support:open": Door(
        Kind.SECRET, args=lambda world: {"secret": world.guest_secret}, get=READ, forge=wrong_secrets
    ),
    "support:request": own(get=READ),
    "support:sent": own(get=READ),
    "support:reply": own(post=text),
    "support:close": own(post=nothing),
    "support:reopen": Door(Kind.THING, args=number_of("solved"), post=nothing),
    "support:rate": Door(Kind.THING, args=number_of("solved"), post=lambda world: {"rating": "good"}),
    "support:file": Door(Kind.THING, args=lambda world: {"public_id": world.asked_file.public_id}, get=READ),
    "support:desk": Door(Kind.AGENT, get=READ),
    "support:bulk": Door(Kind.AGENT, post=lambda world: {"number": world.asked.number, "priority": "high"}),
    "support:replies": Door(Kind.AGENT, get=READ, post=lambda world: {"title": "Another", "text": "Hello"}),
    "support:saved_reply": Door(
        Kind.AGENT,
        args=lambda world: {"pk": world.saved_reply.pk},
        get=READ,
        post=lambda world: {"title": "Renamed", "text": "Hello"},
    ),
    "support:delete_reply": Door(Kind.AGENT, args=lambda world: {"pk": world.saved_reply.pk}, post=nothing),
    "support:hours": Door(Kind.AGENT, get=READ, post=hours),
    "support:desk_file": Door(Kind.AGENT, args=lambda world: {"public_id": world.asked_file.public_id}, get=READ),
    "support:desk_request": desk(get=READ),
    "support:looking": desk(get=READ),
    "support:answer": desk(post=text),
    "support:change": desk(post=lambda world: {"priority": "high"}),
    "support:delete": desk(post=lambda world: {"reason": "spam"}),
    "support:api_requests": Door(Kind.OWN, get=READ, post=text, content_type=JSON),
    "support:api_request": own(get=READ),
    "support:api_replies": own(post=text, content_type=JSON),
    "support:api_file": Door(Kind.THING, args=lambda world: {"public_id": world.asked_file.public_id}, get=READ),
    "support:api_close": own(post=nothing, content_type=JSON),
    "support:api_reopen": Door(Kind.THING, args=number_of("solved"), post=nothing, content_type=JSON),
    "support:api_rating": Door(
        Kind.THING, args=number_of("solved"), post=lambda world: {"rating": "good"}, content_type=JSON
    ),
}  # fmt: skip
