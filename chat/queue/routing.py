"""Who gets which waiting chat: a pure choice, the same for the same facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

BY_HAND, LEAST_BUSY, IN_TURN = "by_hand", "least_busy", "in_turn"  # ChatSettings.Routing


@dataclass
class Hand:
    """An operator who accepts chats and is here; `open_chats` and `given_at` go on while chats are given out."""

    operator_pk: int
    open_chats: int
    chat_limit: int
    given_at: datetime | None = None
    groups: frozenset[int] = field(default_factory=frozenset)

    @property
    def has_room(self) -> bool:
        return self.open_chats < self.chat_limit


@dataclass(frozen=True)
class Waiting:
    """A chat to be given out; `known` is the operator who had the visitor's last chat, `not_to` who did not answer."""

    chat_pk: int
    group: int | None = None
    known: int | None = None
    not_to: frozenset[int] = field(default_factory=frozenset)


@dataclass
class Room:
    """How many more chats a group may have open at once."""

    left: int


def choose(chat: Waiting, hands: Iterable[Hand], *, routing: str) -> Hand | None:
    """The operator for one chat; None when nobody fits.

    Fits who has room, is in the chat's group (if it has one) and did not leave it unanswered before. The one who knew
    the visitor comes first; else by `routing` who has the fewest chats open, or whose turn it is. Equals by who was
    given one longest ago, so that ties are fair.
    """
    fitting = [
        hand
        for hand in hands
        if hand.has_room and hand.operator_pk not in chat.not_to and (chat.group is None or chat.group in hand.groups)
    ]
    for hand in fitting:
        if hand.operator_pk == chat.known:
            return hand
    return min(fitting, key=lambda hand: _rank(hand, routing), default=None)


def _rank(hand: Hand, routing: str) -> tuple[int, float, int]:
    turn = hand.given_at.timestamp() if hand.given_at else float("-inf")
    return (hand.open_chats if routing == LEAST_BUSY else 0, turn, hand.operator_pk)


def plan(
    waiting: Sequence[Waiting],
    hands: Sequence[Hand],
    *,
    routing: str,
    now: datetime,
    rooms: Mapping[int, Room] | None = None,
) -> list[tuple[int, int]]:
    """(chat, operator) for as many of the waiting chats as possible, who waits longest first (S22).

    `rooms` are the groups with a limit. Changes `hands` and `rooms` as it goes, so that the next choice knows of it.
    """
    given: list[tuple[int, int]] = []
    if routing == BY_HAND:
        return given
    for chat in waiting:
        room = rooms.get(chat.group) if rooms is not None and chat.group is not None else None
        if room is not None and room.left <= 0:
            continue
        hand = choose(chat, hands, routing=routing)
        if hand is None:
            continue
        hand.open_chats += 1
        hand.given_at = max(now, hand.given_at) if hand.given_at else now
        if room is not None:
            room.left -= 1
        given.append((chat.chat_pk, hand.operator_pk))
    return given
