"""Builders for tests of what leaves: rows, kinds of mail, and a real mail server on loopback that can misbehave."""

import asyncio
import contextlib
import copy
import email
import email.policy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.test import override_settings

from core.outbound import Address, Letter, MailKind, registry
from core.personal_data import Purpose
from outbox.actions import enqueue
from outbox.models import Delivery


@dataclass
class Sink:
    """What the mail server took, and how it behaves: "ok", "451", "550", "554 5.7.1", "hang" or "drop after data"."""

    mode: str = "ok"
    only: str = ""  # the mode is for recipients that hold this text; "": for everybody
    mails: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def _misbehaves(self, address: str) -> bool:
        return self.mode != "ok" and self.only in address

    async def handle_EHLO(  # noqa: N802  aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._misbehaves(address):
            if self.mode == "hang":
                await asyncio.sleep(30)
            if self.mode[:1] in "45":
                return f"{self.mode} no"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        if self.mode == "drop after data" and self._misbehaves(envelope.rcpt_tos[0]):
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 OK"


@contextlib.contextmanager
def smtp_sink(**changes: Any) -> Iterator[Sink]:
    """A mail server on a free port of loopback, which the site uses inside the block."""
    sink = Sink(**changes)
    controller = Controller(sink, hostname="127.0.0.1", port=_free_port())
    controller.start()
    sink.port = controller.port
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=sink.port,
            EMAIL_HOST_USER="",
            EMAIL_HOST_PASSWORD="",
            EMAIL_USE_TLS=False,
            EMAIL_USE_SSL=False,
            EMAIL_TIMEOUT=2,
        ):
            yield sink
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_address(email: str = "ada@example.org", name: str = "Ada Example", **changes: Any) -> Address:
    """An address that was given for running the account."""
    return Address(email=email, name=name, **{"purposes": frozenset({Purpose.ACCOUNT}), **changes})


def letter_of(row: Delivery) -> Letter:
    """The letter of a row: its payload says address, name and text (<NUL> stands for what JSON columns cannot hold)."""
    facts = {key: text.replace("<NUL>", "\x00") for key, text in row.payload.items()}
    return Letter(
        to=make_address(facts.get("email", f"{row.recipient.replace(':', '')}@example.org"), facts.get("name", "Ada")),
        context={"text": facts.get("text", "Good morning."), "heading": facts.get("heading", "News for you")},
        unsubscribe_url=f"{settings.PUBLIC_ORIGIN}/unsubscribe/token/",
    )


def load_all(rows: Sequence[Delivery]) -> dict[int, Letter]:
    """A loader that knows a letter for each row."""
    return {row.pk: letter_of(row) for row in rows}


@contextlib.contextmanager
def mail_kind(
    key: str = "test.note", load: Callable[[Sequence[Any]], dict[int, Letter]] = load_all, **changes: Any
) -> Iterator[MailKind]:
    """A kind of mail that is declared inside the block, with templates of its own."""
    templates: Any = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], Path(__file__).parent / "tests" / "templates"]
    kind = MailKind(key=key, load=load, **{"purpose": Purpose.ACCOUNT, "template": "outbox_tests/note", **changes})
    registry.register(kind)
    try:
        with override_settings(TEMPLATES=templates):
            yield kind
    finally:
        del registry.mail_kinds[key]


def make_delivery(**changes: Any) -> Delivery:
    """A row that waits, made by `enqueue`."""
    given = {"kind": "test.note", "key": "1", "recipient": "user:1", **changes}
    assert enqueue(**given)
    return Delivery.objects.get(kind=given["kind"], key=given["key"], recipient=given["recipient"])
