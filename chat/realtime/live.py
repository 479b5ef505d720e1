"""The running part of the chat path in one web process: writer, readers, who is here, and what their sockets know."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.scoping import account_scope
from chat import queries
from chat.actions.messages import NewMessage
from chat.models import Chat
from chat.queue.line import find_place
from chat.realtime import frames
from chat.realtime.gaps import keep_noting
from chat.realtime.protocol import iso
from chat.realtime.writer import Call, Done, Writer
from core.errors import Refused
from core.realtime import Socket, encode, hub

log = structlog.get_logger(__name__)
T = TypeVar("T")

SWEEP_SECONDS = 25
LAST_WRITES_SECONDS = 4.0  # that an end waits for the writer: the database may be away
LAST_ACKS_SECONDS = 0.1  # in which the last acknowledgements leave before their sockets are closed
TYPING_GAP = 1.0  # seconds between two typing frames to one operator
SNAPSHOT_GAP = 1.0
SNAPSHOT_ROWS = 200
RETURN_SECONDS = 120.0  # between two pages of a website the window is loaded anew: the visit goes on
MOST_LEFT = 20_000
ORDER = {"waiting": 0, "open": 1}


class ChatState:
    """What this process knows of a chat that one of its sockets follows: the newest number."""

    __slots__ = ("pk", "public_id", "refs", "seq")

    def __init__(self, pk: int, public_id: str, seq: int) -> None:
        self.pk, self.public_id, self.seq, self.refs = pk, public_id, seq, 0


@dataclass(slots=True)
class Presence:
    """A visitor with an open socket in some process. Memory only, never stored.

    `hidden`: does not want to be seen, and is only counted (P14). `listed`: said yes to being seen without a chat.
    `invited`: "" | "asked" | "no", an operator's invitation and what became of it.
    """

    account_pk: int
    visitor: str
    name: str
    since: datetime
    visits: int
    browser: str
    system: str
    referrer: str
    page: dict[str, str]
    chat: str | None = None
    state: str = "browsing"
    hidden: bool = False
    listed: bool = False
    invited: str = ""
    sockets: int = 1
    told_at: float = field(default_factory=time.monotonic)

    def row(self) -> dict[str, Any]:
        """A row of the `visitors` frame."""
        return {
            "id": self.visitor, "name": self.name, "state": self.state, "page": self.page, "referrer": self.referrer,
            "browser": self.browser, "system": self.system, "since": iso(self.since), "visits": self.visits,
            "chat": self.chat, "invited": self.invited,
        }  # fmt: skip

    def word(self) -> dict[str, Any]:
        """What other processes hear: the row, and whether it is one."""
        return {**self.row(), "hidden": self.hidden, "listed": self.listed}


class Live:
    """One per web process; bound to the loop by `start`."""

    def __init__(self) -> None:
        self.writer = Writer(self._settle)
        self.readers: ThreadPoolExecutor | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.chats: dict[int, ChatState] = {}
        self.cursors: dict[int, int] = {}
        self.presence: dict[int, Presence] = {}
        self._left: dict[int, tuple[float, Presence]] = {}  # who has just gone: a visit goes on over a page's change
        self._typing: dict[int, dict[str, dict[str, Any]]] = {}
        self._typed_at: dict[int, float] = {}
        self._watch_dirty: set[int] = set()
        self._watch_timer: asyncio.TimerHandle | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._meter: asyncio.Task[None] | None = None
        self.at_start: list[Callable[[], None]] = []  # of other memories: a new loop begins
        self.at_sweep: list[Callable[[], None]] = []  # and, with several processes, tell the others again

    # ---- life ----
    async def start(self) -> None:
        """Starts hub, writer and readers."""
        self.loop = asyncio.get_running_loop()
        self._forget()
        hub.on_note = self._note
        hub.on_control("presence", self._hear_presence)
        hub.on_resync("chat", self._resync_chat)
        hub.on_resync("account", self._resync_account)
        hub.start()
        self.readers = ThreadPoolExecutor(2, thread_name_prefix="chat-reader")
        hub.on_bus = self._bus_changed
        self.writer.start()
        self._meter = asyncio.create_task(keep_noting())
        if settings.REDIS_URL:
            self._sweeper = asyncio.create_task(self._sweep())

    def _forget(self) -> None:
        """Drops what belonged to a loop before: a timer of it would never fire, and nobody would set another."""
        self._watch_timer = None
        for memory in (self._watch_dirty, self._typing, self._typed_at, self.chats, self.presence, self.cursors):
            memory.clear()
        for begin in self.at_start:
            begin()

    async def say_goodbye(self) -> None:
        """Writes what waits and acknowledges it, then tells every socket when to come back."""
        await asyncio.get_running_loop().run_in_executor(None, self.writer.stop, LAST_WRITES_SECONDS)
        if hub.sockets:
            await asyncio.sleep(LAST_ACKS_SECONDS)
        await hub.close_sockets()

    async def stop(self) -> None:
        """The same, then stops everything."""
        for task in (self._sweeper, self._meter):
            if task is not None:
                task.cancel()
        if not self.writer.is_stopping:
            await self.say_goodbye()
        await hub.stop()
        if self.readers is not None:
            self.readers.shutdown(wait=True)
        self.chats.clear()
        self.presence.clear()
        self.loop = None  # a process without sockets

    # ---- database work ----
    def post(self, message: NewMessage, done: Done) -> bool:
        """Hands a message to the writer; `done(Posted | None, error)` runs in the loop after the commit."""
        return self.writer.submit(message, done)

    def _settle(self, results: list[tuple[Done, Any, Exception | None]]) -> None:
        loop = self.loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to tell
                loop.call_soon_threadsafe(self._tell, results)

    @staticmethod
    def _tell(results: list[tuple[Done, Any, Exception | None]]) -> None:
        for done, result, error in results:
            done(result, error)

    async def act(self, account: Account, action: Callable[[], T]) -> T:
        """Runs an action in the writer's next transaction, in the account's scope. Raises what it refuses."""
        assert self.loop is not None
        future: asyncio.Future[T] = self.loop.create_future()

        def done(result: Any, error: Exception | None) -> None:
            if future.cancelled():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        self.hand(account, action, done)
        return await future

    def hand(self, account: Account, action: Callable[[], Any], done: Done) -> None:
        """The same without waiting: `done(result, error)` runs in the loop after the commit, in the order of the batch.

        Raises Refused `busy` when the queue is full.
        """

        def scoped() -> Any:
            with account_scope(account):
                return action()

        if not self.writer.submit(Call(scoped), done):
            raise Refused("busy", _("There is too much to do right now. We keep trying."), status=503)

    def act_later(self, account: Account, action: Callable[[], Any]) -> None:
        """The same without waiting, for what may be lost."""

        def scoped() -> None:
            with account_scope(account):
                action()

        self.writer.submit(Call(scoped), lambda result, error: None)

    async def read(self, account: Account | None, query: Callable[[], T]) -> T:
        """Runs a read in a reader thread, in the account's scope. Raises Refused `busy` when the database is away."""
        assert self.loop is not None and self.readers is not None

        def ask() -> T:
            with account_scope(account) if account is not None else contextlib.nullcontext():
                return query()

        def scoped() -> T:
            try:
                try:
                    return ask()
                except (OperationalError, InterfaceError):  # the database was started again since this thread's last
                    connection.close()
                    return ask()
            except DatabaseError as problem:
                connection.close()
                raise Refused("busy", _("We cannot read this now. We keep trying."), status=503) from problem

        return await self.loop.run_in_executor(self.readers, scoped)

    # ---- what sockets follow ----
    def follow(self, pk: int, public_id: str, seq: int) -> ChatState:
        """The shared state of a chat, kept as long as somebody here follows it."""
        state = self.chats.get(pk)
        if state is None:
            state = self.chats[pk] = ChatState(pk, public_id, seq)
        state.seq = max(state.seq, seq)
        state.refs += 1
        return state

    def unfollow(self, state: ChatState) -> None:
        state.refs -= 1
        if state.refs <= 0:
            self.chats.pop(state.pk, None)

    def _note(self, note: dict[str, int]) -> None:
        if "chat" in note:
            state = self.chats.get(note["chat"])
            if state is not None and note["seq"] > state.seq:
                state.seq = note["seq"]
        else:
            self.cursors[note["account"]] = max(self.cursors.get(note["account"], 0), note["cursor"])

    # ---- typing: at most one frame a second to one operator, for all chats together ----
    def tell_typing(self, operator_pk: int, chat: str, on: bool, text: str | None) -> None:
        """Tells an operator what a visitor types; several chats within a second share one frame."""
        self._typing.setdefault(operator_pk, {})[chat] = {"chat": chat, "on": on, "text": text}
        wait = self._typed_at.get(operator_pk, 0.0) + TYPING_GAP - time.monotonic()
        if wait <= 0:
            self._flush_typing(operator_pk)
        elif len(self._typing[operator_pk]) == 1:
            assert self.loop is not None
            self.loop.call_later(wait, self._flush_typing, operator_pk)

    def _flush_typing(self, operator_pk: int) -> None:
        waiting = self._typing.pop(operator_pk, None)
        if not waiting:
            return
        self._typed_at[operator_pk] = time.monotonic()
        hub.publish([f"operator:{operator_pk}"], encode({"t": "typing", "chats": list(waiting.values())}))

    def drop_typing(self, operator_pk: int, chat: str) -> None:
        """Forgets a preview that has not left yet: the message was sent or the preview switched off."""
        self._typing.get(operator_pk, {}).pop(chat, None)

    # ---- visitors here now: a snapshot a second, only to who looks ----
    def arrive(self, visitor_pk: int, presence: Presence) -> None:
        known = self.presence.get(visitor_pk)
        if known is None:
            at, before = self._left.pop(visitor_pk, (0.0, presence))
            if time.monotonic() - at < RETURN_SECONDS:
                presence.since, presence.invited = before.since, before.invited
            self.presence[visitor_pk] = presence
        elif known.sockets <= 0:  # known from another process
            presence.since, presence.invited = known.since, known.invited
            self.presence[visitor_pk] = presence
        else:
            known.sockets += 1
        self._presence_changed(visitor_pk)

    def depart(self, visitor_pk: int) -> None:
        known = self.presence.get(visitor_pk)
        if known is None:
            return
        known.sockets -= 1
        if known.sockets <= 0:
            self._note_left(visitor_pk)
            hub_control("presence", {"visitor": visitor_pk, "account": known.account_pk, "row": None})
        self._mark_watch(known.account_pk)

    def _note_left(self, visitor_pk: int) -> None:
        gone = self.presence.pop(visitor_pk, None)
        if len(self._left) >= MOST_LEFT:
            self._left.clear()
        if gone is not None:
            self._left[visitor_pk] = (time.monotonic(), gone)

    def change_presence(self, visitor_pk: int, **changes: Any) -> None:
        """Another page, name, chat or state of a visitor who is here."""
        known = self.presence.get(visitor_pk)
        if known is not None:
            for name, value in changes.items():
                setattr(known, name, value)
            self._presence_changed(visitor_pk)

    def _presence_changed(self, visitor_pk: int) -> None:
        known = self.presence[visitor_pk]
        hub_control("presence", {"visitor": visitor_pk, "account": known.account_pk, "row": known.word()})
        self._mark_watch(known.account_pk)

    def _hear_presence(self, ids: dict[str, Any]) -> None:
        """Another process tells of a visitor; its word is forgotten after two minutes without a repeat."""
        visitor_pk, row = ids["visitor"], ids["row"]
        known = self.presence.get(visitor_pk)
        if known is not None and known.sockets > 0:
            if row is not None:  # who has the chat is decided where the operator is
                known.state, known.chat, known.invited = row["state"], row["chat"], row["invited"]
                known.hidden, known.listed = row["hidden"], row["listed"]
                self._mark_watch(known.account_pk)
            else:  # the last window there; one is open here, and every process must know
                self._presence_changed(visitor_pk)
            return
        if row is None:
            self._note_left(visitor_pk)
        else:
            row = {**row, "since": datetime.fromisoformat(row["since"])}
            row["visitor"] = row.pop("id")
            self.presence[visitor_pk] = Presence(account_pk=ids["account"], sockets=0, **row)
        self._mark_watch(ids["account"])

    def list_present(self, account_pk: int) -> list[Presence]:
        """Visitors of an account who are here now and may be seen: who waits first, then by their time here."""
        here = [p for p in self.presence.values() if p.account_pk == account_pk and not p.hidden]
        return sorted(here, key=lambda p: (ORDER.get(p.state, 2), p.since))

    def count_hidden(self, account_pk: int) -> int:
        """How many are here who asked not to be seen."""
        return sum(1 for p in self.presence.values() if p.account_pk == account_pk and p.hidden)

    def find_present(self, account_pk: int, visitor: str) -> tuple[int, Presence] | None:
        """A visitor of the account who is here and may be seen, by public id, with the key."""
        for pk, presence in self.presence.items():
            if presence.visitor == visitor and presence.account_pk == account_pk and not presence.hidden:
                return pk, presence
        return None

    def is_present(self, visitor_pk: int) -> bool:
        return visitor_pk in self.presence

    def _mark_watch(self, account_pk: int) -> None:
        if f"watch:{account_pk}" not in hub.rooms:
            return
        self._watch_dirty.add(account_pk)
        if self._watch_timer is None and self.loop is not None:
            self._watch_timer = self.loop.call_later(SNAPSHOT_GAP, self._send_snapshots)

    def _send_snapshots(self) -> None:
        self._watch_timer = None
        dirty, self._watch_dirty = self._watch_dirty, set()
        for account_pk in dirty:
            hub.deliver([f"watch:{account_pk}"], self.snapshot(account_pk))

    def snapshot(self, account_pk: int) -> str:
        """The `visitors` frame of an account, at most 200 rows."""
        here = self.list_present(account_pk)
        rows = [p.row() for p in here[:SNAPSHOT_ROWS]]
        return encode({"t": "visitors", "total": len(here), "hidden": self.count_hidden(account_pk), "rows": rows})

    # ---- hints and sweeps: the database is the truth ----
    def _resync_chat(self, prefix: str, pk: int) -> None:
        state = self.chats.get(pk)
        if state is not None:
            hub.spawn(self._catch_up(state))

    async def _catch_up(self, state: ChatState) -> None:
        from accounts.scoping import scopes_disabled  # the chat's own account is the only one read

        def read() -> tuple[Chat, list[Any], dict[str, Any] | None]:
            with scopes_disabled():
                chat = Chat.objects.select_related("operator", "group", "account").get(pk=state.pk)
                lines = queries.list_lines(state.pk, state.seq)
                has_turned = any(message.author == message.Author.SYSTEM for message in lines)
                return chat, lines, frames.chat_for_visitor(chat, *find_place(chat)) if has_turned else None

        with contextlib.suppress(Refused, Chat.DoesNotExist):
            chat, lines, shown = await self.read(None, read)
            for message in lines:
                state.seq = max(state.seq, message.seq)
                frame = {"t": "msg", "chat": state.public_id, "line": frames.line_of(message)}
                hub.deliver(frames.rooms_of(chat), encode(frame))
            if shown is not None:  # who has the chat, or whether it goes on, may have changed with these lines
                hub.deliver([f"visitor:{chat.visitor_id}"], encode({"t": "chat", "chat": shown}))

    def _resync_account(self, prefix: str, pk: int) -> None:
        hub.spawn(self._tell_cursor(pk))

    async def _tell_cursor(self, account_pk: int) -> None:
        def read() -> int:
            return queries.find_cursor_of(account_pk)

        with contextlib.suppress(Refused):
            self._say_cursor(account_pk, await self.read(None, read))

    def _say_cursor(self, account_pk: int, cursor: int) -> None:
        self.cursors[account_pk] = cursor
        frame = {"t": "beat", "now": frames.now_iso(), "seqs": {}, "cursor": cursor}
        hub.deliver([f"account:{account_pk}"], encode(frame))

    def _bus_changed(self, connected: bool) -> None:
        """Operators read that it is slower now; and once the other processes are heard again, what was missed is."""
        frame = encode({"t": "set", "slower": not connected})
        hub.deliver([room for room in hub.rooms if room.startswith("account:")], frame)
        if connected:
            hub.spawn(self._sweep_soon())

    async def _sweep_soon(self) -> None:
        await asyncio.sleep(random.uniform(0.6, 1.5))  # noqa: S311  the others are back by then, and not all ask at once
        with contextlib.suppress(Refused):
            await self._sweep_once()

    async def _sweep(self) -> None:
        """With several processes: two queries per 25 s find what the bus lost, and presence is told again."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._sweep_once()
            except Refused:
                log.warning("live.sweep_failed")

    async def _sweep_once(self) -> None:
        known = list(self.chats)
        if known:
            seqs = await self.read(None, lambda: queries.read_last_seqs(known))
            for pk, seq in seqs.items():
                state = self.chats.get(pk)
                if state is not None and seq > state.seq:
                    await self._catch_up(state)
        await self._sweep_boards()
        for tell_again in self.at_sweep:
            tell_again()
        old = time.monotonic() - 120
        for pk, presence in list(self.presence.items()):
            if presence.sockets > 0:
                self._presence_changed(pk)
            elif presence.told_at < old:
                del self.presence[pk]

    async def _sweep_boards(self) -> None:
        here = [pk for pk in self.cursors if f"account:{pk}" in hub.rooms]
        if here:
            cursors = await self.read(None, lambda: queries.read_cursors(here))
            for pk, cursor in cursors.items():
                if cursor > self.cursors.get(pk, 0):
                    self._say_cursor(pk, cursor)


def hub_control(name: str, ids: dict[str, Any]) -> None:
    """Tells the other processes, where there are any."""
    if settings.REDIS_URL and hub.bus is not None:
        hub.bus.send({"control": name, "ids": ids})


live = Live()


def count_sockets() -> int:
    """Open sockets of this process."""
    return len(hub.sockets)


__all__ = ["ChatState", "Live", "Presence", "Socket", "live"]
