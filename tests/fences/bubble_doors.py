"""Doors of the bubble: its script, the pages of a website beside its look, the board of operators."""

from chat.tests.test_identity import sign
from tests.fences.kinds import READ, Arguments, Door, Kind
from tests.fences.world import World

own_key: Arguments = lambda world: {"key": world.widget.key}  # noqa: E731

BUBBLE = {
    "chat:loader": Door(Kind.PUBLIC, args=own_key, get=READ, why="the script of a public page"),
    "chat:greetings": Door(
        Kind.THING,
        args=own_key,
        get=READ,
        post=lambda world: {"do": "save", "g0-text": "Ours", "g0-page": "*", "g0-after": "1", "g0-times": "1"},
    ),
    "chat:identity": Door(Kind.THING, args=own_key, get=READ, post=lambda world: {"do": "make"}),
    "chat:seen_on": Door(Kind.THING, args=own_key, get=READ),
    "chat:operators": Door(Kind.OWN, get=READ),
}


def own_token(world: World) -> str:
    """A word of alice's server about a customer of hers."""
    return sign(world.identity_secret)
