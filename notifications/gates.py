"""The gates that every mail passes before it leaves: choice, consent, and addresses that must stay alone."""

from collections.abc import Sequence
from typing import Any

from core.outbound import Letter, MailKind
from core.personal_data import Purpose
from notifications import queries
from policies.queries import list_consenting


def preference_gate(kind: MailKind, rows: Sequence[Any], letters: dict[int, Letter]) -> dict[int, str]:
    """Stops optional mails whose recipient has not switched the kind on in that account (S41, S42)."""
    if not kind.optional:
        return {}
    users = {row.pk: _user_id(row.recipient) for row in rows}
    pairs = {(user, row.account_ref) for row in rows if (user := users[row.pk]) is not None}
    chosen = queries.find_switched_on(kind.key, pairs)
    return {row.pk: "switched off" for row in rows if (users[row.pk], row.account_ref) not in chosen}


def consent_gate(kind: MailKind, rows: Sequence[Any], letters: dict[int, Letter]) -> dict[int, str]:
    """Stops offers and news to whoever has no yes in force at the moment when the mail would leave (S55, P16),
    and to everybody under 18 (S50)."""
    if kind.purpose is not Purpose.MARKETING:
        return {}
    agreed = list_consenting({row.recipient for row in rows}, queries.MARKETING)
    stopped = {row.pk: "no consent" for row in rows if row.recipient not in agreed}
    young = queries.list_young({row.recipient for row in rows})
    return stopped | {row.pk: "under 18" for row in rows if row.recipient in young}


def suppression_gate(kind: MailKind, rows: Sequence[Any], letters: dict[int, Letter]) -> dict[int, str]:
    """Stops mails to addresses that bounced or were removed; what cannot be an address is stopped too."""
    stopped, emails = {}, {}
    for row in rows:
        letter = letters.get(row.pk)
        if letter is None:
            continue
        email = letter.to.email
        if "@" not in email.strip("@ "):
            stopped[row.pk] = "not an address"
        else:
            emails[row.pk] = email
    suppressed = queries.list_suppressed(list(emails.values()), kind.purpose)
    return stopped | {pk: "suppressed" for pk, email in emails.items() if email in suppressed}


def _user_id(recipient: str) -> int | None:
    """12 for "user:12", None for any other word."""
    noun, _, number = recipient.partition(":")
    return int(number) if noun == "user" and number.isdecimal() else None
