"""Development mail: each mail is a file in VAR/mail, read in the browser at /dev/mail/."""

import email
import email.policy
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as ParsedMail
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core.errors import not_found

NAME = re.compile(r"\A\d{8}-\d{6}-\d{6}-\d+-\d+\Z")
SHOWN = 200
_numbers = count(1)
_lock = threading.Lock()


def mail_folder() -> Path:
    """The folder that holds the mails of this site in development."""
    return Path(settings.MAIL_FILE_DIR)


class FileBackend(BaseEmailBackend):
    """Writes one .eml file per mail; a reader never sees half a mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = mail_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            with _lock:
                name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{os.getpid()}-{next(_numbers)}"
            aside = folder / f".{name}.new"
            aside.write_bytes(message.message().as_bytes())
            os.replace(aside, folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True)
class DevMail:
    """One mail as the page shows it."""

    name: str
    at: datetime
    to: str
    sender: str
    subject: str
    message_id: str
    unsubscribe: str
    text: str
    html: str


def _part(mail: ParsedMail, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _read(path: Path) -> DevMail:
    mail: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return DevMail(
        name=path.stem,
        at=datetime.strptime(path.stem[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC),
        to=str(mail["To"] or ""),
        sender=str(mail["From"] or ""),
        subject=str(mail["Subject"] or ""),
        message_id=str(mail["Message-ID"] or ""),
        unsubscribe=str(mail["List-Unsubscribe"] or ""),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def list_mails(limit: int = SHOWN) -> list[DevMail]:
    """The newest mails first."""
    paths = sorted(mail_folder().glob("*.eml"), reverse=True)[:limit]
    return [_read(path) for path in paths if NAME.match(path.stem)]


def find_mail(name: str) -> DevMail:
    """One mail by the name of its file. Raises Refused not_found."""
    path = mail_folder() / f"{name}.eml"
    if not NAME.match(name) or not path.is_file():
        raise not_found()
    return _read(path)
