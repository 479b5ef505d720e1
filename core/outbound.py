"""Everything that may leave the site: recipients, mail kinds, effects and cookies, declared in `outbound.py` rooms."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from core.personal_data import Purpose


@dataclass(frozen=True)
class Recipient:
    """A third party that receives personal data. `hosts` are the only hosts that the outgoing door opens for it.

    `find_hosts` adds hosts that an administrator chose while the site runs. On a development site "127.0.0.1:9400"
    is a host too: a service on this computer.
    """

    key: str
    name: Any
    purposes: tuple[Purpose, ...]
    receives: Any
    hosts: tuple[str, ...] = ()
    find_hosts: Callable[[], Iterable[str]] | None = None

    def all_hosts(self) -> set[str]:
        """Every host that the door opens for it now."""
        return {*self.hosts, *(self.find_hosts() if self.find_hosts else ())}


class Group(StrEnum):
    """The groups of the page of cookie choices; all but the first wait for a yes (S62, S66)."""

    NEEDED = "needed"
    COMFORT = "comfort"
    STATISTICS = "statistics"
    SOCIAL = "social"


@dataclass(frozen=True)
class Cookie:
    """A cookie or storage key. `where` is "cookie", "sessionStorage", "memory" or "request"; `life` is words."""

    name: str
    purpose: Any
    life: Any
    where: str = "cookie"
    group: Group = Group.NEEDED


@dataclass(frozen=True)
class Address:
    """An e-mail address with the purposes for which it was given. Nothing else may use it (P8)."""

    email: str
    purposes: frozenset[Purpose]
    name: str = ""
    subject: str = ""  # "user:12": whom the ledger names, never the address itself


@dataclass(frozen=True)
class Letter:
    """One mail, resolved at delivery: to whom, and the context of the kind's templates."""

    to: Address
    context: dict[str, Any] = field(default_factory=dict)
    language: str = "en"
    unsubscribe_url: str = ""  # https URL that takes a POST (RFC 8058); required where the kind is optional
    reply_to: str = ""  # where an answer goes when not to the sender (notifications.inbound.reply_address)
    references: tuple[str, ...] = ()  # Message-IDs of the thread, oldest first; the last one is what this mail answers


class DeliveryRow(Protocol):
    """What a loader sees of an outbox row."""

    pk: int
    kind: str
    key: str
    recipient: str
    payload: dict[str, Any]
    account_ref: int | None


# a loader answers, for many rows at once, what to send; a row that is missing from the answer is dropped
Loader = Callable[[Sequence[Any]], dict[int, Letter]]


@dataclass(frozen=True)
class MailKind:
    """One kind of mail. Its templates are `<template>.{subject.txt,txt,html}` below templates/.

    `optional` mails can be switched off and carry one-click unsubscribe; the others are part of the service.
    `by_person`: somebody wrote its text to this one reader; the other kinds say that a machine did (RFC 3834).
    """

    key: str
    purpose: Purpose
    template: str
    load: Loader
    optional: bool = False
    label: Any = ""
    by_person: bool = False


@dataclass(frozen=True)
class EffectKind:
    """A side effect that is not a mail (close sockets, wake a person, later push and webhooks): `run(row)`."""

    key: str
    run: Callable[[Any], None]


# a gate looks at rows of one mail kind before they leave and answers {row pk: reason} for those that must not
Gate = Callable[[MailKind, Sequence[Any], dict[int, Letter]], dict[int, str]]


class OutboundRegistry:
    """Recipients, mail kinds, effects, cookies and gates of the whole site."""

    def __init__(self) -> None:
        self.recipients: dict[str, Recipient] = {}
        self.mail_kinds: dict[str, MailKind] = {}
        self.effects: dict[str, EffectKind] = {}
        self.cookies: dict[str, Cookie] = {}
        self.gates: list[Gate] = []

    def register(self, *things: "Recipient | MailKind | EffectKind | Cookie") -> None:
        """Adds declarations. Raises ValueError when a key is taken."""
        for thing in things:
            key = thing.name if isinstance(thing, Cookie) else thing.key
            shelf = self._shelf(thing)
            if key in shelf:
                raise ValueError(f"{key} is declared twice")
            shelf[key] = thing

    def _shelf(self, thing: "Recipient | MailKind | EffectKind | Cookie") -> dict[str, Any]:
        if isinstance(thing, Recipient):
            return self.recipients
        if isinstance(thing, MailKind):
            return self.mail_kinds
        return self.effects if isinstance(thing, EffectKind) else self.cookies

    def register_gate(self, gate: Gate) -> None:
        """Adds a gate that every mail passes before it leaves (preference, suppression)."""
        self.gates.append(gate)

    def kinds(self) -> Iterable[str]:
        """Every key that an outbox row may carry."""
        return [*self.mail_kinds, *self.effects]

    def __iter__(self) -> Iterator[Any]:
        yield from self.recipients.values()
        yield from self.mail_kinds.values()
        yield from self.effects.values()
        yield from self.cookies.values()


registry = OutboundRegistry()


# ---- The ledger: core declares the one writer, audit registers it, a door without a writer refuses (P3) ----
@dataclass(frozen=True)
class Disclosed:
    """One act of giving personal data away: to which recipient, what kinds, whose (a "user:12" word), why."""

    recipient: str
    categories: tuple[str, ...]
    subject: str
    purpose: Purpose
    channel: str
    account_ref: int | None = None
    reference: str = ""


LedgerWriter = Callable[[Sequence[Disclosed]], None]
_writer: LedgerWriter | None = None


class NoLedger(RuntimeError):
    """A door was used while nobody keeps the ledger."""


def register_ledger_writer(writer: LedgerWriter) -> None:
    """Called once, by audit."""
    global _writer
    _writer = writer


def disclose(entries: Sequence[Disclosed]) -> None:
    """Writes the entries to the ledger. Raises NoLedger when no writer is registered."""
    if _writer is None:
        raise NoLedger("no ledger writer is registered: nothing may leave")
    if entries:
        _writer(entries)


# ---- Stopped recipients: audit keeps their records and says which of them may not receive now (S58) ----
Stop = Callable[[str], str]
_find_stop: Stop | None = None


class RecipientStopped(Exception):
    """Nothing may go to this recipient now: nobody has a record of it, or its review is overdue."""


def register_recipient_stop(find_stop: Stop) -> None:
    """Called once, by audit: `find_stop(key)` answers why nothing may go to that recipient, "" when it may."""
    global _find_stop
    _find_stop = find_stop


def check_recipient(key: str) -> None:
    """Asked by each outgoing door before data leaves. Raises RecipientStopped."""
    reason = _find_stop(key) if _find_stop else "nobody keeps the records of recipients"
    if reason:
        raise RecipientStopped(f"{key}: {reason}")
