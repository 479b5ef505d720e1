"""Tasks of notifications: fetches mail from the mailbox."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import Error

from core.egress import EgressRefused
from core.limits import TooMany
from core.mailbox import MailboxFailed, Verdict, fetch_all, read_place
from notifications.actions import receive_mail
from notifications.inbound import NotYet

log = logging.getLogger(__name__)


@shared_task(name="notifications.tasks.fetch_mail", ignore_result=True)
def fetch_mail() -> int:
    """Takes what lies in the mailbox of INBOUND_IMAP_URL; run twice or at once, each mail is still taken once."""
    if not settings.IMAP_URL:
        return 0
    from notifications.incoming.parsing import LARGEST_MAIL

    try:
        place = read_place(settings.IMAP_URL, settings.IMAP_PASSWORD)
        return fetch_all(place, _take, largest=LARGEST_MAIL, keep=settings.IMAP_KEEP)
    except (MailboxFailed, EgressRefused) as error:
        log.warning("no mail was fetched: %s", error)
        return 0


def _take(raw: bytes) -> Verdict:
    from notifications.incoming.parsing import BadMail

    try:
        receive_mail(raw=raw)
    except BadMail:
        return Verdict.UNREADABLE
    except (TooMany, NotYet):
        return Verdict.LATER
    except Error:
        raise
    except Exception:  # a fault of ours with one mail must not stop the others; it is asked for again
        log.exception("a mail was not taken")
        return Verdict.LATER
    return Verdict.DONE
