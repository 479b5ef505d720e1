"""Mail that arrives: what a handler gets, who handles it, and the address that leads an answer to its thread.

An app registers its handler in its own `inbound.py`. The token of an address says to which thread a mail belongs; who
stands in From: says nothing, because anybody can write it.
"""

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

from notifications.addresses import address_key

SIGNATURE = 10  # bytes: 80 bits, tried one mail at a time
KIND = re.compile(r"[a-z]{1,16}")
TOKEN = re.compile(r"([a-z]{1,16})([-.])([a-z2-7]{17,120})")
LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1


@dataclass(frozen=True)
class InboundFile:
    """One file of a mail. `content_type` is what the sender said; who stores the file judges it by its bytes."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class InboundMail:
    """One mail as a handler gets it, without what was quoted and signed below.

    `message_id`, `in_reply_to` and each of `references` have the form "<left@right>" ("" when absent). `sender` is the
    address in From:, which proves nothing. `token` is that of one of the addresses it was sent to, checked; None: it
    went to the plain address. `is_automatic`: a machine wrote it, or it comes faster than people write: no mail may
    be sent because of it but by a person. `is_auto_reply`: nobody wrote it (a vacation notice, a bounce);
    `is_fast`: only its pace speaks for a machine. `left_out`: how many files were too many or too large. `key` (64
    hex digits) is the same however often the mail comes, and of no other mail.
    """

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    sender: str
    sender_name: str
    subject: str
    text: str
    files: list[InboundFile] = field(default_factory=list)
    token: str | None = None
    is_automatic: bool = False
    is_auto_reply: bool = False
    is_fast: bool = False
    left_out: int = 0
    key: str = ""


class NotYet(Exception):
    """Another process is at this mail: ask again in a while."""


# True: the mail is taken, and nobody else is asked. A handler stands outside of any transaction; after a crash it is
# asked a second time for the same mail, which it knows by its key.
Handler = Callable[[InboundMail], bool]
_handlers: dict[str, Handler] = {}


def register_inbound(name: str, handler: Handler) -> None:
    """Adds a handler; they are asked in the order of their names. Raises ValueError when the name is taken."""
    if name in _handlers:
        raise ValueError(f"{name} handles mail already")
    _handlers[name] = handler


def list_handlers() -> list[Handler]:
    """The handlers in the order in which they are asked."""
    return [_handlers[name] for name in sorted(_handlers)]


def can_answer_by_mail() -> bool:
    """Whether mail reaches this site at all (INBOUND_ADDRESS): else a mail says that one answers on the page."""
    return bool(settings.INBOUND_ADDRESS)


def make_reply_token(kind: str, key: str) -> str:
    """The word in an address: small letters and digits only, because mail servers may change the case.

    `kind` is 1 to 16 small letters. A `key` that is a UUID takes 42 signs, any other text 8/5 of its bytes and 16.
    Raises ValueError for another kind, and for a key that makes an address longer than mail servers take.
    """
    if not KIND.fullmatch(kind):
        raise ValueError("a kind is 1 to 16 small letters")
    mark, body = "-", _uuid_bytes(key)
    if body is None:
        mark, body = ".", key.encode()
    token = f"{kind}{mark}{_base32(body + _sign(kind, mark, body))}"
    if len(token) > LONGEST_LOCAL_PART - 2 or not body:
        raise ValueError("this key makes no address")
    return token


def reply_address(kind: str, key: str) -> str:
    """The address "support+TOKEN@domain" whose mails lead to this thread. It does not expire; see `make_reply_token`.

    Raises ValueError when the part before the @ would be longer than 64 characters.
    """
    local, _at, domain = (settings.INBOUND_ADDRESS or settings.SUPPORT_EMAIL).rpartition("@")
    named = f"{local}+{make_reply_token(kind, key)}"
    if len(named) > LONGEST_LOCAL_PART:
        raise ValueError("the name of INBOUND_ADDRESS is too long to carry a token")
    return f"{named}@{domain}"


def read_token(token: str) -> tuple[str, str] | None:
    """The (kind, key) of a token, whatever its case; None for one that we did not make."""
    match = TOKEN.fullmatch(token.strip().lower())
    if match is None:
        return None
    kind, mark, text = match.groups()
    try:
        raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        return None
    body, signature = raw[:-SIGNATURE], raw[-SIGNATURE:]
    if not body or not hmac.compare_digest(signature, _sign(kind, mark, body)) or _base32(raw) != text:
        return None
    if mark == "-":
        return kind, str(uuid.UUID(bytes=body))
    return kind, body.decode()


def _uuid_bytes(key: str) -> bytes | None:
    """The 16 bytes of a UUID in its usual form, None for other text."""
    try:
        read = uuid.UUID(key)
    except ValueError:
        return None
    return read.bytes if str(read) == key else None


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _sign(kind: str, mark: str, body: bytes) -> bytes:
    """Under the address key, which is never rotated: an answer to an old mail still finds its thread."""
    words = f"notifications.reply:{kind}{mark}".encode() + body
    return hmac.new(address_key().encode(), words, hashlib.sha256).digest()[:SIGNATURE]


# ---- "unsubscribe" by mail (S56) ----------------------------------------------------------------------------
UNSUBSCRIBE = re.compile(r"\bunsubscribe\b", re.IGNORECASE)
SHORT = 200  # characters: in a longer text the word may mean something else, then only the subject counts
ONLY_THE_WORD = 40  # characters beside it: what is longer is read by a person too


def stop_mails(mail: InboundMail) -> bool:
    """Stops every optional mail to a sender who writes "unsubscribe"; True where that was all that was written.

    What else was written goes on to the next handler, and so does a mail of somebody to whom nothing optional goes.
    """
    from notifications.actions import unsubscribe_sender  # which reads mails with the words of this module

    is_asked = UNSUBSCRIBE.search(mail.subject) or (len(mail.text) <= SHORT and UNSUBSCRIBE.search(mail.text))
    if mail.is_auto_reply or not is_asked or not unsubscribe_sender(email=mail.sender):
        return False
    return len(UNSUBSCRIBE.sub("", mail.text).strip()) <= ONLY_THE_WORD


register_inbound("notifications", stop_mails)
