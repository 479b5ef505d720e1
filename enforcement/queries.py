"""Reads of enforcement: the agents' list, what somebody is told about, appeals, and what would be wrong (S53)."""

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account, Membership, User
from accounts.queries import find_member
from core.errors import not_found
from enforcement.models import EnforcementCase, Evidence

State = EnforcementCase.State
PAGE = 100


def list_cases(*, ended: bool = False) -> list[EnforcementCase]:
    """Live cases, or the newest that ended."""
    found = EnforcementCase.objects.select_related("account", "user").filter(closed_at__isnull=not ended)
    return list(found.order_by("-number")[:PAGE])


def list_appeals() -> list[EnforcementCase]:
    """Appeals that wait for a decision, the oldest first."""
    waiting = EnforcementCase.objects.filter(state=State.SUSPENDED, appealed_at__isnull=False, appeal_decided_at=None)
    return list(waiting.select_related("account", "user").order_by("appealed_at"))


def find_case(number: int) -> EnforcementCase:
    """One case for our staff. Raises not_found."""
    found = EnforcementCase.objects.select_related("account", "user", "opened_by", "suspended_by")
    case = found.filter(number=number).first()
    if case is None:
        raise not_found()
    return case


def find_appeal(number: int) -> EnforcementCase:
    """One case with an appeal, for who decides it. Raises not_found."""
    case = find_case(number)
    if case.appealed_at is None:
        raise not_found()
    return case


def list_cases_of(user: Any) -> QuerySet[EnforcementCase]:
    """What a person was told about: as a member, and of the accounts that they own."""
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER).values("account")
    told = EnforcementCase.objects.filter(noticed_at__isnull=False).filter(Q(user=user) | Q(account__in=owned))
    return told.select_related("account", "user").order_by("-number")


def find_case_of(user: Any, public_id: uuid.UUID) -> EnforcementCase:
    """One of them. Raises not_found."""
    case = list_cases_of(user).filter(public_id=public_id).first()
    if case is None:
        raise not_found()
    return case


def find_file(public_id: uuid.UUID) -> Evidence:
    """A file of evidence for our staff. Raises not_found."""
    row = Evidence.objects.exclude(path="").filter(public_id=public_id).first()
    if row is None:
        raise not_found()
    return row


def find_file_of(user: Any, public_id: uuid.UUID) -> Evidence:
    """A file of evidence for whom the case is about. Raises not_found."""
    row = find_file(public_id)
    if not list_cases_of(user).filter(pk=row.case_id).exists():
        raise not_found()
    return row


def find_subject(typed: str) -> tuple[Account | None, User | None]:
    """The account with this short name, or the member with this handle ("@..."). Raises not_found for nobody."""
    typed = typed.strip().lower()
    user = find_member(typed.lstrip("@")) if typed.startswith("@") else None
    account = Account.objects.filter(slug=typed).first() if user is None else None
    if account is None and user is None:
        raise not_found()
    return account, user


def list_people_to_tell(case: EnforcementCase) -> list[int]:
    """Keys of the people whom a case is about: the member, or the owners of the account."""
    if case.user_id is not None:
        return [case.user_id]
    owners = Membership.objects.filter(account=case.account_id, role=Membership.Role.OWNER, user__is_active=True)
    return list(owners.values_list("user_id", flat=True))


def is_suspended_by_another(case: EnforcementCase) -> bool:
    """Whether another case keeps the same account or member suspended."""
    others = EnforcementCase.objects.filter(state=State.SUSPENDED, account=case.account_id, user=case.user_id)
    return others.exclude(pk=case.pk).exists()


def known_paths(names: list[str]) -> set[str]:
    """Which of these files are evidence."""
    return set(Evidence.objects.filter(path__in=names).values_list("path", flat=True))


# ---- what must not be ----------------------------------------------------------------------------------------
def count_bare_suspensions() -> int:
    """Suspended accounts and members without a case in force that has a notice and evidence."""
    proved = EnforcementCase.objects.filter(
        Exists(Evidence.objects.filter(case=OuterRef("pk"))), state=State.SUSPENDED, noticed_at__isnull=False
    )
    accounts = Account.objects.filter(suspended_at__isnull=False).exclude(
        pk__in=proved.exclude(account=None).values("account")
    )
    people = User.objects.filter(suspended_at__isnull=False).exclude(pk__in=proved.exclude(user=None).values("user"))
    return accounts.count() + people.count()
