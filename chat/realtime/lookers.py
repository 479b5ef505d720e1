"""Which operators have a chat on the screen, and who of them writes. Memory only, the same in every process (S27)."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from chat.realtime.live import hub_control, live
from core.bus import own_name
from core.realtime import Socket, encode, hub

GAP = 1.0  # seconds between two `looking` frames to one operator (goal G8)
TYPES_FOR = 6.0  # seconds after the last sign that somebody writes
FORGOTTEN = 120.0  # seconds after which another process's word counts no more


@dataclass(slots=True)
class Look:
    """A console with a chat on its screen. `leads`: may see what the visitor types though a colleague has the chat."""

    chat_pk: int
    chat: str
    operator_pk: int
    name: str
    leads: bool
    types_until: float = 0.0
    told_at: float = 0.0


class Lookers:
    """Consoles of this process by socket, those of others by their word; told to who looks at the same chat."""

    def __init__(self) -> None:
        self._here: dict[Socket, Look] = {}
        self._there: dict[str, Look] = {}
        self._dirty: set[int] = set()
        self._told: dict[int, list[Any]] = {}
        self._waits = False

    # ---- what consoles of this process do ----
    def look(self, socket: Socket, look: Look) -> None:
        """This console has the chat on its screen now, and no other."""
        known = self._here.get(socket)
        if known is not None and known.chat_pk == look.chat_pk:
            self._told.pop(look.chat_pk, None)  # it asks again: it gets an answer
            return self._mark(look.chat_pk)
        self.leave(socket)
        self._here[socket] = look
        self._share(socket, look)
        self._mark(look.chat_pk)

    def leave(self, socket: Socket) -> None:
        """This console has no chat on its screen, or is gone."""
        look = self._here.pop(socket, None)
        if look is not None:
            hub_control("looking", {"key": _key(socket), "chat": look.chat_pk, "look": None})
            self._mark(look.chat_pk)

    def type(self, socket: Socket, on: bool) -> None:
        """The operator of this console writes in the chat on its screen, or has stopped."""
        look = self._here.get(socket)
        if look is None:
            return
        was = look.types_until > time.monotonic()
        look.types_until = time.monotonic() + TYPES_FOR if on else 0.0
        if on != was:
            self._share(socket, look)
            self._mark(look.chat_pk)

    def list_leaders(self, chat_pk: int) -> list[int]:
        """Operators who look at the chat, though it may be another's, with the right to supervise."""
        return sorted({look.operator_pk for look in self._looks(chat_pk) if look.leads})

    def repeat(self) -> None:
        """Tells the other processes again who looks, and forgets those who were not repeated."""
        for socket, look in self._here.items():
            self._share(socket, look)
        old = time.monotonic() - FORGOTTEN
        for key, look in list(self._there.items()):
            if look.told_at < old:
                del self._there[key]
                self._mark(look.chat_pk)

    # ---- between processes ----
    @staticmethod
    def _share(socket: Socket, look: Look) -> None:
        told = {
            "chat": look.chat, "operator": look.operator_pk, "name": look.name, "leads": look.leads,
            "types": look.types_until > time.monotonic(),
        }  # fmt: skip
        hub_control("looking", {"key": _key(socket), "chat": look.chat_pk, "look": told})

    def hear(self, ids: dict[str, Any]) -> None:
        """Another process's word about one of its consoles."""
        key, told, now = ids["key"], ids["look"], time.monotonic()
        before = self._there.pop(key, None)
        if before is not None and before.chat_pk != ids["chat"]:
            self._mark(before.chat_pk)
        if told is not None:
            until = now + TYPES_FOR if told["types"] else 0.0
            self._there[key] = Look(
                ids["chat"], told["chat"], told["operator"], told["name"], told["leads"], until, now
            )
        self._mark(ids["chat"])

    # ---- telling: at most once a second ----
    def _looks(self, chat_pk: int) -> list[Look]:
        return [look for look in (*self._here.values(), *self._there.values()) if look.chat_pk == chat_pk]

    def _mark(self, chat_pk: int) -> None:
        self._dirty.add(chat_pk)
        if not self._waits:
            self._waits = True
            asyncio.get_running_loop().call_later(GAP, self._flush)

    def _flush(self) -> None:
        self._waits = False
        dirty, self._dirty = self._dirty, set()
        for chat_pk in dirty:
            self._tell(chat_pk)

    def _tell(self, chat_pk: int) -> None:
        looks, now = self._looks(chat_pk), time.monotonic()
        found: dict[int, dict[str, Any]] = {}
        for look in looks:
            row = found.setdefault(look.operator_pk, {"id": look.operator_pk, "name": look.name, "typing": False})
            row["typing"] = row["typing"] or look.types_until > now
        rows = sorted(found.values(), key=lambda row: row["id"])
        here = {socket for socket, look in self._here.items() if look.chat_pk == chat_pk}
        if not here:
            self._told.pop(chat_pk, None)
            return
        if any(row["typing"] for row in rows):
            asyncio.get_running_loop().call_later(TYPES_FOR, self._mark, chat_pk)  # whoever falls silent stops writing
        before = self._told.get(chat_pk)
        self._told[chat_pk] = rows
        if rows == before or (before is None and len(rows) < 2):
            return
        frame = encode({"t": "looking", "chat": looks[0].chat, "operators": rows})
        for socket in here:
            socket.push(frame)

    def forget(self) -> None:
        """Drops everything: another loop begins."""
        self._here.clear()
        self._there.clear()
        self._dirty.clear()
        self._told.clear()
        self._waits = False


def _key(socket: Socket) -> str:
    return f"{own_name()}:{id(socket)}"


lookers = Lookers()
hub.on_control("looking", lookers.hear)
live.at_start.append(lookers.forget)
live.at_sweep.append(lookers.repeat)
