"""Reads of the public list of recipients: names, and their purposes in words."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from audit.queries import Recipient, list_recipients

PURPOSES = {
    "account": _("Your log-in and account"),
    "service": _("Notices about the service"),
    "chat": _("Chats"),
    "summary": _("The daily summary"),
    "invitation": _("Invitations"),
    "support": _("Answers to requests"),
    "rights": _("Privacy cases"),
    "survey": _("Surveys"),
    "marketing": _("News"),
    "security": _("Security notices"),
    "legal": _("What a law demands"),
}


@dataclass(frozen=True)
class Row:
    """One recipient, with its purposes in words."""

    one: Recipient
    purposes: list[str]


def list_rows() -> list[Row]:
    """Every recipient of the site, in the order of their names (S57)."""
    found = [Row(one, [str(PURPOSES.get(word, word)) for word in one.purposes]) for one in list_recipients()]
    return sorted(found, key=lambda row: str(row.one.name))
