"""The frames of docs/protocol.md: commands as typed structs, and the objects that frames carry."""

import functools
import json
import operator
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

MAX_FRAME = 65_536  # bytes
MAX_TEXT = 10_000  # characters of one message
LINES_A_FRAME = 200
LINES_CHARACTERS = 100_000  # of the texts in one `lines` frame, so that it stays far below a socket's buffer
LONGEST_ID = 64  # characters of a client id that is said again in an answer

Seq = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]  # of a line; what no column can hold is no frame
Key = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]  # of a row, or a cursor


class Command(msgspec.Struct, tag_field="t"):
    """A frame from a client."""


class PageInfo(msgspec.Struct, frozen=True):
    url: str = ""
    title: str = ""
    referrer: str = ""


class Hello(Command, tag="hello"):
    ticket: str
    v: int = 1
    since: Seq = 0
    cursor: Key = 0


# ---- visitor ----
class Start(Command, tag="start"):
    id: UUID
    text: str
    name: str = ""
    email: str = ""
    adult: bool = False
    page: PageInfo = PageInfo()
    answers: dict[str, str] = {}  # question id -> answer, of the form before the chat
    group: Key | None = None
    mail: bool = False  # nobody is here: the answer goes by e-mail


class VisitorMessage(Command, tag="msg"):
    id: UUID
    text: str
    file: UUID | None = None  # of a file that is held for this message


class VisitorTyping(Command, tag="typing"):
    text: str = ""
    on: bool = True


class Peek(Command, tag="peek"):
    on: bool


class VisitorRead(Command, tag="read"):
    seq: Seq


class VisitorSince(Command, tag="since"):
    seq: Seq


class Page(Command, tag="page"):
    url: str
    title: str = ""


class End(Command, tag="end"):
    pass


class Rate(Command, tag="rate"):
    value: Literal["good", "bad"]
    comment: str = ""


# ---- operator ----
class Open(Command, tag="open"):
    chat: UUID
    since: Seq = 0


class Leave(Command, tag="leave"):
    chat: UUID


class Accept(Command, tag="accept"):
    chat: UUID | None = None


class OperatorMessage(Command, tag="msg"):
    chat: UUID
    id: UUID
    text: str
    file: UUID | None = None  # of a file that is held for this message


class OperatorTyping(Command, tag="typing"):
    chat: UUID
    on: bool = True


class OperatorRead(Command, tag="read"):
    chat: UUID
    seq: Seq


class OperatorSince(Command, tag="since"):
    chat: UUID
    seq: Seq


class Close(Command, tag="close"):
    chat: UUID


class Status(Command, tag="status"):
    value: Literal["accepting", "away", "offline"]


class Watch(Command, tag="watch"):
    on: bool


class BoardSince(Command, tag="board"):
    cursor: Key


def make_decoder(commands: Iterable[type[Command]]) -> "msgspec.json.Decoder[Any]":
    """The decoder of one door: `hello` and the commands that its consumers handle."""
    known = (Hello, *commands)
    return msgspec.json.Decoder(functools.reduce(operator.or_, known))


def command_names(decoder: "msgspec.json.Decoder[Any]") -> list[str]:
    """The `t` of every command that a decoder knows: the command registry that the fence test walks."""
    return sorted(struct.__struct_config__.tag for struct in decoder.type.__args__)


class BadFrame(Exception):
    """A frame that is not a command; `code` is `bad_frame` or `unknown_command`."""

    def __init__(self, code: str, message: str, client_id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.client_id = client_id


def decode(decoder: "msgspec.json.Decoder[Any]", text: str) -> Any:
    """The command in a frame. Raises BadFrame with a sentence that says what is wrong."""
    try:
        return decoder.decode(text)
    except (msgspec.ValidationError, UnicodeError) as problem:
        known = command_names(decoder)
        kind, client_id = _peek_at(text)
        if kind not in known:
            raise BadFrame("unknown_command", _("This command is not known."), client_id) from problem
        raise BadFrame(
            "bad_frame", _("This frame is not right: %(why)s") % {"why": str(problem)}, client_id
        ) from problem
    except (msgspec.DecodeError, RecursionError) as problem:
        raise BadFrame("bad_frame", _("This frame is not JSON.")) from problem


def _peek_at(text: str) -> tuple[Any, str | None]:
    """The type and client id of a frame that did not fit, as far as they can be read."""
    try:
        loose = json.loads(text)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(loose, dict):
        return None, None
    kind, client_id = loose.get("t"), loose.get("id")
    can_be_said = isinstance(client_id, str) and len(client_id) <= LONGEST_ID and client_id.isprintable()
    return kind if isinstance(kind, str) else None, client_id if can_be_said else None


# control characters but tab and new line, and the marks that turn the direction of what follows: dropped;
# U+2028 and U+2029 become new lines
_DROPPED: dict[int, str | None] = dict.fromkeys(
    [n for n in (*range(0x20), *range(0x7F, 0xA0)) if n not in (0x09, 0x0A)]
    + [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF]
)
_DROPPED.update({0x2028: "\n", 0x2029: "\n"})


def clean_text(text: str) -> str:
    """A message as it is stored: without control characters and direction overrides, ends trimmed."""
    if not text.isascii() or not text.isprintable():
        text = text.translate(_DROPPED)
    return text.strip()


def clean_address(text: str) -> str:
    """A page's address as it is stored: http and https only, readable, in one line; else empty."""
    text = "".join(clean_text(text).split())[:500]
    try:
        parts = urlsplit(text)
        return text if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:  # "http://["
        return ""


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def err(
    code: str, message: Any, *, client_id: Any = None, chat: Any = None, fields: dict[str, str] | None = None
) -> dict[str, Any]:
    """An `err` frame; `fields` holds a sentence for each field of a form that must be put right."""
    frame: dict[str, Any] = {"t": "err", "code": code, "message": str(message)}
    if fields:
        frame["fields"] = fields
    if client_id is not None:
        frame["id"] = str(client_id)
    if chat is not None:
        frame["chat"] = str(chat)
    return frame
