"""Personal data of surveys: texts that people wrote, and the names that some of them gave."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

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
from surveys.models import Answer, MemberContact, MemberMark, Sheet, VisitorContact, VisitorMark

KEPT = _("%(days)d days, or until it is taken back") % {"days": Sheet.KEEP_DAYS}


def visitor_pk(ref: SubjectRef) -> int:
    """The primary key of the visitor, or 0 (nobody) for another subject."""
    return ref.pk if ref.subject is Subject.VISITOR else 0


def user_pk(ref: SubjectRef) -> int:
    """The primary key of the person with a login, or 0."""
    return ref.pk if ref.subject is Subject.USER else 0


def old_sheets(now: datetime) -> "QuerySet[Sheet]":
    """Sheets whose days are over."""
    return Sheet.objects.filter(month__lt=now.date() - timedelta(days=Sheet.KEEP_DAYS))


def survey_field(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    """A field that somebody filled in of their own will."""
    return PersonalField(name, category, Purpose.SURVEY, Basis.CONSENT, why, label=label, **changes)


CONTACT = (
    survey_field("name", Category.IDENTITY, _("Only if you want to be known. You may leave it out."), _("Name")),
    survey_field("email", Category.CONTACT, _("Only if you want an answer. You may leave it out."), _("E-mail")),
    survey_field(
        "text_hash", Category.RECORD, _("Proof of the sentence that you agreed to."), _("Hash of the sentence"),
        export=False,
    ),
    survey_field(
        "key", Category.SECRET, _("The word in the link that takes your name back."), _("Key of the link"), export=False
    ),
)  # fmt: skip

registry.register(
    PersonalModel(
        "surveys.Survey",
        Subject.NOBODY,
        label=_("Surveys"),
        not_personal={
            "key": "A random word in a link.",
            "title": "A text of the company.",
            "intro": "A text of the company.",
        },
    ),
    PersonalModel(
        "surveys.Question",
        Subject.NOBODY,
        label=_("Questions of surveys"),
        not_personal={"label": "A text of the company.", "options": "Texts of the company."},
        json={"options": ()},
    ),
    PersonalModel(
        "surveys.Answer",
        Subject.VISITOR,
        label=_("What you wrote in a survey, where you gave your name"),
        rows_of=lambda ref: Answer.objects.filter(sheet__visitor_contact__visitor=visitor_pk(ref)),
        kept=KEPT,
        fields=(survey_field("text", Category.CONTENT, _("The answer that you gave."), _("Answer")),),
    ),
    PersonalModel(
        "surveys.VisitorContact",
        Subject.VISITOR,
        label=_("Your name in a survey"),
        rows_of=lambda ref: VisitorContact.objects.filter(visitor=visitor_pk(ref)),
        kept=KEPT,
        fields=CONTACT,
        keys={"visitor": _("Who gave it, in a chat window.")},
    ),
    PersonalModel(
        "surveys.MemberContact",
        Subject.USER,
        label=_("Your name in a survey"),
        rows_of=lambda ref: MemberContact.objects.filter(user=user_pk(ref)),
        kept=KEPT,
        fields=CONTACT,
        keys={"user": _("Who gave it.")},
    ),
    PersonalModel(
        "surveys.MemberMark",
        Subject.USER,
        label=_("Surveys that you are not asked again"),
        rows_of=lambda ref: MemberMark.objects.filter(user=user_pk(ref)),
        kept=_("as long as the survey"),
        keys={"user": _("Who answered or said no thanks; which of the two is not kept.")},
    ),
    PersonalModel(
        "surveys.VisitorMark",
        Subject.VISITOR,
        label=_("Surveys that you are not asked again"),
        rows_of=lambda ref: VisitorMark.objects.filter(visitor=visitor_pk(ref)),
        kept=_("as long as your chats"),
        keys={"visitor": _("Who answered or said no thanks; which of the two is not kept.")},
    ),
    PersonalModel(
        "surveys.Sheet",
        Subject.NOBODY,
        label=_("Filled-in surveys, without names"),
        expired=old_sheets,
        kept=_("%(days)d days") % {"days": Sheet.KEEP_DAYS},
    ),
)
