"""Reads mails in tests: delivers what waits in the outbox, and finds links and codes in it."""

import re
from typing import Any

from django.core import mail

from outbox.actions import deliver_due


def deliver() -> list[Any]:
    """Sends what is due, and answers the mails that this sent."""
    before = len(mail.outbox)
    deliver_due()
    return mail.outbox[before:]


def link_in(message: Any, part: str) -> str:
    """The first link of a mail's text that contains `part`."""
    return next(link for link in re.findall(r"https?://\S+", message.body) if part in link)


def path_of(link: str) -> str:
    """The path of a link, for the test client."""
    return "/" + link.split("/", 3)[3]
