"""The visitor's socket, `/ws/widget/`."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from chat import frames, queries
from chat.actions import chats, visitors
from chat.actions.messages import NewMessage
from chat.consumers.base import Closed, Consumer, serve
from chat.consumers.widget_parts import PARTS
from chat.live import ChatState, Presence, live
from chat.models import Chat, Visitor
from chat.protocol import (
    LINES_A_FRAME,
    MAX_TEXT,
    End,
    Hello,
    Page,
    Peek,
    Rate,
    Start,
    VisitorMessage,
    VisitorRead,
    VisitorSince,
    VisitorTyping,
    clean_address,
    clean_text,
    iso,
    make_decoder,
)
from core.errors import Refused, not_found
from core.limits import TooMany, count_use
from core.realtime import encode, hub
from operators.queries import list_answering

MAX_SOCKETS = 5


class WidgetConsumer(Consumer):
    """A visitor inside the widget's frame."""

    __slots__ = ("chat", "has_arrived", "peek", "visitor")
    here: ClassVar[dict[int, set["WidgetConsumer"]]] = {}  # visitor -> the sessions of this process
    ticket_kind = "widget"

    visitor: Visitor
    chat: ChatState | None

    async def enter(self, hello: Hello, claims: dict[str, Any]) -> None:
        self.chat, self.has_arrived = None, False
        found = await live.read(None, lambda: _find_visitor(claims["visitor"]))
        if found is None:
            raise Closed(4403, "gone")
        self.visitor, self.account = found, found.account
        self.peek = found.peek_allowed
        if len(hub.rooms.get(f"wsession:{found.pk}", ())) >= MAX_SOCKETS:
            raise Closed(4429, "too many sockets")
        hub.join(self.socket, f"wsession:{found.pk}")  # counted from here on; frames come once the first ones are out
        chat, lines, position, names = await live.read(self.account, lambda: _read_start(found, hello.since))
        hub.join(self.socket, f"visitor:{found.pk}")
        self.socket.beat = self.beat
        if chat is not None:
            self._follow(chat)
        self._arrive(chat)
        self.send(
            {
                "t": "ready", "v": 1, "now": frames.now_iso(), "peek": self.peek,
                "chat": frames.chat_for_visitor(chat, position) if chat else None,
                "open": bool(names) and not self.account.is_read_only(), "operators": names,
            }
        )  # fmt: skip
        if chat is not None:
            self.send_lines(str(chat.public_id), lines)

    def leave(self) -> None:
        if self.account is None:
            return
        if self.chat is not None:
            live.unfollow(self.chat)
        if self.has_arrived:
            others = self.here[self.visitor.pk]
            others.discard(self)
            if not others:
                del self.here[self.visitor.pk]
            live.depart(self.visitor.pk)

    async def recheck(self) -> None:
        found = await live.read(None, lambda: _find_visitor(self.visitor.pk))
        if found is None:
            raise Closed(4403, "gone")
        self.account = found.account

    def beat(self) -> str:
        seqs = {self.chat.public_id: self.chat.seq} if self.chat else {}
        return encode({"t": "beat", "now": frames.now_iso(), "seqs": seqs})

    # ---- presence ----
    def _arrive(self, chat: Chat | None) -> None:
        visitor = self.visitor
        self.has_arrived = True
        self.here.setdefault(visitor.pk, set()).add(self)
        live.arrive(
            visitor.pk,
            Presence(
                account_pk=visitor.account_id, visitor=str(visitor.public_id), name=visitor.shown_name,
                since=timezone.now(), visits=visitor.visits, browser=visitor.browser, system=visitor.system,
                referrer=urlsplit(visitor.referrer).hostname or "",
                page={"url": visitor.page_url, "title": visitor.page_title},
                chat=str(chat.public_id) if chat and chat.state != Chat.State.CLOSED else None,
                state=chat.state if chat and chat.state != Chat.State.CLOSED else "browsing",
            ),
        )  # fmt: skip

    def _follow(self, chat: Chat) -> None:
        if self.chat is None or self.chat.pk != chat.pk:
            if self.chat is not None:
                live.unfollow(self.chat)
            self.chat = live.follow(chat.pk, str(chat.public_id), chat.last_seq)

    async def _own(self) -> ChatState:
        """The visitor's chat; it may have been started through another socket of theirs."""
        if self.chat is None:
            visitor_pk = self.visitor.pk
            chat = await live.read(self.account, lambda: queries.find_live_chat(visitor_pk))
            if chat is None:
                raise not_found()
            self._follow(chat)
        assert self.chat is not None
        return self.chat

    # ---- commands ----
    async def start(self, command: Start) -> None:
        text = self.check_message(command.text)
        email = command.email.strip()
        if email:
            try:
                validate_email(email)
            except ValidationError as problem:
                raise Refused("bad_email", _("Enter an e-mail like pat@specimen.example")) from problem
        name = _line(command.name, 80)
        page_url, page_title = clean_address(command.page.url), _line(command.page.title, 200)
        await live.read(None, self._count_start)
        chat = await live.act(
            self.own_account,
            lambda: chats.start_chat(
                visitor=self.visitor, client_id=command.id, text=text, name=name, email=email[:254],
                page_url=page_url, page_title=page_title, adult=command.adult,
            ),
        )  # fmt: skip
        self._follow(chat)
        if name:
            self.visitor.name = name
        live.change_presence(self.visitor.pk, name=self.visitor.shown_name, chat=str(chat.public_id), state=chat.state)
        self.send(
            {
                "t": "ack",
                "id": str(command.id),
                "chat": str(chat.public_id),
                "seq": 1,
                "at": iso(chat.started_at),
            }
        )

    def _count_start(self) -> None:
        try:
            count_use("chat.starts", f"visitor:{self.visitor.pk}")
        except TooMany as many:
            sentence = _("You began many chats in a short time. Wait a few minutes.")
            raise Refused("limit", sentence, status=429) from many

    async def message(self, command: VisitorMessage) -> None:
        text = self.check_message(command.text)
        state = self.chat or await self._own()
        visitor = self.visitor
        self.post(
            state,
            NewMessage(visitor.account_id, state.pk, command.id, text, visitor_pk=visitor.pk),
            "",
        )

    async def typing(self, command: VisitorTyping) -> None:
        """A preview goes to the operator who has the chat, through memory only, and only while allowed (P14)."""
        state = await self._own()
        holder = await self.find_holder(state)
        if holder is None:
            return
        text = command.text[:MAX_TEXT] if self.peek and command.text else None
        live.tell_typing(holder, state.public_id, command.on and (bool(command.text) or not self.peek), text)

    async def set_peek(self, command: Peek) -> None:
        visitor_pk = self.visitor.pk
        await live.act(self.own_account, lambda: visitors.allow_peek(visitor_pk=visitor_pk, on=command.on))
        hub.control("peek", {"visitor": visitor_pk, "on": command.on})
        if self.chat is not None:
            holder = await self.find_holder(self.chat)
            if holder is not None:
                live.drop_typing(holder, self.chat.public_id)
        hub.publish([f"visitor:{visitor_pk}"], encode({"t": "set", "peek": command.on}))

    async def read(self, command: VisitorRead) -> None:
        state = await self._own()
        await live.act(self.own_account, lambda: chats.mark_read(chat_pk=state.pk, seq=command.seq, by_visitor=True))

    async def since(self, command: VisitorSince) -> None:
        state = await self._own()
        lines = await live.read(self.account, lambda: queries.list_lines(state.pk, command.seq, LINES_A_FRAME))
        self.send_lines(state.public_id, lines)

    async def page(self, command: Page) -> None:
        """Another page of the site; told only inside a live chat (P14)."""
        if self.chat is None:
            return
        visitor_pk = self.visitor.pk
        page = {"url": clean_address(command.url), "title": _line(command.title, 200)}
        if await live.act(self.own_account, lambda: visitors.see_page(visitor_pk=visitor_pk, **page)):
            live.change_presence(visitor_pk, page=page)

    async def end(self, command: End) -> None:
        state = await self._own()
        await live.act(self.own_account, lambda: chats.close_chat(chat_pk=state.pk, by=Chat.ClosedBy.VISITOR))
        live.change_presence(self.visitor.pk, chat=None, state="browsing")

    async def rate(self, command: Rate) -> None:
        state = await self._own()
        comment = clean_text(command.comment)
        await live.act(
            self.own_account, lambda: chats.rate_chat(chat_pk=state.pk, value=command.value, comment=comment)
        )

    handlers = {
        Start: start,
        VisitorMessage: message,
        VisitorTyping: typing,
        Peek: set_peek,
        VisitorRead: read,
        VisitorSince: since,
        Page: page,
        End: end,
        Rate: rate,
    }  # the parts add theirs below


for part in PARTS:
    WidgetConsumer.handlers |= part.HANDLERS
WidgetConsumer.decoder = make_decoder(WidgetConsumer.handlers)


def _hear_peek(ids: dict[str, Any]) -> None:
    """The preview was switched in one of the visitor's windows: every session obeys, whatever its window sends."""
    for session in WidgetConsumer.here.get(ids["visitor"], ()):
        session.peek = ids["on"]


hub.on_control("peek", _hear_peek)


def _line(text: str, length: int) -> str:
    """Text as it is stored in one line."""
    return " ".join(clean_text(text).split())[:length]


def _find_visitor(pk: int) -> Visitor | None:
    every = Visitor.objects.with_scopes_disabled()  # the ticket names the visitor, the visitor the account
    return every.select_related("account", "widget").filter(pk=pk).first()


def _read_start(visitor: Visitor, since: int) -> tuple[Chat | None, list[Any], int | None, list[str]]:
    chat = queries.find_live_chat(visitor.pk) or (queries.find_last_chat(visitor.pk) if since else None)
    lines = queries.list_lines(chat.pk, since, LINES_A_FRAME) if chat else []
    position = queries.find_position(chat) if chat and chat.state == Chat.State.WAITING else None
    names = [operator.display_name for operator in list_answering(visitor.account)]
    return chat, lines, position, names


async def widget_socket(scope: Any, receive: Any, send: Any) -> None:
    """ASGI handler of `/ws/widget/`."""
    await serve(WidgetConsumer, scope, receive, send)
