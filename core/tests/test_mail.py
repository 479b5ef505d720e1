"""A mail's bytes say what the letter said, whatever stands in it."""

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest

from core.mail import UnsafeMail, WrittenMail, write_mail
from core.outbound import Address, Letter, MailKind
from core.personal_data import Purpose
from outbox.testing import Sink, mail_kind, make_delivery, smtp_sink


def read(**parts: Any) -> EmailMessage:
    mail = WrittenMail(
        subject=parts.get("subject", "Hello"),
        body=parts.get("text", "Text"),
        from_email="Us <us@example.org>",
        to=["Ada <ada@example.org>"],
        headers={"Message-ID": "<1@example.org>"},
    )
    mail.attach_alternative(parts.get("html", "<p>HTML</p>"), "text/html")
    data = mail.message().as_bytes(linesep="\r\n")
    assert max(len(line) for line in data.split(b"\r\n")) <= 998  # RFC 5322
    assert b"\n" not in data.replace(b"\r\n", b"")
    return email.message_from_bytes(data, policy=email.policy.default)  # type: ignore[arg-type,return-value]


def content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "Zażółć gęślą jaźń 🚲",
        "a line\u2028that is one line\x0b too",
        ".\n..\n.dots at the beginning",
        "x" * 5000,
        "ż" * 3000 + " = " + "🚲" * 2000,
        "From the start\r\nand on\rand on",
        "",
    ],
)
def test_a_body_arrives_as_it_was_written(text: str) -> None:
    mail = read(text=text, html=f"<p>{text}</p>")
    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    assert content(mail, "plain") == wanted.rstrip("\n")
    assert content(mail, "html") == f"<p>{wanted}</p>"
    assert mail.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "subject", ["Chats of 22 November", "Podsumowanie: zażółć gęślą jaźń", "long " * 150, "🚲" * 90]
)
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    assert " ".join(read(subject=subject)["Subject"].split()) == subject.strip()


@pytest.mark.django_db
def test_a_name_in_any_script_and_dots_survive_the_mail_server() -> None:
    from outbox import actions

    with mail_kind(), smtp_sink() as sink:
        assert isinstance(sink, Sink)
        make_delivery(payload={"name": "Zoë 明", "text": ".\n.dots\nend"})
        actions.deliver_due()
    [mail] = sink.mails
    assert mail["To"].addresses[0].display_name == "Zoë 明"
    assert ".\n.dots\nend" in content(mail, "plain")


def letter(**changes: Any) -> Letter:
    return Letter(Address("ada@example.org", frozenset({Purpose.ACCOUNT})), {"text": "x", "heading": "y"}, **changes)


def headers_of(kind: MailKind, **changes: Any) -> EmailMessage:
    data = write_mail(kind=kind, letter=letter(**changes), message_id="<1@example.org>").message().as_bytes()
    return email.message_from_bytes(data, policy=email.policy.default)  # type: ignore[arg-type,return-value]


def test_a_thread_is_named_by_its_first_mail_and_the_newest_ones() -> None:
    ids = tuple(f"<{number}.{'x' * 200}@example.org>" for number in range(50))
    with mail_kind() as kind:
        data = write_mail(kind=kind, letter=letter(references=ids), message_id="<1@example.org>").message().as_bytes()
        assert max(len(line) for line in data.split(b"\n")) <= 998
        mail = headers_of(kind, references=ids, reply_to="support+token@example.org")
    assert str(mail["References"]).split() == [ids[0], *ids[-19:]]
    assert mail["In-Reply-To"] == ids[-1] and mail["Reply-To"] == "support+token@example.org"


def test_a_machines_mail_says_so_and_a_persons_does_not() -> None:
    with mail_kind() as kind:
        assert headers_of(kind)["Auto-Submitted"] == "auto-generated"
        assert headers_of(kind, references=("<1@a>",))["Auto-Submitted"] == "auto-replied"
    with mail_kind(by_person=True) as kind:
        assert headers_of(kind)["Auto-Submitted"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"reply_to": "a@example.org\r\nBcc: b@example.org"},
        {"reply_to": "a@example.org, b@example.org"},
        {"reply_to": "not an address"},
        {"references": ("<a@b>\r\nBcc: b@example.org",)},
        {"references": ("<a b@c>",)},
        {"references": ("<a@b> <c@d>",)},
        {"references": ("a@b",)},
        {"references": ("<ä@b>",)},
        {"references": (f"<{'x' * 500}@b>",)},
    ],
)
def test_nothing_that_arrived_makes_a_header(changes: dict[str, Any]) -> None:
    with mail_kind() as kind, pytest.raises(UnsafeMail):
        headers_of(kind, **changes)
