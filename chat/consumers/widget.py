"""The visitor's socket, `/ws/widget/`."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat import queries
from chat.actions import chats, visitors
from chat.actions.leaving import plan_letting_go
from chat.actions.mailing import plan_answer
from chat.actions.messages import NewMessage
from chat.consumers.base import Closed, Consumer, serve
from chat.consumers.widget_parts import PARTS, facts
from chat.desk.blocks import blocked, is_blocked, network_of
from chat.models import KNOWN, Chat, ChatSettings, Visitor
from chat.queue import line
from chat.realtime import frames
from chat.realtime.live import ChatState, Presence, live
from chat.realtime.lookers import lookers
from chat.realtime.protocol import (
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
from chat.window import prechat
from chat.window.seen import with_consent
from core.errors import Refused, not_found
from core.limits import TooMany, count_use
from core.realtime import LAST_FRAME_SECONDS, encode, hub
from core.redaction import mask_secrets
from operators.queries import Opening, find_opening

MAX_SOCKETS = 5
ELSEWHERE_SECONDS = 2.0  # in which another process says that the visitor has a window open there


class WidgetConsumer(Consumer):
    """A visitor inside the widget's frame."""

    __slots__ = ("chat", "has_arrived", "peek", "peek_on", "visitor")
    here: ClassVar[dict[int, set["WidgetConsumer"]]] = {}  # visitor -> the sessions of this process
    ticket_kind = "widget"

    visitor: Visitor
    chat: ChatState | None

    async def enter(self, hello: Hello, claims: dict[str, Any]) -> None:
        self.chat, self.has_arrived = None, False
        found = await live.read(None, lambda: _find_visitor(claims["visitor"], self.address))
        if found is None:
            raise Closed(4403, "gone")
        self.visitor, self.account = found, found.account
        self.language = found.language or "en"
        translation.activate(self.language)  # of this session's task: what we refuse is said in the visitor's words
        if len(hub.rooms.get(f"wsession:{found.pk}", ())) >= MAX_SOCKETS:
            raise Closed(4429, "too many sockets")
        for room in (f"widget:{found.widget_id}", f"visitors:{found.account_id}"):  # closed with the website or account
            hub.join(self.socket, room)
        hub.join(self.socket, f"wsession:{found.pk}")  # counted from here on; frames come once the first ones are out
        chat, lines, place, opening, rules = await live.read(
            self.account, lambda: _read_start(found, hello.since, claims)
        )
        self._obey(rules)
        hub.join(self.socket, f"visitor:{found.pk}")
        self.socket.beat = self.beat
        if chat is not None:
            self._follow(chat)
        self._arrive(chat)
        self.send(
            {
                "t": "ready", "v": 1, "now": frames.now_iso(), "peek": self.peek, "peek_on": self.peek_on,
                "seen": found.seen_allowed, "listed": found.is_listed,  # type: ignore[attr-defined]  # annotated
                "me": {"name": found.name, "email": found.email},
                "chat": frames.chat_for_visitor(chat, *place) if chat else None,
                "open": opening.is_open and not self.account.is_read_only(),
                "opens_at": iso(opening.opens_at) if opening.opens_at else None,
                "operators": [operator.display_name for operator in opening.answering],
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
            if self.chat is not None and not live.is_present(self.visitor.pk):
                chat_pk = self.chat.pk
                live.act_later(self.own_account, lambda: plan_answer(chat_pk=chat_pk, has_left=True))
                if hub.loop is not None:
                    hub.loop.call_later(ELSEWHERE_SECONDS, self._left_waiting, chat_pk)

    def _left_waiting(self, chat_pk: int) -> None:
        """No other process has said meanwhile that the visitor has another window open."""
        if not live.is_present(self.visitor.pk):
            live.act_later(self.own_account, lambda: plan_letting_go(chat_pk=chat_pk))

    async def recheck(self) -> None:
        found = await live.read(None, lambda: _find_visitor(self.visitor.pk, self.address))
        if found is None:
            raise Closed(4403, "gone")
        self.account = found.account
        before = self.peek_on
        self._obey(await live.read(found.account, lambda: queries.find_chat_settings(found.account)))
        if before != self.peek_on:
            self.send({"t": "set", "peek": self.peek, "peek_on": self.peek_on})

    def _obey(self, rules: ChatSettings) -> None:
        """What the account set for every visitor: whether typing is ever shown (P14), and who is named."""
        self.peek_on = rules.peek_on
        self.peek = rules.peek_on and self.visitor.peek_allowed
        company = self.own_account.company
        hides = not rules.show_operators
        self.socket.mask = (lambda frame: frames.hide_operators(frame, company)) if hides else None

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
                hidden=not visitor.seen_allowed, listed=visitor.is_listed,  # type: ignore[attr-defined]  # annotated
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
        form = prechat.read_form(self.visitor.widget.form)
        filled = prechat.check_filled(
            form, name=command.name, email=command.email or (self.visitor.email if command.mail else ""),
            answers=command.answers, by_mail=command.mail,
        )  # fmt: skip
        name = filled.name
        page_url, page_title = clean_address(command.page.url), _line(command.page.title, 200)
        await live.read(None, self._count_start)
        chat = await live.act(
            self.own_account,
            lambda: chats.start_chat(
                visitor=self.visitor, client_id=command.id, text=text, name=name, email=filled.email,
                page_url=page_url, page_title=page_title, adult=command.adult, answers=filled.answers,
                by_mail=command.mail, group_id=command.group,
            ),
        )  # fmt: skip
        self.visitor.email = filled.email or self.visitor.email
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
        if is_blocked(self.own_account, self.visitor.pk, self.address):
            raise blocked()
        try:
            count_use("chat.starts", f"visitor:{self.visitor.pk}")
        except TooMany as many:
            sentence = _("You began many chats in a short time. Wait a few minutes.")
            raise Refused("limit", sentence, status=429) from many

    async def message(self, command: VisitorMessage) -> None:
        text = self.check_message(command.text, has_file=command.file is not None)
        state = self.chat or await self._own()
        visitor = self.visitor
        self.post(
            state,
            NewMessage(visitor.account_id, state.pk, command.id, text, visitor_pk=visitor.pk),
            "",
            command.file,
        )

    async def typing(self, command: VisitorTyping) -> None:
        """A preview goes to who has the chat and who supervises it, through memory only, while allowed (P14)."""
        state = await self._own()
        holder = await self.find_holder(state)
        if holder is None:
            return
        text = mask_secrets(clean_text(command.text[:MAX_TEXT])) if self.peek and command.text else None
        is_on = command.on and (bool(command.text) or not self.peek)
        for operator_pk in {holder, *lookers.list_leaders(state.pk)}:  # who supervises sees what the holder sees
            live.tell_typing(operator_pk, state.public_id, is_on, text)

    async def set_peek(self, command: Peek) -> None:
        visitor_pk = self.visitor.pk
        await live.act(self.own_account, lambda: visitors.allow_peek(visitor_pk=visitor_pk, on=command.on))
        hub.control("peek", {"visitor": visitor_pk, "on": command.on})
        if self.chat is not None:
            holder = await self.find_holder(self.chat)
            for operator_pk in {holder or 0, *lookers.list_leaders(self.chat.pk)}:
                live.drop_typing(operator_pk, self.chat.public_id)
        hub.publish([f"visitor:{visitor_pk}"], encode({"t": "set", "peek": command.on}))

    async def read(self, command: VisitorRead) -> None:
        state = await self._own()
        await live.act(self.own_account, lambda: chats.mark_read(chat_pk=state.pk, seq=command.seq, by_visitor=True))

    async def since(self, command: VisitorSince) -> None:
        state = await self._own()
        lines = await live.read(self.account, lambda: queries.list_lines(state.pk, command.seq, LINES_A_FRAME))
        self.send_lines(state.public_id, lines)

    async def page(self, command: Page) -> None:
        """Another page of the site; told only inside a live chat, or after a yes to being seen (P14)."""
        visitor_pk = self.visitor.pk
        here = live.presence.get(visitor_pk)
        if here is None or here.hidden or (self.chat is None and not here.listed):
            return
        page = {"url": clean_address(command.url), "title": _line(command.title, 200)}
        has_chat = self.chat is not None
        if has_chat:
            has_chat = await live.act(self.own_account, lambda: visitors.see_page(visitor_pk=visitor_pk, **page))
            await facts.see_page(self, page["url"])
        if has_chat or here.listed:
            live.change_presence(visitor_pk, page=page)  # memory only (G8)

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
        session.visitor.peek_allowed = ids["on"]
        session.peek = ids["on"] and session.peek_on


hub.on_control("peek", _hear_peek)


def _line(text: str, length: int) -> str:
    """Text as it is stored in one line."""
    return " ".join(clean_text(text).split())[:length]


def _hear_blocked(ids: dict[str, Any]) -> None:
    """An operator blocked a visitor or an address: their sessions end, a moment later than the chat's last frame."""

    def close() -> None:
        for session in sessions:
            session.socket.close(4403, "blocked")

    every = [session for group in WidgetConsumer.here.values() for session in group]
    own = [session for session in every if session.account is not None and session.account.pk == ids["account"]]
    network = ids["network"]
    sessions = [
        one for one in own if one.visitor.pk == ids["visitor"] or (network and network_of(one.address) == network)
    ]
    if sessions and hub.loop is not None:
        hub.loop.call_later(LAST_FRAME_SECONDS, close)


hub.on_control("blocked", _hear_blocked)


def _find_visitor(pk: int, address: str) -> Visitor | None:
    """The visitor of a ticket. Raises Closed for who is blocked."""
    every = Visitor.objects.with_scopes_disabled()  # the ticket names the visitor, the visitor the account
    here = every.filter(KNOWN, pk=pk, widget__removed_at=None)
    found = with_consent(here).select_related("account", "widget").first()
    if found is not None and is_blocked(found.account, found.pk, address):
        raise Closed(4403, "blocked")
    return found


def _read_start(
    visitor: Visitor, since: int, claims: dict[str, Any]
) -> tuple[Chat | None, list[Any], tuple[int | None, int | None], Opening, ChatSettings]:
    chat = queries.find_live_chat(visitor.pk)
    if chat is None and (since or "again" in claims):
        chat = queries.find_last_chat(visitor.pk)
    lines = queries.list_lines(chat.pk, since, LINES_A_FRAME) if chat else []
    place = line.find_place(chat) if chat else (None, None)
    opening = find_opening(visitor.account, visitor.widget.group_id)
    return chat, lines, place, opening, queries.find_chat_settings(visitor.account)


async def widget_socket(scope: Any, receive: Any, send: Any) -> None:
    """ASGI handler of `/ws/widget/`."""
    await serve(WidgetConsumer, scope, receive, send)
