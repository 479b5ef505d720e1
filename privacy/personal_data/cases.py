"""Personal data of privacy: cases with their steps."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
    registry,
)
from privacy.models.cases import KEEP_DAYS, Case, CaseEvent

WHY = _("To answer what you ask about your data, and to show that we did.")
KEPT = _("The law wants proof that your request was answered in time. It is emptied 3 years after the answer.")


def cases_of(ref: SubjectRef) -> QuerySet[Case]:
    """The cases of one person: their own, and those whose rows of the person name them."""
    own = Q(user=ref.pk) if ref.subject is Subject.USER else Q(pk=0)
    word = f'["{ref.subject.value}", {ref.pk}]'
    return Case.objects.annotate(words=Cast("refs", TextField())).filter(own | Q(words__contains=word))


def kept(name: str, category: Category, label: Any) -> PersonalField:
    """A field of a case: it stays after erasure, as the proof, for three years."""
    return PersonalField(
        name, category, Purpose.RIGHTS, Basis.LAW, WHY, Erase.KEEP, KEEP_DAYS, label=label, kept_because=KEPT
    )


def no_rows(now: datetime) -> QuerySet[Case]:
    """Cases never die as rows: number and dates stay, what they say is emptied."""
    return Case.objects.none()


registry.register(
    PersonalModel(
        "privacy.Case",
        Subject.USER,
        label=_("Privacy requests"),
        rows_of=cases_of,
        aged_by="closed_at",
        expired=no_rows,
        kept=_("3 years after the answer, then only number and dates"),
        fields=(
            kept("email", Category.CONTACT, _("E-mail for the answer")),
            kept("text", Category.CONTENT, _("What you asked")),
            kept("answer", Category.CONTENT, _("Our answer")),
            kept("pause_reason", Category.CONTENT, _("What we waited for")),
            kept("extension_reason", Category.CONTENT, _("Why it took longer")),
            kept("refs", Category.RECORD, _("Which of your records it is about")),
        ),
        keys={"user": _("Who asked."), "handled_by": _("Who answered."), "merged_into": _("The case that it joined.")},
        not_personal={
            "secret_hash": "A hash of a random secret.",
            "told_for": "A day and a number of days.",
            "language": "The language of the letters.",
        },
        json={"refs": ()},
    ),
    PersonalModel(
        "privacy.CaseEvent",
        Subject.USER,
        label=_("Steps of privacy requests"),
        rows_of=lambda ref: CaseEvent.objects.filter(case__in=cases_of(ref).values("pk")),
        kept=_("as long as the request"),
        fields=(
            PersonalField(
                "by", Category.RECORD, Purpose.RIGHTS, Basis.LAW, WHY, Erase.KEEP, label=_("Who did it"),
                kept_because=KEPT,
            ),
            PersonalField("at", Category.RECORD, Purpose.RIGHTS, Basis.LAW, WHY, Erase.KEEP, label=_("When"),
                          kept_because=KEPT),
        ),
        keys={"case": _("The request.")},
        not_personal={"what": "A word of a list.", "facts": "Counts and words of lists."},
        json={
            "facts": (
                "certificate", "channel", "days", "from", "how", "in_part", "into", "masked", "reason", "texts", "why",
            )
        },  # fmt: skip
    ),
    PersonalModel("privacy.CaseSeries", Subject.NOBODY, label=_("The last number of a request")),
)  # fmt: skip
