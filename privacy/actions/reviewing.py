"""Cases that were refused or answered in part are looked at again on the day that the letter named (S102)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actions import record
from core.errors import Refused
from privacy.actions.cases import note_step, open_case, send_letter, tell_answerers
from privacy.models.cases import LONGEST_ANSWER, Case
from privacy.queries.cases import find_person_of, list_to_review


def remind_reviews() -> int:
    """Tells those who answer of each case whose day has come, once. Returns how many."""
    return sum(_remind(pk) for pk in [case.pk for case in list_to_review()])


@transaction.atomic
def _remind(pk: int) -> int:
    case = Case.objects.select_for_update().get(pk=pk)
    word = f"{case.review_on}/review"
    if case.told_for == word:
        return 0
    case.told_for = word
    case.save(update_fields=["told_for"])
    note_step(case, "review_due")
    tell_answerers(case, word)
    return 1


@transaction.atomic
def look_again(*, case: Case, by: Any, answer: str, review_on: date | None) -> Case:
    """Says what the look found, and when the next one is; the person gets the answer with it.

    Raises Refused where the case was not put off, a part is missing, or the answer grows too long.
    """
    case = _lock(case)
    text = answer.strip()
    if not text:
        raise Refused("answer", _("Write what you found."))
    if review_on is None or review_on <= timezone.now().date():
        raise Refused("review", _("Say on which day you look at it again. It must be later than today."))
    longer = f"{case.answer}\n\n{timezone.now():%Y-%m-%d}: {text}"
    if len(longer) > LONGEST_ANSWER:
        raise Refused("answer", _("With the earlier answers this is too long. Say it shorter."))
    case.answer, case.review_on, case.handled_by = longer, review_on, by
    case.save(update_fields=["answer", "review_on", "handled_by"])
    note_step(case, "looked_again", by=f"user:{by.pk}")
    record(account_ref=case.account_id, actor=f"user:{by.pk}", action="case.looked_again", subject=f"case:{case.pk}")
    send_letter("privacy.case_answered", case, f"again/{case.events.filter(what='looked_again').count()}")
    return case


@transaction.atomic
def do_it_now(*, case: Case, by: Any) -> Case:
    """The reason is over: a new case of the same kind begins for the same person, with a clock of its own.

    The old one is looked at when the new one is due. Raises Refused where the case was not put off.
    """
    case = _lock(case)
    channel = Case.Channel.STAFF if case.account_id is None else Case.Channel.OPERATOR
    fresh = open_case(
        kind=case.kind, channel=channel, person=find_person_of(case), user=case.user, email=case.email,
        text=case.text, account=case.account, by=by, language=case.language,
    )  # fmt: skip
    case.review_on = fresh.due_at.date()
    case.save(update_fields=["review_on"])
    note_step(case, "reopened", by=f"user:{by.pk}", facts={"into": fresh.label})
    return fresh


def _lock(case: Case) -> Case:
    locked = Case.objects.select_for_update(of=("self",)).select_related("user", "account").get(pk=case.pk)
    if locked.is_live or locked.review_on is None:
        raise Refused("wrong_state", _("This case is at another step by now. Look at it again."), status=409)
    return locked
