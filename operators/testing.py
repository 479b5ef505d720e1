"""Builders for tests of invitations, through the app's own actions."""

import itertools
import re
from typing import Any

from accounts.models import Account, Membership
from operators.actions import invite_operators
from operators.invites import NewInvite
from operators.models import Invitation
from outbox.models import Delivery

_numbers = itertools.count(1)


def make_invitation(by: Membership, **changes: Any) -> Invitation:
    """An invitation that waits, with its mail in the outbox."""
    number = next(_numbers)
    row = NewInvite(**{"name": f"Fay Specimen {number}", "email": f"fay{number}@acme-bikes.example", **changes})
    outcome = invite_operators(account=by.account, rows=[row], by=by)[0]
    assert outcome.invitation is not None, outcome.code
    return outcome.invitation


def invites_of(count: int, start: int = 1) -> list[NewInvite]:
    """`count` people with an address each."""
    numbers = range(start, start + count)
    return [NewInvite(f"Person {n}", f"person{n}@acme-bikes.example") for n in numbers]


def count_mails(account: Account) -> int:
    """How many invitation mails were ever asked for."""
    return Delivery.objects.filter(kind="operator_invite", account_ref=account.pk).count()


def tokens_in(text: str) -> list[str]:
    """The tokens of the links in a mail: first that of the invitation, then that of the removal (the same)."""
    return re.findall(r"/invitation/([\w-]+)/", text)
