"""The mail door: writes one letter from its kind's templates, and hands it to the mail server."""

import binascii
import contextlib
import re
import secrets
import smtplib
from email.header import Header
from email.utils import formataddr, formatdate
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email
from django.template import Context, engines
from django.utils import translation

from core.outbound import Letter, MailKind

BREAKS = re.compile(r"[\r\n\x00]")
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,400}>")
MOST_REFERENCES = 20
# a refused recipient means a dead address, unless the server says that it refuses us (5.7), is full (5.2.2) or is ill
NOT_THE_ADDRESS = re.compile(rb"5\.(2\.2|[34567]\.\d+)\b")


class PurposeError(RuntimeError):
    """A kind of mail was about to use an address that was given for something else: a bug, and never sent (P8)."""


class UnsafeMail(ValueError):
    """A letter that must not leave: a line break in a header, no address, or an optional mail without its way out."""


class AddressRefused(Exception):
    """The mail server says that the address does not exist (a hard bounce)."""


class TryLater(Exception):
    """The mail did not leave, or nobody knows. `server_gone`: the connection is of no use for the next mail either."""

    def __init__(self, reason: str, *, server_gone: bool = False) -> None:
        super().__init__(reason)
        self.server_gone = server_gone


def _render(name: str, context: dict[str, Any], *, escape: bool) -> str:
    template = engines["django"].engine.get_template(name)  # type: ignore[attr-defined]  # the Django engine has it
    return str(template.render(Context(context, autoescape=escape)))


def _header(value: str, what: str) -> str:
    if BREAKS.search(value):
        raise UnsafeMail(f"{what} holds a line break or NUL")
    return value


class Wire:
    """A mail as bytes. The general machinery of the standard library takes three times as long for the same (G15)."""

    def __init__(self, headers: list[tuple[str, str]], text: str, html: str) -> None:
        self.headers, self.text, self.html = headers, text, html

    def __getitem__(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\n") -> bytes:
        boundary = f"=_{secrets.token_hex(16)}"
        lines = [f"{name}: {_encoded(name, value)}" for name, value in self.headers]
        lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
        for kind, content in (("plain", self.text), ("html", self.html)):
            how, body = _body(content)
            lines += [f"--{boundary}", f'Content-Type: text/{kind}; charset="utf-8"']
            lines += [f"Content-Transfer-Encoding: {how}", "", body]
        lines += [f"--{boundary}--", ""]
        return "\n".join(lines).replace("\n", linesep).encode()


def _encoded(name: str, value: str) -> str:
    """A header's value: as it is when short and plain, else in encoded words, folded."""
    if name == "References":  # one a line: together they may be longer than a line of a mail can be
        return value.replace("> <", ">\n <")
    if value.isascii() and len(name) + len(value) < 500:
        return value
    return Header(value, "utf-8", header_name=name).encode()


def _body(content: str) -> tuple[str, str]:
    """How a part travels, and the part: as it is where its lines are short enough for every server."""
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if all(len(line) <= 240 or len(line.encode()) <= 990 for line in content.split("\n")):
        return ("7bit" if content.isascii() else "8bit"), content
    return "quoted-printable", binascii.b2a_qp(content.encode(), istext=True).decode()


class WrittenMail(EmailMultiAlternatives):
    """A text with its HTML; Django's backends ask it for its bytes."""

    def message(self, *, policy: Any = None) -> Any:  # Wire has what the backends ask of a message
        html = str(self.alternatives[0][0])
        headers = [("From", str(self.from_email)), ("To", ", ".join(self.to)), ("Subject", str(self.subject))]
        headers += [("Date", formatdate()), *self.extra_headers.items()]
        return Wire(headers, str(self.body), html)


def _recipient(letter: Letter) -> str:
    email = _header(letter.to.email, "the address")
    try:
        validate_email(email)
    except ValidationError as error:
        raise UnsafeMail("there is no usable address") from error
    name = _header(letter.to.name, "the name").strip()
    if not email.isascii():
        return sanitize_address((name, email), "utf-8")
    return formataddr((name, email)) if name else email


def _bare_address(email: str) -> str:
    try:
        validate_email(_header(email, "the address for answers"))
    except ValidationError as error:
        raise UnsafeMail("there is no usable address for answers") from error
    return email


def _thread(references: tuple[str, ...]) -> dict[str, str]:
    """In-Reply-To and References, by which mail programs put a thread together: its first mail and the newest ones."""
    if not all(MESSAGE_ID.fullmatch(reference) for reference in references):
        raise UnsafeMail("a reference is no Message-ID")
    kept = [references[0], *references[1:][-(MOST_REFERENCES - 1) :]]
    return {"In-Reply-To": kept[-1], "References": " ".join(kept)}


def _headers(kind: MailKind, letter: Letter, message_id: str) -> dict[str, str]:
    headers = {"Message-ID": _header(message_id, "the Message-ID"), "X-Auto-Response-Suppress": "All"}
    if not kind.by_person:
        headers["Auto-Submitted"] = "auto-replied" if letter.references else "auto-generated"
    if letter.reply_to:
        headers["Reply-To"] = _bare_address(letter.reply_to)
    if letter.references:
        headers |= _thread(letter.references)
    if kind.optional:
        url = _header(letter.unsubscribe_url, "the unsubscribe link")
        if not url.startswith(f"{settings.PUBLIC_ORIGIN}/"):
            raise UnsafeMail(f"{kind.key} is optional and has no unsubscribe link of this site")
        headers["List-Unsubscribe"] = f"<{url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        headers["Precedence"] = "bulk"
    return headers


def write_mail(*, kind: MailKind, letter: Letter, message_id: str) -> WrittenMail:
    """The mail of `kind` for one person, in the person's language, as text and HTML.

    Templates get the letter's context and SITE_NAME, PUBLIC_ORIGIN, SUPPORT_EMAIL, LANGUAGE_CODE, subject, optional
    and unsubscribe_url; their styles stand inline already.
    Raises PurposeError when the address was given for another purpose, UnsafeMail for what must not stand in a header.
    """
    if kind.purpose not in letter.to.purposes:
        raise PurposeError(f"{kind.key} is for {kind.purpose.value}, the address is not")
    context = {
        "SITE_NAME": settings.SITE_NAME,
        "PUBLIC_ORIGIN": settings.PUBLIC_ORIGIN,
        "SUPPORT_EMAIL": settings.SUPPORT_EMAIL,
        "unsubscribe_url": letter.unsubscribe_url,
        "optional": kind.optional,
        "LANGUAGE_CODE": letter.language,
        **letter.context,
    }
    with translation.override(letter.language):
        subject = _header(_render(f"{kind.template}.subject.txt", context, escape=False).strip(), "the subject")
        context["subject"] = subject
        text = _render(f"{kind.template}.txt", context, escape=False).strip() + "\n"
        html = _render(f"{kind.template}.html", context, escape=True)
    mail = WrittenMail(
        subject=subject,
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[_recipient(letter)],
        headers=_headers(kind, letter, message_id),
    )
    mail.attach_alternative(html, "text/html")
    return mail


class MailDoor:
    """One connection to the mail server, opened at the first mail and kept until the block ends."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Ends the connection; the next mail opens a new one."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it was gone already
                connection.close()

    def send(self, mail: EmailMultiAlternatives) -> None:
        """Hands one mail over. Raises AddressRefused or TryLater; afterwards the door can be used again."""
        try:
            if self._connection is None:
                connection = get_connection()
                connection.open()
                self._connection = connection
            self._connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            if code >= 500 and not NOT_THE_ADDRESS.match(words):
                raise AddressRefused(str(code)) from error
            raise TryLater(f"recipient refused for now ({code})") from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise TryLater(f"mail refused ({error.smtp_code})") from error
        except (smtplib.SMTPException, OSError) as error:
            self.hang_up()
            raise TryLater(f"mail server: {type(error).__name__}", server_gone=True) from error
