"""The operator's socket, `/ws/console/`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Membership
from accounts.queries import may_come_in
from accounts.roles import can
from chat import queries
from chat.actions import chats
from chat.actions.messages import NewMessage
from chat.consumers.base import Closed, Consumer, serve
from chat.consumers.console_parts import PARTS
from chat.consumers.console_parts import queue as desk
from chat.models import Chat
from chat.realtime import frames
from chat.realtime.live import ChatState, live
from chat.realtime.lookers import lookers
from chat.realtime.protocol import (
    LINES_A_FRAME,
    Accept,
    BoardSince,
    Close,
    Hello,
    Leave,
    Open,
    OperatorMessage,
    OperatorRead,
    OperatorSince,
    OperatorTyping,
    Status,
    Watch,
    make_decoder,
)
from core.errors import not_found
from core.realtime import encode, hub
from operators.actions import mark_seen, set_status
from operators.models import Operator
from operators.queries import find_operator_for, list_operators, list_own_groups


class ConsoleConsumer(Consumer):
    """An operator in the console."""

    __slots__ = ("followed", "membership", "operator", "session_ends", "session_key", "visitors")
    ticket_kind = "console"

    membership: Membership
    operator: Operator
    session_ends: datetime
    followed: dict[str, ChatState]
    visitors: dict[str, int]

    async def enter(self, hello: Hello, claims: dict[str, Any]) -> None:
        self.followed, self.visitors = {}, {}
        self.session_key = claims["session"]
        membership = await self._read_membership(claims["membership"])
        self.membership, self.account = membership, membership.account
        if not can(membership, "chats.read"):
            raise Closed(4403, "no right")
        self.operator, operators, cards, cursor = await live.read(
            self.account, lambda: _read_start(membership, hello.cursor)
        )
        account_pk = self.membership.account_id
        for room in (f"user:{membership.user_id}", f"account:{account_pk}", f"operator:{self.operator.pk}"):
            hub.join(self.socket, room)
        self.socket.beat, self.socket.recheck = self.beat, self.recheck_now
        live.cursors[account_pk] = max(cursor, live.cursors.get(account_pk, 0))
        for chat in cards:
            if chat.operator_id == self.operator.pk and chat.state == Chat.State.OPEN:
                self._follow(chat)
        self.send(
            {
                "t": "ready", "v": 1, "now": frames.now_iso(), "cursor": cursor,
                "me": {"id": self.operator.pk, "name": self.operator.display_name, "status": self.operator.status,
                       "limit": self.operator.chat_limit,
                       "groups": None if can(membership, "chats.supervise") else self.operator.own_groups},
                "slower": hub.is_alone,
                "operators": [{"id": o.pk, "name": o.display_name, "status": o.status} for o in operators],
            }
        )  # fmt: skip
        self._send_board(cards, cursor)
        self._note_seen()
        desk.arrive(self)

    def _note_seen(self) -> None:
        assert self.account is not None
        operator = self.operator
        live.act_later(self.account, lambda: mark_seen(operator=operator))

    def leave(self) -> None:
        if self.account is None:
            return
        if hasattr(self, "operator"):
            self._note_seen()
            desk.depart(self)
        for state in self.followed.values():
            live.unfollow(state)
        lookers.leave(self.socket)

    async def recheck(self) -> None:
        membership = await self._read_membership(self.membership.pk)
        if not can(membership, "chats.read"):
            raise Closed(4403, "no right")
        self.membership, self.account = membership, membership.account

    async def _read_membership(self, pk: int) -> Membership:
        """The membership while session, person and address are good. Raises Closed."""
        session_key, address = self.session_key, self.address
        membership, is_allowed, ends = await live.read(None, lambda: _find_membership(pk, session_key, address))
        if membership is None or ends is None:
            raise Closed(4401, "signed out")
        self.session_ends = ends
        if not is_allowed:
            raise Closed(4403, "address")
        return membership

    def check_right(self, command: Any) -> None:
        if not can(self.membership, RIGHTS[type(command)]):
            raise not_found()

    def beat(self) -> str:
        if timezone.now() >= self.session_ends:
            hub.spawn(self.recheck_now())
        elif settings.REDIS_URL:  # a word from another process may be lost; within one process none is (goal G7)
            hub.spawn(self.recheck_when_silent())
        seqs = {state.public_id: state.seq for state in self.followed.values()}
        cursor = live.cursors.get(self.membership.account_id, 0)
        return encode({"t": "beat", "now": frames.now_iso(), "seqs": seqs, "cursor": cursor})

    # ---- the board ----
    def _send_board(self, cards: list[Chat], cursor: int) -> None:
        self.send(
            {
                "t": "board", "cursor": cursor,
                "cards": [
                    frames.card_of(chat, unread=chat.unread, online=live.is_present(chat.visitor_id))  # type: ignore[attr-defined]  # annotated
                    for chat in cards
                ],
                "gone": [str(chat.public_id) for chat in cards if chat.state == Chat.State.CLOSED],
            }
        )  # fmt: skip

    async def board(self, command: BoardSince) -> None:
        assert self.account is not None
        account = self.account
        cards, cursor = await live.read(account, lambda: queries.read_board(account, command.cursor))
        self._send_board(cards, cursor)

    # ---- chats ----
    def _follow(self, chat: Chat) -> ChatState:
        public_id = str(chat.public_id)
        state = self.followed.get(public_id)
        if state is None:
            state = self.followed[public_id] = live.follow(chat.pk, public_id, chat.last_seq)
            hub.join(self.socket, f"chat:{chat.pk}")
        self.visitors[public_id] = chat.visitor_id
        return state

    async def _find(self, public_id: UUID) -> Chat:
        membership = self.membership
        return await live.read(self.account, lambda: queries.find_chat_for(membership, public_id))

    async def _state(self, public_id: UUID) -> ChatState:
        known = self.followed.get(str(public_id))
        return known if known is not None else self._follow(await self._find(public_id))

    async def open(self, command: Open) -> None:
        chat = await self._find(command.chat)
        self._follow(chat)
        await self._send_since(chat.pk, str(chat.public_id), command.since)
        self.send({"t": "read", "chat": str(chat.public_id), "seq": chat.visitor_read_seq})

    async def leave_chat(self, command: Leave) -> None:
        state = self.followed.pop(str(command.chat), None)
        if state is not None:
            self.visitors.pop(state.public_id, None)
            hub.leave(self.socket, f"chat:{state.pk}")
            live.unfollow(state)

    async def since(self, command: OperatorSince) -> None:
        state = await self._state(command.chat)
        await self._send_since(state.pk, state.public_id, command.seq)

    async def _send_since(self, chat_pk: int, public_id: str, seq: int) -> None:
        lines = await live.read(self.account, lambda: queries.list_lines(chat_pk, seq, LINES_A_FRAME))
        self.send_lines(public_id, lines)

    async def accept(self, command: Accept) -> None:
        pk = (await self._find(command.chat)).pk if command.chat is not None else None
        operator = self.operator
        chat = await live.act(self.own_account, lambda: chats.accept_chat(operator=operator, chat_pk=pk))
        self._follow(chat)
        live.change_presence(chat.visitor_id, state=Chat.State.OPEN)
        card = frames.card_of(chat, online=live.is_present(chat.visitor_id))
        self.send({"t": "took", "card": card})

    async def message(self, command: OperatorMessage) -> None:
        text = self.check_message(command.text, has_file=command.file is not None)
        state = self.followed.get(str(command.chat)) or await self._state(command.chat)
        message = NewMessage(
            self.membership.account_id, state.pk, command.id, text, operator_pk=self.operator.pk,
            supervises=can(self.membership, "chats.supervise"),
        )  # fmt: skip
        self.post(state, message, self.operator.display_name, command.file)

    async def typing(self, command: OperatorTyping) -> None:
        state = await self._state(command.chat)
        holder = await self.find_holder(state)
        if holder is None or (holder != self.operator.pk and not can(self.membership, "chats.supervise")):
            return  # who may not write here does not seem to
        lookers.type(self.socket, command.on)
        frame = {"t": "typing", "chat": state.public_id, "on": command.on, "who": self.operator.display_name}
        hub.publish([f"visitor:{self.visitors[state.public_id]}"], encode(frame))

    async def read(self, command: OperatorRead) -> None:
        chat = await self._find(command.chat)
        if chat.operator_id != self.operator.pk:
            return  # looking on is not reading
        await live.act(self.own_account, lambda: chats.mark_read(chat_pk=chat.pk, seq=command.seq, by_visitor=False))

    async def close(self, command: Close) -> None:
        chat = await self._find(command.chat)
        operator, supervises = self.operator, can(self.membership, "chats.supervise")
        await live.act(
            self.own_account,
            lambda: chats.close_chat(
                chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=operator, supervises=supervises
            ),
        )
        live.change_presence(chat.visitor_id, chat=None, state="browsing")

    # ---- oneself ----
    async def status(self, command: Status) -> None:
        operator = self.operator
        await live.act(self.own_account, lambda: set_status(operator=operator, status=command.value))
        operator.status = command.value
        hub.publish([f"operator:{operator.pk}"], encode({"t": "set", "status": command.value}))

    def watch(self, command: Watch) -> None:
        account_pk = self.membership.account_id
        if command.on:
            hub.join(self.socket, f"watch:{account_pk}")
            self.socket.push(live.snapshot(account_pk))
        else:
            hub.leave(self.socket, f"watch:{account_pk}")

    handlers = {
        Open: open,
        Leave: leave_chat,
        Accept: accept,
        OperatorMessage: message,
        OperatorTyping: typing,
        OperatorRead: read,
        OperatorSince: since,
        Close: close,
        Status: status,
        Watch: watch,
        BoardSince: board,
    }  # the parts add theirs below


# what the role must allow for a command (accounts.roles)
RIGHTS: dict[type, str] = {
    Open: "chats.read",
    Leave: "chats.read",
    OperatorSince: "chats.read",
    BoardSince: "chats.read",
    Accept: "chats.answer",
    OperatorMessage: "chats.answer",
    OperatorTyping: "chats.answer",
    OperatorRead: "chats.answer",
    Close: "chats.answer",
    Status: "chats.answer",
    Watch: "visitors.see",
}


# what a feature adds to the console's socket: a module of its own with HANDLERS and RIGHTS
for part in PARTS:
    ConsoleConsumer.handlers |= part.HANDLERS
    RIGHTS |= part.RIGHTS
ConsoleConsumer.decoder = make_decoder(ConsoleConsumer.handlers)


def _find_membership(pk: int, session_key: str, address: str) -> tuple[Membership | None, bool, datetime | None]:
    """Who is behind a ticket while session and person are good, whether they may be here, and the session's end."""
    found = Membership.objects.select_related("account", "user").filter(pk=pk, user__is_active=True).first()
    session = Session.objects.filter(session_key=session_key, expire_date__gt=timezone.now()).first()
    if found is None or session is None:
        return None, False, None
    return found, may_come_in(found.account, address), session.expire_date


def _read_start(membership: Membership, cursor: int) -> tuple[Operator, Sequence[Operator], list[Chat], int]:
    account = membership.account
    operator = find_operator_for(membership)
    operator.own_groups = list_own_groups(operator)
    if cursor:
        cards, now = queries.read_board(account, cursor)
    else:
        now = queries.find_cursor(account)
        cards = queries.list_live_cards(account)
    return operator, list_operators(account), cards, now


async def console_socket(scope: Any, receive: Any, send: Any) -> None:
    """ASGI handler of `/ws/console/`."""
    await serve(ConsoleConsumer, scope, receive, send)
