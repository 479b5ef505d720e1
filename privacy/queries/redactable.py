"""What a person wrote in public and asks to be taken down, row by row (S101)."""

import re
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.scoping import scopes_disabled
from core.personal_data import PersonalModel, SubjectRef, registry
from privacy.models.cases import Case, CaseEvent
from privacy.persons import Person, rows_of
from privacy.queries.erasures import refs_of

KINDS = (Case.Kind.TESTIMONIAL_REMOVAL, Case.Kind.ERASURE, Case.Kind.OBJECTION, Case.Kind.PHOTO_REMOVAL)
MOST = 500
REDACTED = re.compile(r"^\[[^\n]*\d{4}-\d{2}-\d{2}[^\n]*\]$")  # what stands in the place of a removed text


@dataclass(frozen=True)
class Line:
    """One public row of the person: `key` names it in the form ("forum.post:12")."""

    entry: PersonalModel
    pk: int
    key: str
    text: str


def refs_of_case(case: Case) -> tuple[SubjectRef, ...]:
    """The rows that stand for who asks."""
    return refs_of(case.refs)


def may_redact(case: Case) -> bool:
    """Whether the officer can take public texts or a photo down from this case."""
    return case.kind in KINDS and case.state == Case.State.OPEN and case.account_id is None


def list_redactable(case: Case) -> list[Line]:
    """Texts of the person that everybody can read, newest first; those that are redacted already are left out."""
    person, lines = Person(refs_of_case(case)), []
    with scopes_disabled():
        for entry in registry:
            if entry.redact is None:
                continue
            name = entry.fields[0].name
            for rows in rows_of(entry, person):
                for pk, text in rows.order_by("-pk").values_list("pk", name)[:MOST]:
                    if text and not _is_redacted(text):
                        lines.append(Line(entry, pk, f"{entry.model.lower()}:{pk}", text))
    return lines


def has_photo(case: Case) -> bool:
    """Whether a photo of who asks is here."""
    keys = [ref.pk for ref in refs_of_case(case) if ref.subject == "user"]
    return User.objects.filter(pk__in=keys).exclude(photo_key="").exists()


def _is_redacted(text: str) -> bool:
    return REDACTED.match(text) is not None


def count_undone_removals() -> int:
    """Removals that were answered in full in the last year and after which something redactable stayed.

    A case whose officer took down what was chosen, or whose person has nothing in public, counts as done.
    """
    undone = 0
    asked = Case.objects.filter(kind=Case.Kind.TESTIMONIAL_REMOVAL, state=Case.State.ANSWERED, in_part=False)
    done: set[Any] = set(CaseEvent.objects.filter(what="redacted").values_list("case_id", flat=True))
    for case in asked.filter(account=None).exclude(pk__in=done).order_by("-pk")[:MOST]:
        undone += bool(list_redactable(case))
    return undone
