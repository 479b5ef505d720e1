"""What both socket doors share: handshake, ticket, limits, the loop over commands, errors as frames."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import structlog
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Account
from chat.actions.files import Sent, post_file
from chat.actions.mailing import plan_answer
from chat.actions.messages import NewMessage, Posted
from chat.models import Chat
from chat.realtime import frames
from chat.realtime.clock import clock
from chat.realtime.live import ChatState, live
from chat.realtime.protocol import (
    LINES_A_FRAME,
    LINES_CHARACTERS,
    MAX_TEXT,
    BadFrame,
    Hello,
    clean_text,
    decode,
    err,
    iso,
)
from core.client_address import scope_address
from core.errors import Refused
from core.limits import LIMITS
from core.realtime import BEAT_SECONDS, Socket, encode, hub
from core.tickets import redeem_ticket

log = structlog.get_logger(__name__)

HELLO_SECONDS = 10
WINDOW_SECONDS = 10.0
RECHECK_SECONDS = 60.0
MAX_HOLDERS = 50_000

# chat -> (operator who has it, at which seq that was read): joining and leaving are numbered lines, so a changed
# holder always comes with another seq
HOLDERS: dict[int, tuple[int | None, int]] = {}


class Closed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Consumer:
    """One socket's session. Subclasses name their decoder, ticket kind and a handler per command type."""

    __slots__ = (
        "_frames", "_messages", "_window", "account", "address", "checked_at", "language", "receive", "socket",
    )  # fmt: skip
    decoder: ClassVar[msgspec.json.Decoder[Any]]
    ticket_kind: ClassVar[str]
    handlers: ClassVar[dict[type, Callable[[Any, Any], Awaitable[None] | None]]]

    def __init__(self, receive: Callable[[], Awaitable[Any]], socket: Socket, address: str = "") -> None:
        self.receive = receive
        self.address = address  # of the person at the other end
        self.socket = socket
        self.account: Account | None = None
        self.language = "en"  # in which refusals are said
        self.checked_at = time.monotonic()
        self._window = 0.0
        self._frames = 0
        self._messages = 0

    @property
    def own_account(self) -> Account:
        """The account of who signed in."""
        assert self.account is not None
        return self.account

    # ---- to be filled ----
    async def enter(self, hello: Hello, claims: dict[str, Any]) -> None:
        """Signs in, joins rooms, answers `ready`. Raises Closed."""
        raise NotImplementedError

    def leave(self) -> None:
        """Gives back what the session held."""
        raise NotImplementedError

    async def recheck(self) -> None:
        """Reads the right to be here again. Raises Closed."""
        raise NotImplementedError

    async def recheck_now(self) -> None:
        """Rechecks outside of a command: who may come in has changed."""
        self.checked_at = -RECHECK_SECONDS
        await self.recheck_when_silent()

    def check_right(self, command: Any) -> None:
        """Whether the role allows the command. Raises Refused `not_found`."""

    async def recheck_when_silent(self) -> None:
        """The same as `recheck` for who sends nothing: a hint to close the socket may have been lost."""
        if time.monotonic() - self.checked_at <= RECHECK_SECONDS - BEAT_SECONDS:
            return
        try:
            self.checked_at = time.monotonic()
            await self.recheck()
        except Closed as closed:
            self.socket.close(closed.code, closed.reason)
        except Refused:
            self.checked_at = 0.0  # the database is away: at the next beat

    # ---- the loop ----
    async def run(self) -> None:
        try:
            hello, claims = await self._greet()
            hub.add(self.socket)
            await self.enter(hello, claims)
            while not self.socket.closed:
                event = await self.receive()
                if event["type"] == "websocket.disconnect":
                    break
                await self._handle(event.get("text"))
        except Closed as closed:
            self.socket.close(closed.code, closed.reason)
        except Refused as refusal:  # while entering: the database is away, or what the ticket names is gone
            if refusal.code == "not_found":
                self.socket.close(4403, "gone")
            else:
                self.close_for_now()
        except Exception:  # noqa: BLE001  a door: the other side is told to come back
            log.exception("socket.failed")
            self.close_for_now()
        finally:
            self.socket.closed = True
            hub.leave_all(self.socket)
            self.leave()
            if self.socket.closing is not None:
                await self.socket.closing  # the close frame with its code leaves before the handler ends

    def close_for_now(self) -> None:
        """Ends the session with a spread time to return."""
        self.socket.close(1012, encode({"in": round(random.uniform(2, 10), 1)}))  # noqa: S311  jitter

    async def _greet(self) -> tuple[Hello, dict[str, Any]]:
        try:
            event = await asyncio.wait_for(self.receive(), HELLO_SECONDS)
        except TimeoutError:
            raise Closed(4401, "no hello") from None
        if event["type"] != "websocket.receive":
            raise Closed(1000)
        try:
            hello = decode(self.decoder, event.get("text") or "")
        except BadFrame as bad:
            raise Closed(4401, bad.code) from None
        if not isinstance(hello, Hello):
            raise Closed(4401, "hello first")
        claims = await asyncio.get_running_loop().run_in_executor(
            live.readers, redeem_ticket, self.ticket_kind, hello.ticket
        )
        if claims is None:
            raise Closed(4401, "ticket")
        return hello, claims

    async def _handle(self, text: str | None) -> None:
        self._count_frame()
        command: Any = None
        try:
            if text is None:
                raise BadFrame("bad_frame", _("Frames are text."))
            command = decode(self.decoder, text)
            if time.monotonic() - self.checked_at > RECHECK_SECONDS:
                self.checked_at = time.monotonic()
                await self.recheck()
            handler = self.handlers.get(type(command))
            if handler is None:
                raise BadFrame("bad_frame", _("Say hello once."))
            self.check_right(command)
            result = handler(self, command)
            if result is not None:
                await result
        except BadFrame as bad:
            self.send(err(bad.code, bad.message, client_id=bad.client_id))
        except Refused as refusal:
            self.refuse(command, refusal)
        except Closed:
            raise
        except Exception:  # noqa: BLE001  a door: one broken command must not end the session
            log.exception("socket.command_failed", command=type(command).__name__)
            self.send(err("busy", _("Something went wrong here. Try again."), client_id=getattr(command, "id", None)))

    def _count_frame(self) -> None:
        now = time.monotonic()
        if now - self._window > WINDOW_SECONDS:
            self._window, self._frames, self._messages = now, 0, 0
        self._frames += 1
        if self._frames > LIMITS["socket.frames"].count * settings.SOCKET_LIMIT_FACTOR:
            raise Closed(4429, "too many frames")

    # ---- answers ----
    def send(self, frame: dict[str, Any]) -> None:
        self.socket.push(encode(frame))

    def refuse(self, command: Any, refusal: Refused) -> None:
        self.send(
            err(
                refusal.code,
                refusal.message,
                client_id=getattr(command, "id", None),
                chat=getattr(command, "chat", None),
                fields=getattr(refusal, "fields", None),
            )
        )

    def send_lines(self, chat_public_id: str, lines: list[Any]) -> None:
        """A `lines` frame with as many of the lines as fit; `done` says whether that was all there is."""
        fitting, size = 0, 0
        for message in lines:
            size += len(message.text)
            if fitting and size > LINES_CHARACTERS:
                break
            fitting += 1
        done = fitting == len(lines) and len(lines) < LINES_A_FRAME
        shown = [frames.line_of(message) for message in lines[:fitting]]
        self.send({"t": "lines", "chat": chat_public_id, "lines": shown, "done": done})

    async def find_holder(self, state: ChatState) -> int | None:
        """The operator who has the chat now, while it is open."""
        known = HOLDERS.get(state.pk)
        if known is None or known[1] != state.seq:
            seq = state.seq
            holder = await live.read(self.account, lambda: _holder_of(state.pk))
            if len(HOLDERS) > MAX_HOLDERS:
                HOLDERS.clear()
            known = HOLDERS[state.pk] = (holder, seq)
        return known[0]

    # ---- messages: the hot path ----
    def check_message(self, text: str, *, has_file: bool = False) -> str:
        """The text as it will be stored. Raises Refused: `rate`, `empty`, `too_long`, `read_only`."""
        self._messages += 1
        if self._messages > LIMITS["chat.messages"].count * settings.SOCKET_LIMIT_FACTOR:
            raise Refused("rate", _("That was very fast. Wait a few seconds, then send it again."), status=429)
        if len(text) > MAX_TEXT:
            raise Refused("too_long", _("A message can have 10,000 characters. Shorten it or send it in parts."))
        text = clean_text(text)
        if not text and not has_file:
            raise Refused("empty", _("Write something first."))
        if self.own_account.is_read_only():
            raise Refused("read_only", _("This chat is closed. The company's trial has ended."), status=403)
        return text

    def post(self, state: ChatState, message: NewMessage, who: str, file: UUID | None = None) -> None:
        """Hands a message to the writer; ack, then fan-out, follow the commit. `file` is one that is held for it."""
        written = message.text

        def done(result: Posted | Sent | None, error: Exception | None) -> None:
            posted, shown = (result.posted, result.file) if isinstance(result, Sent) else (result, None)
            if posted is None:
                code, sentence = ("busy", _("We could not save this now. We keep trying."))
                if isinstance(error, Refused):
                    with translation.override(self.language):
                        code, sentence = error.code, str(error.message)
                self.send(err(code, sentence, client_id=message.client_id, chat=state.public_id))
                return
            state.seq = max(state.seq, posted.seq)
            masked = _part("text", message.text) if message.text != written else ""
            self.socket.push(
                f'{{"t":"ack","id":"{message.client_id}","chat":"{state.public_id}","seq":{posted.seq},'
                f'"at":"{iso(posted.at)}"{_part("file", shown)}{masked}}}'
            )
            if posted.is_new:
                self._fan_out(state, message, posted, who, shown)
                if message.operator_pk is not None and not live.is_present(posted.visitor_pk):
                    live.act_later(self.own_account, lambda: plan_answer(chat_pk=posted.chat_pk))
                elif message.operator_pk is None and posted.operator_pk is not None:
                    clock.expect(posted.operator_pk)  # memory only: is who has the chat here?

        if file is not None:
            live.hand(self.own_account, lambda: post_file(message=message, file_id=file), done)
        elif not live.post(message, done):
            raise Refused("busy", _("There is too much to do right now. We keep trying."), status=503)

    def _fan_out(
        self, state: ChatState, message: NewMessage, posted: Posted, who: str, file: dict[str, Any] | None
    ) -> None:
        by = "visitor" if message.operator_pk is None else "operator"
        line = frames.line(posted.seq, message.client_id, by, message.text, posted.at, who=who, op=message.operator_pk)
        if file is not None:
            line["file"] = file
        rooms = frames.rooms_for(posted.chat_pk, posted.account_pk, posted.visitor_pk, posted.operator_pk, posted.state)
        hub.publish(
            rooms,
            encode({"t": "msg", "chat": state.public_id, "line": line}),
            self.socket,
            {"chat": posted.chat_pk, "seq": posted.seq},
        )


def _part(name: str, value: Any) -> str:
    return f',"{name}":{encode(value)}' if value is not None else ""


def _holder_of(chat_pk: int) -> int | None:
    return Chat.objects.filter(pk=chat_pk, state=Chat.State.OPEN).values_list("operator_id", flat=True).first()


async def serve(consumer: type[Consumer], scope: Any, receive: Any, send: Any) -> None:
    """The ASGI handler: refuses foreign origins at the handshake, then runs one session."""
    await receive()  # websocket.connect
    headers = dict(scope["headers"])
    if headers.get(b"origin", b"").decode("latin-1") != settings.PUBLIC_ORIGIN:
        await send({"type": "websocket.close", "code": 4403})
        return
    await send({"type": "websocket.accept"})
    await consumer(receive, Socket(send), scope_address(scope)).run()
