"""Builders for tests: people, companies, members, through the app's own actions."""

import itertools
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP

from accounts import actions, queries
from accounts.models import Account, Membership, StaffRole, User
from policies.models import Version
from policies.queries import find_version_in_force
from policies.testing import make_version

PASSWORD = "a bicycle for two people"
_numbers = itertools.count(1)


def make_texts() -> list[Version]:
    """Policy and terms in force; those that are there already are left."""
    for kind in Version.Kind.values:
        find_version_in_force(kind) or make_version(f"These are the {kind} of a test.", kind=kind)
    return queries.list_versions_to_sign()


def make_owner(**changes: Any) -> User:
    """A person who signed up with a company of their own, with a confirmed address."""
    number = next(_numbers)
    values = {
        "email": f"owner{number}@company{number}.example",
        "password": PASSWORD,
        "name": "Olga",
        "surname": "Owner",
        "company": f"Company {number}",
        "address": f"{number} Sample Street, Exampletown",
        "website": f"https://company{number}.example",
        "versions": make_texts(),
        "verified": True,
    }
    return actions.register(**{**values, **changes})


def make_account(**changes: Any) -> Account:
    """A company with its owner; the owner is `account.memberships.get().user`."""
    return Account.objects.get(memberships__user=make_owner(**changes))


def make_user(**changes: Any) -> User:
    """A person with a confirmed address and no account."""
    number = next(_numbers)
    values = {"email": f"person{number}@specimen.example", "password": PASSWORD, "name": "Pat", "surname": "Specimen"}
    return actions.register_person(**{**values, **changes})


def make_member(account: Account, role: str = Membership.Role.OPERATOR, **changes: Any) -> Membership:
    """A person with that role in the account."""
    return actions.add_member(account=account, user=make_user(**changes), role=role, by=None)


def make_public(user: User, display_name: str = "Pat S", *, is_minor: bool = False) -> User:
    """Lets a person say what is asked before the first post: that they are 13 or older, and a public name."""
    return actions.become_member(user=user, display_name=display_name, is_minor=is_minor)


TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  of tests


def make_agent(**changes: Any) -> User:
    """A support agent with a public name and a second factor."""
    user = _make_staff(StaffRole.SUPPORT_AGENT, {"name": "Nik", **changes})
    return make_public(user, f"{user.name} of Support")


def make_officer(**changes: Any) -> User:
    """A privacy officer with a second factor."""
    return _make_staff(StaffRole.PRIVACY_OFFICER, {"name": "Pia", **changes})


def _make_staff(role: str, changes: dict[str, Any]) -> User:
    values = {"email": f"staff{next(_numbers)}@livechat.example", "password": PASSWORD, "surname": "Night"}
    user = actions.register_staff(**{**values, **changes})
    actions.give_role(user=user, role=role, by_user_id=None)
    TOTP.activate(user, TOTP_SECRET)
    return user
