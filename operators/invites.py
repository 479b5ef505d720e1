"""Rows of people to invite: what is wrong with each, judged without writing (S47, S94, S96)."""

import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership, User
from accounts.names import NO_LINK, ONE_LINE
from core.personal_data import Purpose
from notifications.addresses import canonical, hash_address
from notifications.queries import suppressions_of
from operators.models import Invitation

LONGEST_NAME = 160
LONGEST_EMAIL = 254
CREATED = "created"
SENTENCES: dict[str, Any] = {
    CREATED: _("Will be invited"),
    "missing_email": _("There is no e-mail. Add one"),
    "invalid_email": _("The e-mail is not complete. Write it like pat@specimen.example"),
    "missing_name": _("There is no name. Add one"),
    "invalid_name": _("The name holds a link, an address or a line break. Write the name alone"),
    "name_too_long": _("The name is too long. Use at most 160 characters"),
    "duplicate_in_file": _("The same address stands above. It is invited once"),
    "already_operator": _("Is in your team already"),
    "already_invited": _("Was invited already. Nobody gets a second first mail"),
    "not_invited": _("Not invited"),
}
SKIPPED = frozenset({"duplicate_in_file", "already_operator", "already_invited", "not_invited"})


@dataclass(frozen=True)
class NewInvite:
    """One person to invite, as typed or read from a file."""

    name: str
    email: str
    role: str = Membership.Role.OPERATOR


@dataclass(frozen=True)
class InviteOutcome:
    """What became of a row, or would. `first` is the place of the row with the same address, of a duplicate.

    `code` is "created" or a key of SENTENCES; `invitation` is the row that was made, `there` the key of an earlier one.
    """

    row: NewInvite
    code: str
    invitation: Invitation | None = None
    there: int | None = None
    first: int | None = None

    @property
    def message(self) -> Any:
        return SENTENCES[self.code]


@dataclass(frozen=True)
class Read:
    """A row as it will be stored: trimmed name and address, and the keyed hash of the address."""

    name: str
    email: str
    address_hash: str


def read_invite(row: NewInvite) -> Read | str:
    """The cleaned row, or the code of what is wrong with it by itself."""
    name, email = " ".join(row.name.split()), row.email.strip()
    if not email:
        return "missing_email"
    if not name:
        return "missing_name"
    if len(name) > LONGEST_NAME:
        return "name_too_long"
    try:
        ONE_LINE(name)
        NO_LINK(name)
        name.encode()
    except (ValidationError, UnicodeEncodeError):
        return "invalid_name"
    usable = read_email(email)
    return Read(name, usable, hash_address(usable)) if usable else "invalid_email"


def read_email(text: str) -> str:
    """The address as typed, trimmed; in its plain form where only that is one; "" when it is no address."""
    for form in (text.strip(), unicodedata.normalize("NFKC", text).strip()):
        if len(form) > LONGEST_EMAIL or not form.isprintable():
            continue
        try:
            validate_email(form)
            validate_email(canonical(form))
        except (ValidationError, ValueError):  # UnicodeError of a domain is a ValueError
            continue
        return form
    return ""


def judge(account: Account, rows: Sequence[NewInvite]) -> list[InviteOutcome]:
    """A verdict for each row, in order, by one statement whatever their number; nothing is written (P11).

    Code `created` means that the row can be invited. Of several rows with one address the first good one wins.
    """
    read = [read_invite(row) for row in rows]
    known = _look_up(account, {one.address_hash for one in read if isinstance(one, Read)})
    places: dict[str, int] = {}
    outcomes = []
    for place, (row, one) in enumerate(zip(rows, read, strict=True)):
        if not isinstance(one, Read):
            outcomes.append(InviteOutcome(row, one))
            continue
        first = places.setdefault(one.address_hash, place)
        if first != place:
            outcomes.append(InviteOutcome(row, "duplicate_in_file", first=first))
        elif one.address_hash in known.members:
            outcomes.append(InviteOutcome(row, "already_operator"))
        elif one.address_hash in known.refused:
            outcomes.append(InviteOutcome(row, "not_invited"))
        else:
            there = known.invited.get(one.address_hash)
            outcomes.append(InviteOutcome(row, CREATED if there is None else "already_invited", there=there))
    return outcomes


@dataclass(frozen=True)
class _Known:
    """Keyed hashes of addresses: of members, of who must not be invited, and of who was, with the invitation's key."""

    members: set[str]
    refused: set[str]
    invited: dict[str, int]


def _look_up(account: Account, hashes: set[str]) -> _Known:
    """What is known of these addresses, in one statement over suppressions, members and invitations (G16)."""
    known = _Known(set(), set(), {})
    if not hashes:
        return known
    people = User.objects.filter(memberships__account=account)
    member, suppressed, no_key = Value("member"), Value("suppressed"), Value(0)
    rows = Invitation.of(account).filter(address_hash__in=hashes).values_list("state", "address_hash", "pk").union(
        suppressions_of(hashes, Purpose.INVITATION).values_list(suppressed, "address_hash", no_key),
        people.values_list(member, "email", no_key),
        people.exclude(emailaddress=None).values_list(member, "emailaddress__email", no_key),
        all=True,
    )  # fmt: skip
    for kind, word, key in rows:
        if kind == "member":
            with suppress(ValueError):  # an address from before it was checked
                known.members.add(hash_address(word))
        elif kind in ("suppressed", Invitation.State.REMOVED):
            known.refused.add(word)
        else:
            known.invited[word] = key
    return known
