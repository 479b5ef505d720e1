"""The incoming mail door: fetches what lies in a mailbox, over TLS and from the declared host only (S59)."""

import contextlib
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import unquote, urlsplit

from core.egress import EgressRefused
from core.outbound import registry

MAILBOX = "mailbox"  # the key of the recipient that notifications declares
SECONDS = 20.0  # for each answer of the mail server
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Verdict(Enum):
    """What becomes of a mail in the mailbox."""

    DONE = "done"  # it is ours now: deleted there, or only marked as read
    LATER = "later"  # left as it is, and asked for again
    UNREADABLE = "unreadable"  # flagged, for a person to look at


class MailboxFailed(Exception):
    """The mailbox could not be reached or read; the argument says at what, without a name or an address."""


@dataclass(frozen=True)
class Place:
    """Where a mailbox is. `port` of imaps:// is 993, of imap:// (which must offer STARTTLS) 143."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    is_tls_first: bool


def read_place(url: str, password: str = "") -> Place:
    """The mailbox of imaps://user:password@host:993/INBOX. Raises EgressRefused for any other form."""
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise EgressRefused("INBOUND_IMAP_URL is not imaps://user:password@host:993/INBOX")
    return Place(
        host=parts.hostname,
        port=parts.port or (993 if parts.scheme == "imaps" else 143),
        user=unquote(parts.username),
        password=password or unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        is_tls_first=parts.scheme == "imaps",
    )


def fetch_all(place: Place, take: Callable[[bytes], Verdict], *, largest: int, keep: bool, seconds: float = 60) -> int:
    """Shows `take` each unread mail and does what it answers, for so many seconds; returns how many are done.

    A mail of more than `largest` bytes is not fetched but flagged. `keep`: what is done stays, as read. Raises
    MailboxFailed, and EgressRefused for a host that no recipient declares.
    """
    until = time.monotonic() + seconds
    _check_host(place)
    done = 0
    with _connect(place) as link:
        for number in _numbers(link):
            if time.monotonic() > until:  # the rest waits for the next time
                break
            verdict = Verdict.UNREADABLE
            if _size(link, number) <= largest:
                raw = _fetch(link, number)
                verdict = take(raw) if raw else Verdict.LATER
            done += verdict is Verdict.DONE
            _mark(link, number, verdict, keep=keep)
        if done and not keep:
            link.expunge()
    return done


def count_unread(place: Place) -> int:
    """How many mails wait in the mailbox; changes nothing there. Raises as `fetch_all`."""
    _check_host(place)
    with _connect(place) as link:
        return len(_numbers(link))


def _check_host(place: Place) -> None:
    """Nothing of ours goes to the mailbox, so a stop does not shut it: letters would pile up where we have doubts."""
    recipient = registry.recipients.get(MAILBOX)
    if recipient is None or place.host not in recipient.all_hosts():
        raise EgressRefused("the mailbox is on no declared host")


@contextlib.contextmanager
def _connect(place: Place) -> Iterator[imaplib.IMAP4]:
    """A link that is logged in and has the folder open. The certificate is checked for the host's name."""
    context = ssl.create_default_context()
    link: imaplib.IMAP4 | None = None
    try:
        if place.is_tls_first:
            link = imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=SECONDS)
        else:
            link = imaplib.IMAP4(place.host, place.port, timeout=SECONDS)
            link.starttls(context)
        link.login(place.user, place.password)
        _check(link.select(_quoted(place.folder)), "select")
        yield link
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxFailed(type(error).__name__) from error
    finally:
        if link is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):  # it was gone already
                link.logout()


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _check(answer: tuple[str, Sequence[object]], what: str) -> Sequence[object]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(what)
    return answer[1]


def _numbers(link: imaplib.IMAP4) -> list[str]:
    """The numbers of unread mails that nobody flagged, oldest first."""
    found = _check(link.uid("SEARCH", "UNSEEN", "UNFLAGGED", "UNDELETED"), "search")
    line = found[0] if found and isinstance(found[0], bytes) else b""
    return [number.decode() for number in line.split() if number.isdigit()]


def _size(link: imaplib.IMAP4, number: str) -> int:
    found = _check(link.uid("FETCH", number, "(RFC822.SIZE)"), "size")
    match = next((match for part in found if isinstance(part, bytes) and (match := SIZE.search(part))), None)
    return int(match[1]) if match else 0


def _fetch(link: imaplib.IMAP4, number: str) -> bytes:
    """The mail, still unread; empty when somebody took it away meanwhile."""
    found = _check(link.uid("FETCH", number, "(BODY.PEEK[])"), "fetch")
    return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")


def _mark(link: imaplib.IMAP4, number: str, verdict: Verdict, *, keep: bool) -> None:
    if verdict is Verdict.LATER:
        return
    flags = r"(\Seen)" if keep else r"(\Seen \Deleted)"
    if verdict is Verdict.UNREADABLE:
        flags = r"(\Flagged)"
    _check(link.uid("STORE", number, "+FLAGS", flags), "store")
