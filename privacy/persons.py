"""Who a person is for the data map: every row that stands for them, found by a log-in, an address or a chat."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db.models import QuerySet

from accounts.scoping import scopes_disabled
from core.personal_data import PersonalModel, Subject, SubjectRef, registry

AT_ONCE = 100  # rows that stand for one person in one question to the database


@dataclass(frozen=True)
class Person:
    """One person: the rows that stand for them, and the address that leads to them ("" where there is none)."""

    refs: tuple[SubjectRef, ...] = field(default=())
    email: str = ""

    def words(self) -> list[str]:
        """The words by which the log and the ledger name them: "user:12"."""
        return [f"{ref.subject.value}:{ref.pk}" for ref in self.refs]

    def without(self, subject: Subject) -> "Person":
        """The same person, less the rows of one kind."""
        return Person(tuple(ref for ref in self.refs if ref.subject is not subject), self.email)


def person_of_user(user: Any) -> Person:
    """A person with a log-in: it, and every row that a confirmed address of theirs leads to."""
    verified = EmailAddress.objects.filter(user=user, verified=True)
    emails = list(verified.order_by("-primary", "pk").values_list("email", flat=True))
    own = SubjectRef(Subject.USER, user.pk)
    # another log-in is never reached over an address: each has its own
    found = [ref for ref in _refs_of(emails) if ref.subject is not Subject.USER]
    return Person((own, *found), user.email)


def person_of_address(email: str) -> Person:
    """Whoever owns this address; nobody may be known by it, then there are no rows."""
    return Person(tuple(_refs_of([email])), email)


def person_of_visitor(pk: int) -> Person:
    """A visitor, by the row that their own browser holds the key of; an address in it was typed, not proved."""
    return Person((SubjectRef(Subject.VISITOR, pk),))


def _refs_of(emails: Iterable[str]) -> list[SubjectRef]:
    wanted = [email.strip() for email in emails if email.strip()]
    found: dict[SubjectRef, None] = {}
    with scopes_disabled():
        for entry in registry:
            if entry.of_address is None:
                continue
            for email in wanted:
                keys = entry.of_address(email).order_by("pk").values_list("pk", flat=True)
                found.update({SubjectRef(entry.stands_for or entry.subject, key): None for key in keys})
    return list(found)


def rows_of(entry: PersonalModel, person: Person) -> list[QuerySet[Any]]:
    """The rows of one table that are about this person; mostly one query, more for hundreds of chats or requests.

    The caller stands outside of the tenant wall (`scopes_disabled`).
    """
    ask = entry.rows_of
    if ask is None or not person.refs:
        return []
    manager = apps.get_model(entry.model)._base_manager
    found = []
    for start in range(0, len(person.refs), AT_ONCE):
        first, *others = [ask(ref) for ref in person.refs[start : start + AT_ONCE]]
        if others:
            keys = first.order_by().values("pk").union(*[rows.order_by().values("pk") for rows in others])
            first = manager.filter(pk__in=keys)
        found.append(first)
    return found
