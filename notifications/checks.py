"""System checks: what a site that takes mail refuses to start with."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from core.egress import EgressRefused
from core.mailbox import read_place
from notifications.inbound import LONGEST_LOCAL_PART
from notifications.incoming.words import is_address

LONGEST_TOKEN = 50  # of a request: "request-" and 42 signs


@register()
def mail_can_arrive(**kwargs: Any) -> list[Error]:
    """Refuses an address that cannot carry a token, and a mailbox that cannot be read."""
    found = []
    address = settings.INBOUND_ADDRESS
    if address and not is_address(address):
        found.append(Error("INBOUND_ADDRESS is not an e-mail address.", id="notifications.E001"))
    elif len(address.rpartition("@")[0]) + 1 + LONGEST_TOKEN > LONGEST_LOCAL_PART:
        hint = "Take a shorter one, such as support@, or an alias of it."
        found.append(
            Error(
                "The part of INBOUND_ADDRESS before the @ is longer than 13 signs.", hint=hint, id="notifications.E002"
            )
        )
    if settings.IMAP_URL:
        try:
            read_place(settings.IMAP_URL, settings.IMAP_PASSWORD)
        except (EgressRefused, ValueError):
            hint = "imaps://user:password@host:993/INBOX, with @ in the user's name as %40"
            found.append(Error("INBOUND_IMAP_URL cannot be read.", hint=hint, id="notifications.E003"))
    return found
