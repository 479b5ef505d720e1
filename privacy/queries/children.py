"""Reads of reports about children: the fast lane, whom a report means, and the public count (S49, S50)."""

import re
import uuid
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from accounts.queries import find_member
from accounts.scoping import scopes_disabled
from core.errors import not_found
from core.personal_data import PersonalModel, Subject, SubjectRef, list_people, registry
from notifications.queries import MARKETING
from outbox.models import Delivery
from policies.models import Receipt
from privacy.models import ChildCount, ChildReport, ErasurePlan
from privacy.persons import Person, person_of_address, person_of_user

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
KIND = "privacy.child_closed"


def list_reports() -> list[ChildReport]:
    """What is not closed, the one that is due first first."""
    return list(ChildReport.objects.filter(closed_at=None).order_by("due_at", "pk"))


def find_report(public_id: Any) -> ChildReport:
    """One that is not closed. Raises not_found."""
    report = ChildReport.objects.filter(public_id=public_id, closed_at=None).first()
    if report is None:
        raise not_found()
    return report


def list_late() -> QuerySet[ChildReport]:
    """Reports whose 72 hours are over."""
    return ChildReport.objects.filter(closed_at=None, due_at__lt=timezone.now())


def list_erased() -> QuerySet[ChildReport]:
    """Open reports whose erasure is done and proved."""
    done = ErasurePlan.objects.filter(state=ErasurePlan.State.DONE).values("pk")
    return ChildReport.objects.filter(closed_at=None, plan_ref__in=done)


def list_over() -> list[ChildReport]:
    """Closed reports that nobody waits for any more: the answer has left, or could not leave within two days."""
    closed = list(ChildReport.objects.filter(closed_at__isnull=False))
    words = [f"child:{one.pk}" for one in closed if one.email]
    waiting = set(
        Delivery.objects.filter(kind=KIND, recipient__in=words, finished_at=None).values_list("recipient", flat=True)
    )
    old = timezone.now() - timedelta(days=2)
    return [one for one in closed if one.closed_at and (one.closed_at < old or f"child:{one.pk}" not in waiting)]


def find_person(typed: str) -> Person:
    """Whom an address, a public handle, or a link with an id in it leads to; nobody has no rows.

    A link leads to whomever the rows behind its ids are about: a chat to its visitor, a request to who asked.
    """
    typed = typed.strip()
    if ids := UUID.findall(typed):
        return Person(tuple(_refs_behind({uuid.UUID(one) for one in ids})))
    if "@" in typed.lstrip("@"):
        return person_of_address(typed)
    handle = typed.rstrip("/").rpartition("/")[2].lstrip("@").lower()
    member = find_member(handle) if handle else None
    return person_of_user(member) if member is not None else Person()


def _refs_behind(ids: set[uuid.UUID]) -> list[SubjectRef]:
    found: dict[SubjectRef, None] = {}
    with scopes_disabled():
        for entry in registry:
            model = apps.get_model(entry.model)
            if any(field.name == "public_id" for field in model._meta.concrete_fields):
                for row in model._base_manager.filter(public_id__in=ids):
                    found.update(dict.fromkeys(_refs_of_row(entry, row)))
    return list(found)


def _refs_of_row(entry: PersonalModel, row: Any) -> list[SubjectRef]:
    """Whom a row is about by its declaration: not whoever of our staff, or of an account, has worked with it."""
    pairs = [word.partition(":") for word in list_people(row)]
    refs = [SubjectRef(Subject(kind), int(pk)) for kind, _colon, pk in pairs]
    if entry.stands_for is not None:
        refs.append(SubjectRef(entry.stands_for, row.pk))
    own = (entry.subject, entry.stands_for)
    ask = entry.rows_of
    return [ref for ref in refs if ref.subject in own and ask is not None and ask(ref).filter(pk=row.pk).exists()]


def list_users(person: Person) -> list[User]:
    """The log-ins among the rows of a person."""
    return list(User.objects.filter(pk__in=[ref.pk for ref in person.refs if ref.subject is Subject.USER]))


def count_year() -> dict[str, int]:
    """Reports of the last twelve months that ended, in sum and late: for everybody."""
    months = ChildCount.objects.filter(month__gt=timezone.now().date() - timedelta(days=366))
    sums = months.aggregate(*(Sum(name, default=0) for name in ("erased", "young", "nothing", "late")))
    return {
        "ended": sums["erased__sum"] + sums["young__sum"] + sums["nothing__sum"],
        "erased": sums["erased__sum"],
        "late": sums["late__sum"],
    }


def count_minors_told_news() -> int:
    """People under 18 with a yes to our news in force; there must be none."""
    minors = [f"user:{pk}" for pk in User.objects.filter(is_minor=True).values_list("pk", flat=True)]
    return Receipt.objects.filter(subject__in=minors, purpose=MARKETING, withdrawn_at=None).count()


def count_old_rows_of(minors: list[User]) -> int:
    """Rows of people under 18 whose time is over by more than two days, in every table that ages."""
    then, count = timezone.now() - timedelta(days=2), 0
    if minors:
        with scopes_disabled():
            for entry in registry:
                if entry.expired is not None and entry.keeps_young_less:
                    own = [key for user in minors for key in _keys(entry, user)]
                    count += entry.expired(then).filter(pk__in=own).count()
    return count


def _keys(entry: PersonalModel, user: User) -> list[Any]:
    ask = entry.rows_of
    return list(ask(SubjectRef(Subject.USER, user.pk)).values_list("pk", flat=True)) if ask else []
