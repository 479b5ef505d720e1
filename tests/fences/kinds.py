"""What a door is, and what its owner and a stranger do there."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.fences.world import World

Arguments = Callable[[World], dict[str, Any]]
JSON = "application/json"


class Kind(Enum):
    """What a door is, and with it what a stranger gets there."""

    THING = "an object of an account: 404 for everybody else"
    OWN = "the asker's own account, whatever is sent: nothing of another"
    PERSON = "the asker's own login: nothing of another"
    SECRET = "whoever has the secret or the signed link: a wrong one is 404 or opens nothing"
    STAFF = "administrators with a second factor: for others it is not there"
    AGENT = "support agents with a second factor: for others it is not there"
    OFFICER = "privacy officers with a second factor: for others it is not there"
    SHUT = "closed for everybody, administrators too"
    DEVELOPMENT = "there in development only"
    NOWHERE = "nothing is there, for anybody"
    PUBLIC = "public: the same for everybody, and it changes nothing of anybody"


@dataclass(frozen=True)
class Door:
    """One name of the resolver. `get`, `post`, `put`, `patch`, `delete`: what its owner sends (None: 405).

    `forge` makes the arguments and bodies that a stranger tries with a SECRET door; elsewhere a stranger sends
    exactly what the owner sends. `adds` names tables in which a stranger may cause a new row about alice, and why
    says so. `headers` are sent by everybody.
    """

    kind: Kind
    args: Arguments | None = None
    get: dict[str, Any] | None = None
    post: Arguments | None = None
    put: Arguments | None = None
    patch: Arguments | None = None
    delete: Arguments | None = None
    content_type: str = ""
    forge: Callable[[World], list[tuple[dict[str, Any], dict[str, Any]]]] | None = None
    adds: tuple[str, ...] = ()
    why: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    refused: tuple[int, ...] = (404,)  # what a forged secret gets
    owner_gets: tuple[int, ...] = ()  # what else than an answer below 400 its owner may get, and why says when


READ: dict[str, Any] = {}


def nothing(world: World) -> dict[str, Any]:
    return {}
