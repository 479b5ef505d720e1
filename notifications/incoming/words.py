"""Bytes and header values to clean text, whatever a mail program made of them."""

import binascii
import codecs
import email.errors
import email.header
import re
from email.utils import getaddresses, unquote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from notifications.addresses import canonical

LONGEST_HEADER = 8_000  # signs of one header that are looked at
# decoders of Python that stand for no charset of a mail, or take time with the square of the length
NO_CHARSETS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
# control characters but tab and line feed, and marks that turn the direction of what follows
_DROPPED: dict[int, str | None] = dict.fromkeys(
    [n for n in (*range(0x20), *range(0x7F, 0xA0)) if n not in (0x09, 0x0A)]
    + [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000), 0xFEFF, 0xFFFE, 0xFFFF]
)
_DROPPED.update({0x85: "\n", 0x2028: "\n", 0x2029: "\n"})
_MESSAGE_ID = re.compile(r"<[^<>\s@\"]{1,200}@[^<>\s@\"]{1,200}>", re.ASCII)


def clean(text: str) -> str:
    """Text with line feeds only, without control characters, turned directions and halves of surrogate pairs."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)


def one_line(text: str, longest: int) -> str:
    """The text in one line of at most `longest` signs."""
    return " ".join(clean(text).split())[:longest].strip()


def decode_bytes(raw: bytes, charset: str) -> str:
    """The bytes as text: in the charset that is named, else UTF-8, else Windows' western one."""
    for name in (charset, "utf-8"):
        text = _decode(raw, name)
        if text is not None:
            return text
    return raw.decode("cp1252", "replace")


def _decode(raw: bytes, charset: str) -> str | None:
    try:
        name = codecs.lookup(charset.strip().strip("\"'")).name
    except (LookupError, ValueError, UnicodeError):
        return None
    if name.replace("-", "_") in NO_CHARSETS:
        return None
    if name in ("ascii", "iso8859-1"):  # programs say these for what is UTF-8 or Windows' own
        name = "utf-8" if _is_utf8(raw) else "cp1252"
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return raw.decode("cp1252", "replace") if name == "cp1252" else None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def header_text(raw: str, longest: int = LONGEST_HEADER) -> str:
    """A header's value in one line: encoded words (RFC 2047) read, raw 8-bit bytes guessed."""
    raw = unfold(raw)
    try:
        parts = email.header.decode_header(raw)
    except (email.errors.HeaderParseError, binascii.Error, ValueError):
        parts = [(raw, None)]
    words = [_word(part, charset) for part, charset in parts]
    return one_line("".join(words), longest)


def _word(part: str | bytes, charset: str | None) -> str:
    """One part of a header as decode_header gives it."""
    if isinstance(part, bytes):
        return decode_bytes(part, charset or "utf-8")
    return decode_bytes(part.encode("ascii", "surrogateescape"), "utf-8") if _is_raw(part) else part


def _is_raw(text: str) -> bool:
    """Whether the text holds raw bytes as the parser keeps them, and no other sign beyond ASCII."""
    return all(ord(sign) < 128 or 0xDC80 <= ord(sign) <= 0xDCFF for sign in text)


def unfold(raw: str) -> str:
    """A header's value without line breaks and NUL, at most LONGEST_HEADER long."""
    return re.sub(r"[\r\n\x00]+", " ", raw[:LONGEST_HEADER]).strip()


def addresses(values: list[str]) -> list[tuple[str, str]]:
    """(name, address) of each usable address in these headers; the address in small letters, the name readable."""
    found = []
    for value in values:
        for name, address in _pairs(unfold(value)):
            address = address.strip().strip("<>").lower()
            if is_address(address):
                found.append((header_text(unquote(name), 120), address))
    return found


def _pairs(value: str) -> list[tuple[str, str]]:
    """Names and addresses of a header as the standard library reads them; what it breaks on holds none."""
    try:
        return getaddresses([value])
    except (RecursionError, ValueError, IndexError):
        return []


def is_address(text: str) -> bool:
    """Whether mail can be sent to this."""
    try:
        validate_email(text)
        canonical(text)
    except (ValidationError, ValueError):
        return False
    return len(text) <= 254 and text.isprintable()


def message_ids(raw: str, most: int = 50) -> list[str]:
    """The Message-IDs in a header, those at its end when there are too many."""
    return list(dict.fromkeys(_MESSAGE_ID.findall(raw[-LONGEST_HEADER:])))[-most:]
