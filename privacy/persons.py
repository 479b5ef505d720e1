"""Who a person is for the data map: every row that stands for them, found by a log-in, an address or a chat."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db.models import QuerySet

from accounts.scoping import scopes_disabled
from core.errors import not_found
from core.personal_data import PersonalModel, Subject, SubjectRef, registry

AT_ONCE = 100  # rows that stand for one person in one question to the database


@dataclass(frozen=True)
class Person:
    """One person: the rows that stand for them, and the address that leads to them ("" where there is none)."""

    refs: tuple[SubjectRef, ...] = field(default=())
    email: str = ""

    def words(self) -> list[str]:
        """The words by which the log and the ledger name them: "user:12"; an invited person goes by two."""
        invited = [f"invitation:{ref.pk}" for ref in self.refs if ref.subject is Subject.INVITED]
        return [f"{ref.subject.value}:{ref.pk}" for ref in self.refs] + invited

    def also(self, other: "Person") -> "Person":
        """The same person with the rows of another, who is the same one."""
        return Person(tuple(dict.fromkeys((*self.refs, *other.refs))), self.email)

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
        first = first.distinct()
        if others:
            keys = first.order_by().values("pk").union(*[rows.order_by().values("pk") for rows in others])
            first = manager.filter(pk__in=keys)
        found.append(first)
    return found


def is_known(ref: SubjectRef) -> bool:
    """Whether a row still stands for this person: that of an erased one may stay, and is nobody's."""
    people = [entry for entry in registry if entry.of_address and (entry.stands_for or entry.subject) is ref.subject]
    with scopes_disabled():
        return any(entry.rows_of is not None and entry.rows_of(ref).exists() for entry in people)


# ---- who decides about the data --------------------------------------------------------------------------------
def visitor_rows() -> QuerySet[Any]:
    """Every visitor of every account, with the account; the caller stands outside of the tenant wall."""
    (entry,) = [one for one in registry if one.is_person and one.subject is Subject.VISITOR]
    return apps.get_model(entry.model)._base_manager.select_related("account")


def list_controllers(person: Person) -> list[tuple[Any, Person]]:
    """Who answers a person: each account for its visitors, and None (we) for the rest, with the rows of each.

    Whoever came from a chat has no proved address: the answer goes to the one that they gave there, if any.
    """
    with scopes_disabled():
        asked = [ref.pk for ref in person.refs if ref.subject is Subject.VISITOR]
        rows = list(visitor_rows().filter(pk__in=asked).order_by("pk"))
        rows = [row for row in rows if is_known(SubjectRef(Subject.VISITOR, row.pk))]
    parts: dict[Any, list[Any]] = {}
    for row in rows:
        parts.setdefault(row.account, []).append(row)
    found: list[tuple[Any, Person]] = []
    for account, own in parts.items():
        refs = tuple(SubjectRef(Subject.VISITOR, row.pk) for row in own)
        found.append((account, Person(refs, person.email or own[-1].email)))
    rest = person.without(Subject.VISITOR)
    return [*found, (None, rest)] if rest.refs or not found else found


def find_own_visitor(account: Any, public_id: Any) -> Person:
    """A visitor of an account. Refuses (`not_found`) one of another, and one who was erased."""
    with scopes_disabled():
        row = visitor_rows().filter(account=account, public_id=public_id).first()
    if row is None or not is_known(SubjectRef(Subject.VISITOR, row.pk)):
        raise not_found()
    return Person((SubjectRef(Subject.VISITOR, row.pk),), row.email)
