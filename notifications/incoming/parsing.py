"""A mail's bytes to what a handler gets.

The standard library splits the mail; headers are read by our own few lines, because its reader of structured headers
(`policy.default`) takes time with the square of a header's length and breaks on some (SAFETY: mail headers).
"""

import binascii
import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from hashlib import sha256
from typing import Any

from django.conf import settings

from notifications.inbound import InboundFile, InboundMail, read_token
from notifications.incoming import loops
from notifications.incoming.cutting import cut
from notifications.incoming.pages import page_text
from notifications.incoming.words import addresses, clean, decode_bytes, header_text, message_ids, one_line, unfold

LARGEST_MAIL = 36 * 1024 * 1024  # bytes as they travel: 25 MB of files grow by a third
MOST_HEADERS = 400
MOST_PARTS = 200
MOST_DEPTH = 20
MOST_FILES = 10
LARGEST_FILES = 25 * 1024 * 1024  # bytes of all files of one mail together
LONGEST_TEXT = 50_000  # signs, as everywhere where people write to us
LONGEST_SUBJECT = 200
LOGO = 12_000  # bytes up to which a picture that a page shows is taken for decoration
# parts that programs add for programs
SILENT = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
TO_US = ("delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "to", "cc", "resent-to")
PLUS = re.compile(r"[^+@]+\+([^@]+)@.+")


class BadMail(ValueError):
    """Bytes that are no mail: no sender, too large, or broken beyond reading."""


@dataclass(frozen=True)
class ReadMail:
    """A mail, and whether this site wrote it."""

    mail: InboundMail
    is_own: bool


@dataclass
class _Found:
    """What the parts of a mail held."""

    plain: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    files: list[InboundFile] = field(default_factory=list)
    size: int = 0
    left_out: int = 0


def read_mail(raw: bytes, *, recipients: Sequence[str] = ()) -> ReadMail:
    """Reads a mail. `recipients` are the addresses of the envelope, where the mail server told them.

    Raises BadMail.
    """
    if len(raw) > LARGEST_MAIL:
        raise BadMail("too large")
    raw = _without_mbox_line(raw)
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        headers = _headers(message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:  # of the standard library
        raise BadMail(type(error).__name__) from error
    senders = addresses(headers.get("from", [])[:1]) or addresses(headers.get("sender", [])[:1])
    if not senders:
        raise BadMail("no sender")
    name, sender = senders[0]
    message_id = next(iter(message_ids(" ".join(headers.get("message-id", [])[:1]))), "")
    subject = header_text(next(iter(headers.get("subject", [])), ""), LONGEST_SUBJECT)
    found, kind = _parts(message), _content_type(message)
    mail = InboundMail(
        message_id=message_id,
        in_reply_to=next(iter(message_ids(" ".join(headers.get("in-reply-to", [])[:1]))), ""),
        references=tuple(message_ids(" ".join(headers.get("references", [])[:1]))),
        sender=sender,
        sender_name=name if name.lower() != sender else "",
        subject=subject,
        text=_text(found),
        files=found.files,
        token=find_token(recipients, headers),
        is_automatic=loops.is_automatic(headers, sender=sender, subject=subject, content_type=kind),
        is_auto_reply=loops.is_auto_reply(headers, sender=sender, subject=subject, content_type=kind),
        left_out=found.left_out,
        key=_digest(raw, message_id, sender),
    )
    return ReadMail(mail, loops.is_own(sender=sender, message_id=message_id))


def find_token(recipients: Sequence[str], headers: dict[str, list[str]]) -> str | None:
    """The first token of ours in the addresses that the mail was sent to."""
    values = [value for name in TO_US for value in headers.get(name, ())[:20]]
    for address in [*recipients, *(address for _name, address in addresses(values))]:
        match = PLUS.fullmatch(address.strip().lower())
        if match and read_token(match[1]) is not None:
            return match[1]
    return None


def _without_mbox_line(raw: bytes) -> bytes:
    """Without the line "From ada@... Mon ..." that some pipes put first, and without empty lines above the headers."""
    raw = raw.lstrip(b"\r\n")
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def _digest(raw: bytes, message_id: str, sender: str) -> str:
    """One name for a mail however often and by whichever way it comes: the way stands in the headers only."""
    end = re.search(rb"\r?\n\r?\n", raw)
    body = raw[end.end() :].replace(b"\r\n", b"\n").strip() if end else b""
    return sha256(b"\x00".join([message_id.encode(), sender.encode(), sha256(body).digest()])).hexdigest()


def _headers(message: Message) -> dict[str, list[str]]:
    """Header values by small name, as they stand, with raw bytes kept as the parser keeps them."""
    found: dict[str, list[str]] = {}
    for name, value in list(message.raw_items())[:MOST_HEADERS]:
        found.setdefault(str(name).lower(), []).append(str(value))
    return found


# ---- parts ------------------------------------------------------------------------------------------------
def _parts(message: Message) -> _Found:
    found = _Found()
    for part in _leaves(message):
        _sort(part, found)
    return found


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something; of alternatives the plain text, where it says anything, else the page."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    seen = 0
    while waiting and seen < MOST_PARTS:
        part, depth = waiting.pop()
        seen += 1
        kind, inside = _content_type(part), part.get_payload()
        if not isinstance(inside, list) or kind.startswith("message/") or depth >= MOST_DEPTH:
            yield part
            continue
        children: list[Any] = [child for child in inside[:MOST_PARTS] if isinstance(child, Message)]
        if kind == "multipart/alternative":
            children = _choose(children)
        waiting += [(child, depth + 1) for child in reversed(children)]


def _choose(children: list[Message]) -> list[Message]:
    """One of several forms of the same text; what is no form of the text stays (an invitation to a meeting)."""
    plain = [child for child in children if _content_type(child) == "text/plain" and _decoded(child).strip()]
    others = [child for child in children if not _content_type(child).startswith(("text/plain", "text/html"))]
    pages = [child for child in children if _content_type(child) == "text/html"]
    if plain:
        return [*plain[:1], *(child for child in others if not _is_page_with_pictures(child))]
    return [*(pages[:1] if pages else []), *others]


def _is_page_with_pictures(part: Message) -> bool:
    """Whether the part is a page together with the pictures that it shows, and nothing that was attached."""
    if _content_type(part) != "multipart/related":
        return False
    inside = part.get_payload()
    named = [child for child in inside if isinstance(child, Message)] if isinstance(inside, list) else []
    return all(not _is_large_or_attached(child) for child in named)


def _is_large_or_attached(part: Message) -> bool:
    if _content_type(part).startswith(("text/", "multipart/")):
        return False
    return _disposition(part) == "attachment" or len(_bytes(part)) > LOGO


def _sort(part: Message, found: _Found) -> None:
    """Puts one part where it belongs: text, page, file, or nowhere."""
    kind, name = _content_type(part), _file_name(part)
    if kind in SILENT or kind.startswith("multipart/"):
        return
    is_file = _disposition(part) == "attachment" or bool(name)
    if kind == "text/plain" and not is_file:
        found.plain.append(_unflowed(part))
    elif kind == "text/html" and not is_file:
        found.pages.append(_decoded(part))
    else:
        _add_file(part, kind, name, found)


def _add_file(part: Message, kind: str, name: str, found: _Found) -> None:
    data = _bytes(part)
    is_shown = part.get("Content-ID") is not None and _disposition(part) != "attachment"
    if not data or (is_shown and kind.startswith("image/") and len(data) <= LOGO):
        return
    largest = min(int(settings.LARGEST_FILE), LARGEST_FILES - found.size)
    if len(found.files) >= MOST_FILES or len(data) > largest:
        found.left_out += 1
        return
    found.size += len(data)
    found.files.append(InboundFile(name or _name_for(kind), kind, data))


def _name_for(kind: str) -> str:
    endings = {"message/rfc822": "eml", "text/calendar": "ics", "image/jpeg": "jpg", "text/html": "html"}
    ending = endings.get(kind) or re.sub(r"[^a-z0-9]", "", kind.partition("/")[2])[:8] or "bin"
    return f"file.{ending}"


def _text(found: _Found) -> str:
    """What the person wrote, cut; a page is read only when there is no plain text."""
    whole = "\n\n".join(text for text in map(clean, found.plain) if text.strip())
    if not whole:
        whole = "\n\n".join(clean(page_text(page)) for page in found.pages[:5])
    whole = whole[: LONGEST_TEXT * 4]  # a long quote is cut first
    return cut(whole)[:LONGEST_TEXT].strip()


# ---- one part ---------------------------------------------------------------------------------------------
def _content_type(part: Message) -> str:
    kind = unfold(str(part.get("Content-Type") or "")).split(";")[0].strip().lower()
    return kind if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,100}", kind, re.ASCII) else part.get_default_type()


def _disposition(part: Message) -> str:
    return unfold(str(part.get("Content-Disposition") or "")).split(";")[0].strip().lower()


def _param(part: Message, name: str, header: str = "content-type") -> str:
    """One parameter of a header; "" when absent or unreadable."""
    try:
        value = part.get_param(name, "", header)
        if isinstance(value, tuple):  # RFC 2231
            return decode_bytes(value[2].encode("latin-1", "replace"), value[0] or "utf-8")
        return str(value or "")
    except (ValueError, TypeError, LookupError, IndexError, AttributeError):  # of the standard library
        return ""


def _file_name(part: Message) -> str:
    raw = _param(part, "filename", "content-disposition") or _param(part, "name")
    name = header_text(raw, 400).replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = one_line(name, 400).strip(". ").rpartition(".")
    return f"{stem[: 150 - len(ending[:12])]}{dot}{ending[:12]}" if dot else ending[:150]


def _bytes(part: Message) -> bytes:
    """The content of a part; of a mail inside a mail, that mail."""
    inside = part.get_payload()
    try:
        if isinstance(inside, list):
            return inside[0].as_bytes() if inside and isinstance(inside[0], Message) else b""
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, binascii.Error):
        return b""
    return data if isinstance(data, bytes) else b""


def _decoded(part: Message) -> str:
    return decode_bytes(_bytes(part), _param(part, "charset") or "utf-8")


def _unflowed(part: Message) -> str:
    """A text part; lines that the program broke for the way (RFC 3676) are whole again."""
    text = _decoded(part).replace("\r\n", "\n")
    if _param(part, "format").lower() != "flowed":
        return text
    joins_without_blank = _param(part, "delsp").lower() == "yes"
    lines: list[str] = []
    is_open = False
    for line in text.split("\n"):
        mine = line[1:] if line.startswith(" ") else line
        if is_open and not line.startswith(">") and mine != "-- ":
            lines[-1] += mine
        else:
            lines.append(mine)
        is_open = mine.endswith(" ") and mine != "-- " and not line.startswith(">")
        if is_open and joins_without_blank:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
