"""Walks the commands of both sockets: first the owner about own chats, then strangers about chats of the owner."""

import asyncio
import itertools
import json
from typing import Any

from websockets.exceptions import ConnectionClosed

from accounts.scoping import account_scope
from chat.consumers.console import ConsoleConsumer
from chat.consumers.widget import WidgetConsumer
from chat.models import Chat
from chat.realtime.protocol import command_names
from chat.testing import make_chat, say
from chat.tests.conftest import Doors
from core.tickets import issue_ticket
from operators.actions import set_chat_limit
from tests.fences.doors import OPERATOR, VISITOR, CommandDoor
from tests.fences.walk_pages import needles
from tests.fences.world import World, difference
from tests.wire import Wire

_numbers = itertools.count(1)
Frames = list[dict[str, Any]]


def doors_of_the_registry() -> list[str]:
    """Every command of both sockets."""
    return [f"operator {name}" for name in command_names(ConsoleConsumer.decoder)] + [
        f"visitor {name}" for name in command_names(WidgetConsumer.decoder)
    ]


def doors_of_the_table() -> list[str]:
    return [f"operator {name}" for name in OPERATOR] + [f"visitor {name}" for name in VISITOR]


async def exchange(wire: Wire, frame: dict[str, Any], until: str = "") -> Frames:
    """Sends a frame and answers what comes back: up to the answer to a later one, and up to `until` or an `err`."""
    mark = f"mark {next(_numbers)}"
    await wire.send(**frame)
    await wire.send(t="no such command", id=mark)
    heard: Frames = []
    is_marked = False
    async with asyncio.timeout(15):
        while not (is_marked and (not until or {one["t"] for one in heard} & {until, "err"})):
            one = json.loads(await wire.socket.recv())
            if one.get("id") == mark:
                is_marked = True
            elif one["t"] != "beat":
                heard.append(one)
    return heard


async def overheard(wire: Wire) -> Frames:
    """What reached a socket on which nobody asked anything."""
    return [one for one in await exchange(wire, {"t": "no such command", "id": "x"}) if one.get("id") != "x"]


class SocketWalk:
    """One walk over every command. `faults` says in words what was wrong."""

    def __init__(self, world: World, doors: Doors) -> None:
        self.world, self.doors = world, doors
        self.faults: list[str] = []
        self.walked: set[str] = set()
        for operator in (world.alice_operator, world.bob_operator):
            with account_scope(world.acme):
                set_chat_limit(operator=operator, limit=50, actor="system")
        self.own = {name: self._chat(name) for name in OPERATOR}
        shared = self._chat("what strangers want")
        self.target = {name: self._chat(name) if name == "accept" else shared for name in OPERATOR}
        self.listener = doors.open_widget(world.acme)

    def _chat(self, name: str) -> Chat:
        operator = None if name == "accept" else self.world.alice_operator
        chat = make_chat(self.world.acme, text=f"About {name}", operator=operator, name="Quillfeather Pat")
        if operator is not None:
            say(chat, f"An answer about {name}", operator=operator)  # line 3
        return chat

    def _frame(self, name: str, door: CommandDoor, chat: str) -> dict[str, Any]:
        asked = {key: value(self.world) if callable(value) else value for key, value in door.frame(chat).items()}
        return {"t": name, **asked}

    def walk(self) -> list[str]:
        world, doors = self.world, self.doors
        asyncio.run(self._owners(doors.console_ticket(world.alice_member), doors.open_widget(world.acme)))
        tickets = [doors.console_ticket(member) for member in (world.alice_member, world.carol_member)]
        nina, pat = doors.open_widget(world.cakes), doors.open_widget(world.acme)
        bob = doors.console_ticket(world.bob_member)
        before = world.dump()
        asyncio.run(self._strangers(tickets[0], tickets[1], nina, pat))
        asyncio.run(self._without_the_right(bob))
        asyncio.run(self._forged_tickets())
        changed = [one for one in difference(before, world.dump()) if not self._is_own_presence(one)]
        self.faults += [f"a stranger's command: {one}" for one in changed]
        return self.faults

    @staticmethod
    def _is_own_presence(changed: str) -> bool:
        """When alice and bob were last seen: their own consoles are open beside those of the strangers."""
        return changed.startswith("operators.Operator:") and changed.endswith(".seen_at changed")

    # ---- owners ----
    async def _owners(self, ticket: str, opened: dict[str, Any]) -> None:
        self.world.guest = opened["visitor"]
        alice, dave = await self.doors.console(ticket), await self.doors.visitor(opened)
        for name, door in OPERATOR.items():
            await self._owner(f"operator {name}", alice, name, door, str(self.own[name].public_id))
        for name, door in VISITOR.items():
            await self._owner(f"visitor {name}", dave, name, door, "")
        await alice.close()
        await dave.close()

    async def _owner(self, label: str, wire: Wire, name: str, door: CommandDoor, chat: str) -> None:
        self.walked.add(label)
        if name == "hello":
            await wire.expect(door.answer)
            return
        heard = await exchange(wire, self._frame(name, door, chat), door.answer)
        refused = [one["code"] for one in heard if one["t"] == "err"]
        if refused or (door.answer and door.answer not in [one["t"] for one in heard]):
            self.faults.append(f"{label} by its owner: {refused or heard}")

    # ---- strangers ----
    async def _strangers(self, alice_ticket: str, carol_ticket: str, nina: dict[str, Any], pat: dict[str, Any]) -> None:
        alice = await self.doors.console(alice_ticket)
        await alice.expect("board")
        listener = await self.doors.visitor(self.listener)
        await listener.expect("ready")
        carol = await self.doors.console(carol_ticket)
        await self._carol(carol)
        await self._other_visitor("nina", await self.doors.visitor(nina), set(VISITOR), ends_with_own_chat=True)
        await self._other_visitor(
            "pat", await self.doors.visitor(pat), set(VISITOR) - {"start", "peek", "seen", "identify"}
        )
        await asyncio.sleep(0.3)  # a message that was taken by mistake would be committed by now
        for who, wire in (("alice", alice), ("a visitor of hers", listener)):
            heard = await overheard(wire)
            if heard:
                self.faults.append(f"{who} heard of strangers: {heard}")
        for wire in (alice, carol, listener):
            await wire.close()

    async def _carol(self, carol: Wire) -> None:
        for name, door in OPERATOR.items():
            label = f"operator {name} by carol"
            if name == "hello":
                heard = [await carol.expect("ready"), await carol.expect("board")]
            else:
                heard = await exchange(carol, self._frame(name, door, str(self.target[name].public_id)))
            codes = [one["code"] for one in heard if one["t"] == "err"]
            if codes != ([door.refused] if door.refused else []):
                self.faults.append(f"{label}: {codes}")
            self._expect_no_needle(label, heard, str(self.target[name].public_id))

    async def _other_visitor(self, who: str, wire: Wire, names: set[str], *, ends_with_own_chat: bool = False) -> None:
        """Before a chat of one's own nothing is there; with one, commands reach that one, whatever chat they name."""
        self._expect_no_needle(f"visitor hello by {who}", [await wire.expect("ready")], "")
        target = str(self.world.open_chat.public_id)
        for name in sorted(names - {"hello", "start", "peek", "page", "seen", "identify", "invited", "goal", "sale"}):
            heard = await exchange(wire, self._frame(name, VISITOR[name], target))
            if [one.get("code") for one in heard] != ["not_found"]:
                self.faults.append(f"visitor {name} by {who} without a chat: {heard}")
        if ends_with_own_chat:
            for name in [name for name in VISITOR if name != "hello"]:
                heard = await exchange(wire, self._frame(name, VISITOR[name], target), VISITOR[name].answer)
                self._expect_no_needle(f"visitor {name} by {who}", heard, "")
                others = [one for one in heard if one.get("chat") == target]
                if others:
                    self.faults.append(f"visitor {name} by {who} reached another chat: {others}")
        await wire.close()

    async def _without_the_right(self, ticket: str) -> None:
        """An operator of the same account, about a chat that a colleague has."""
        bob = await self.doors.console(ticket)
        await bob.expect("board")
        for name, code in (
            ("accept", "taken"), ("msg", "not_allowed"), ("close", "not_allowed"), ("read", ""),
            ("transfer", "not_allowed"), ("take_over", "not_found"), ("edit", "not_allowed"),
            ("remove", "not_allowed"), ("draft", "not_allowed"),
        ):  # fmt: skip
            chat = str(self.target["msg" if name == "accept" else name].public_id)
            heard = await exchange(bob, self._frame(name, OPERATOR[name], chat), "err" if code else "")
            codes = [one["code"] for one in heard if one["t"] == "err"]
            if codes != ([code] if code else []):
                self.faults.append(f"operator {name} by a colleague: {codes}")
        await bob.close()

    async def _forged_tickets(self) -> None:
        """A ticket of the other socket, one with a changed letter and none at all open nothing."""
        widget = issue_ticket("widget", visitor=self.world.dave.pk)
        console = issue_ticket("console", membership=self.world.alice_member.pk, session="not a session")
        for label, join, ticket in (
            ("a widget's ticket in the console", self.doors.console, widget),
            ("a console ticket without a session", self.doors.console, console),
            ("a changed ticket", self.doors.console, console[:-2] + console[:-3:-1]),
        ):
            wire = await join(ticket)
            try:
                heard = await wire.next()
                self.faults.append(f"{label}: {heard}")
            except ConnectionClosed as closed:
                if closed.rcvd is None or closed.rcvd.code != 4401:
                    self.faults.append(f"{label}: closed with {closed.rcvd}")

    def _expect_no_needle(self, label: str, heard: Frames, sent: str) -> None:
        text = json.dumps(heard)
        leaks = [word for word in needles(self.world, sent) if word in text]
        if leaks:
            self.faults.append(f"{label} reads {leaks}")
