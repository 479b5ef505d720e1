"""Personal data of enforcement: what is held against a member, on what evidence, and what they say to it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chat.files import store
from core.personal_data import (
    Basis,
    Category,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
    registry,
)
from enforcement.models import KEEP_DAYS, EnforcementCase, Evidence

KEPT = _("3 years after the end of the case")
WHY = _("To stop misuse by a rule, with a notice, an answer and an appeal.")


def user_pk(ref: SubjectRef) -> int:
    """The primary key of the person with a login, or 0 (nobody)."""
    return ref.pk if ref.subject is Subject.USER else 0


def old_cases(now: datetime) -> "QuerySet[EnforcementCase]":
    """Cases that ended three years ago."""
    return EnforcementCase.objects.filter(closed_at__lt=now - timedelta(days=KEEP_DAYS))


def forget_files_of_cases(keys: list[Any]) -> None:
    """Files of cases whose rows go, in the caller's transaction."""
    rows = Evidence.objects.filter(case__in=keys).exclude(path="")
    store.remove_on_commit(list(rows.values_list("path", flat=True)))


def forget_files(keys: list[Any]) -> None:
    """The same for evidence."""
    rows = Evidence.objects.filter(pk__in=keys).exclude(path="")
    store.remove_on_commit(list(rows.values_list("path", flat=True)))


def held(name: str, label: Any) -> PersonalField:
    """A text of a case."""
    return PersonalField(name, Category.CONTENT, Purpose.SECURITY, Basis.INTEREST, WHY, label=label)


registry.register(
    PersonalModel(
        "enforcement.EnforcementCase",
        Subject.USER,
        label=_("Cases about misuse"),
        rows_of=lambda ref: EnforcementCase.objects.filter(user=user_pk(ref)),
        expired=old_cases,
        kept=KEPT,
        link="enforcement:mine",
        before_delete=forget_files_of_cases,
        fields=(
            held("facts", _("What happened")),
            held("answer", _("What you said to it")),
            held("decision", _("Why it was suspended")),
            held("appeal", _("Your appeal")),
            held("appeal_answer", _("What came of the appeal")),
        ),
        keys={
            "user": _("The member whom it is about."),
            "opened_by": _("Who of our staff began it."),
            "suspended_by": _("Who of our staff decided it."),
            "appeal_decided_by": _("Who of our staff decided the appeal."),
        },
    ),
    PersonalModel(
        "enforcement.Evidence",
        Subject.USER,
        label=_("Evidence in cases about misuse"),
        rows_of=lambda ref: Evidence.objects.filter(case__user=user_pk(ref)),
        files_of=lambda row: [(row.name, store.path_of(row.path))] if row.path else [],
        kept=KEPT,
        before_delete=forget_files,
        fields=(held("text", _("Text")), held("link", _("Link")), held("name", _("Name of the file"))),
        keys={"added_by": _("Who of our staff added it.")},
        not_personal={"content_type": "What kind of file it is.", "path": "A random name on the disk."},
    ),
    PersonalModel("enforcement.Series", Subject.NOBODY, label=_("The last number of a case about misuse")),
)
