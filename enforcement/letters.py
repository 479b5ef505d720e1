"""Letters of enforcement, resolved when they leave: to whom a case is about, and to who decides an appeal."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from accounts.links import absolute
from accounts.outbound import address_of
from accounts.queries import users_by_pk
from core.outbound import Letter
from enforcement.models import EnforcementCase


def load_steps(rows: Sequence[Any]) -> dict[int, Letter]:
    """What happened in a case; the words of the decision are in it, evidence and answers are on the page."""
    people = users_by_pk(row.recipient for row in rows)
    known = EnforcementCase.objects.select_related("account").in_bulk([row.payload["case"] for row in rows])
    letters = {}
    for row in rows:
        case, user = known.get(row.payload["case"]), people.get(row.recipient)
        if case is not None and user is not None:
            step = row.payload["step"]
            to_officer = step == "appealed"
            door = reverse("enforcement:appeal", args=[case.number]) if to_officer else reverse(
                "enforcement:notice", args=[case.public_id]
            )  # fmt: skip
            context = {
                "name": user.name, "number": case.label, "step": step, "to_officer": to_officer,
                "company": case.account.company if case.account else "", "answer_by": case.answer_by,
                "facts": case.facts, "decision": case.decision, "appeal_answer": case.appeal_answer,
                "url": absolute(door),
            }  # fmt: skip
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters
