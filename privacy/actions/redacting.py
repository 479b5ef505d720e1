"""Writes of a case about something public: posts are redacted, a photo is removed, as the person asked (S101)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.erasing import keys_of
from accounts.actions.photos import remove_photo
from accounts.models import User
from accounts.scoping import scopes_disabled
from audit.actions import record
from core.errors import Refused
from core.personal_data import registry
from privacy.models.cases import Case, CaseEvent
from privacy.persons import Person
from privacy.queries.redactable import list_redactable, refs_of_case


@transaction.atomic
def redact(*, case: Case, by: Any, chosen: list[str]) -> int:
    """Replaces the chosen texts of the person ("forum.post:12"), so that threads stay readable; answers how many.

    Raises Refused: `wrong_state` where the case is not open or nobody proved who asks, `nothing` where none of the
    chosen ones is the person's.
    """
    case = _open(case)
    own = {line.key: line for line in list_redactable(case)}
    lines = [own[key] for key in dict.fromkeys(chosen) if key in own]
    if not lines:
        raise Refused("nothing", _("Choose what goes."))
    masked = 0
    with scopes_disabled():
        for entry in {id(line.entry): line.entry for line in lines}.values():
            keys = [line.pk for line in lines if line.entry is entry]
            masked += entry.redact(keys) if entry.redact else 0
    _note(case, by, "redacted", {"texts": len(lines), "masked": masked})
    return len(lines)


@transaction.atomic
def remove_photo_of(*, case: Case, by: Any) -> None:
    """Removes the photo of who asks. Raises Refused: `wrong_state`, and `nothing` where there is none."""
    case = _open(case)
    refs = [ref.pk for ref in refs_of_case(case) if ref.subject == "user"]
    people = list(User.objects.filter(pk__in=refs).exclude(photo_key=""))
    if not people:
        raise Refused("nothing", _("There is no photo."))
    for user in people:
        remove_photo(user=user)
    _note(case, by, "photo_removed", {})


def take_down(person: Person) -> int:
    """Replaces every text of a person that everybody reads, with what others quoted; answers how many (S49)."""
    texts = 0
    with scopes_disabled():
        for entry in registry:
            keys = keys_of(entry, person.refs) if entry.redact is not None else []
            if entry.redact is not None and keys:
                entry.redact(keys)
                texts += len(keys)
    return texts


def _open(case: Case) -> Case:
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.state != Case.State.OPEN or locked.verified_at is None or locked.account_id is not None:
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)
    return locked


def _note(case: Case, by: Any, what: str, facts: dict[str, Any]) -> None:
    CaseEvent.objects.create(case=case, what=what, by=f"user:{by.pk}", facts=facts)
    record(account_ref=None, actor=f"user:{by.pk}", action=f"case.{what}", subject=f"case:{case.pk}", facts=facts)
