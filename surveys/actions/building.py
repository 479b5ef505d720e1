"""Making surveys: save, copy, switch on and off, delete (S70)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account
from audit.actions import record
from chat.models import Tag, Widget
from chat.realtime.protocol import clean_text
from core.errors import Refused
from operators.models import Group
from surveys.models import Question, Sheet, Survey, make_key
from surveys.queries import list_questions, members_key

MOST_SURVEYS = 100
MOST_OPTIONS = 12
Kind = Question.Kind


@dataclass(frozen=True)
class Draft:
    """A question as it stands in the builder."""

    kind: str
    label: str
    options: list[str] = field(default_factory=list)
    is_required: bool = False


@dataclass(frozen=True)
class Aim:
    """Who is asked, and when. `widget`, `group` and `tag` are keys; they and `rating` are for visitors only."""

    audience: str
    sample: int = 100
    since: date | None = None
    until: date | None = None
    widget: int | None = None
    group: int | None = None
    tag: int | None = None
    rating: str = ""


class Wrong(Refused):
    """What does not fit in a survey; `place` is the number of the question from 1, or 0."""

    def __init__(self, code: str, message: str, place: int = 0) -> None:
        super().__init__(code, message)
        self.place = place


@transaction.atomic
def save_survey(
    *, account: Account | None, actor: str, title: str, intro: str, aim: Aim, asks_name: bool,
    questions: Sequence[Draft], survey: Survey | None = None,
) -> Survey:  # fmt: skip
    """Makes a survey, or changes one, in its owner's scope. Once it is filled in, its questions stay as they are.

    Raises Refused (Wrong): `no_title`, `no_question`, `bad_question`, `too_many`, `bad_aim`, `has_answers`.
    """
    title, intro = " ".join(clean_text(title).split())[:120], clean_text(intro)[:500]
    if not title:
        raise Wrong("no_title", _("Give the survey a title. Who is asked reads it."))
    _check_questions(questions)
    values = {"title": title, "intro": intro, "asks_name": asks_name, **_aim(account, aim)}
    if survey is None:
        if account is not None:
            Account.objects.select_for_update().get(pk=account.pk)
        if Survey.objects.filter(account=account).count() >= MOST_SURVEYS:
            raise Wrong("too_many", _("There is room for %(n)d surveys. Delete one first.") % {"n": MOST_SURVEYS})
        survey = Survey.objects.create(account=account, **values)
        _replace_questions(survey, questions)
    else:
        Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
        if _drafts_of(survey) != list(questions):
            if Sheet.objects.filter(survey=survey).exists():
                raise Wrong(
                    "has_answers",
                    _("People have answered these questions, so they stay as they are. Make a copy to ask others."),
                )
            _replace_questions(survey, questions)
        Survey.objects.filter(pk=survey.pk).update(**values)
        survey.refresh_from_db()
    _forget(survey)
    _log(survey, actor, "survey.saved", {"questions": len(questions)})
    return survey


@transaction.atomic
def switch_survey(*, survey: Survey, is_on: bool, actor: str) -> None:
    """Begins or stops asking; switching twice is harmless."""
    if Survey.objects.filter(pk=survey.pk).exclude(is_on=is_on).update(is_on=is_on):
        _log(survey, actor, "survey.switched", {"is_on": is_on})
    _forget(survey)


@transaction.atomic
def copy_survey(*, survey: Survey, actor: str) -> Survey:
    """The same questions and aim again, switched off and with a link of its own."""
    drafts = _drafts_of(survey)
    title = _("%(title)s (copy)") % {"title": survey.title[:100]}
    copy = Survey.objects.get(pk=survey.pk)
    fresh = {
        name: getattr(copy, name)
        for name in ("account_id", "intro", "audience", "asks_name", "since", "until", "sample", "rating")
    }
    keys = {f"{name}_id": getattr(copy, f"{name}_id") for name in ("widget", "group", "tag")}
    made: Survey = Survey.objects.create(title=title, key=make_key(), is_on=False, **fresh, **keys)
    _replace_questions(made, drafts)
    _log(made, actor, "survey.saved", {"questions": len(drafts)})
    return made


@transaction.atomic
def delete_survey(*, survey: Survey, actor: str) -> int:
    """Deletes a survey with everything that was filled in. Answers how many sheets went."""
    sheets = Sheet.objects.filter(survey=survey).count()
    _log(survey, actor, "survey.deleted", {"sheets": sheets})
    _forget(survey)
    survey.delete()
    return int(sheets)


def _drafts_of(survey: Survey) -> list[Draft]:
    return [Draft(one.kind, one.label, list(one.options), one.is_required) for one in list_questions(survey)]


def _replace_questions(survey: Survey, drafts: Sequence[Draft]) -> None:
    Question.objects.filter(survey=survey).delete()
    Question.objects.bulk_create(
        [
            Question(
                account_id=survey.account_id, survey=survey, position=place, kind=one.kind, label=one.label,
                options=one.options, is_required=one.is_required,
            )
            for place, one in enumerate(drafts, start=1)
        ]
    )  # fmt: skip


def _check_questions(drafts: Sequence[Draft]) -> None:
    if not drafts:
        raise Wrong("no_question", _("Add a question."))
    if len(drafts) > Survey.MOST_QUESTIONS:
        raise Wrong("too_many", _("A survey has at most %(n)d questions.") % {"n": Survey.MOST_QUESTIONS})
    for place, one in enumerate(drafts, start=1):
        sentence = _why_not(one)
        if sentence:
            raise Wrong("bad_question", sentence, place)


def _why_not(one: Draft) -> str:
    if one.kind not in Kind.values:
        return _("Choose the kind of the question.")
    if not one.label or len(one.label) > 200:
        return _("Write the question, in at most 200 characters.")
    if one.kind not in (Kind.CHOICE, Kind.CHOICES):
        return _("Only a choice has answers to choose from.") if one.options else ""
    if len(one.options) < 2 or len(one.options) > MOST_OPTIONS:
        return _("Write 2 to %(n)d answers to choose from, one a line.") % {"n": MOST_OPTIONS}
    if len({option.casefold() for option in one.options}) < len(one.options):
        return _("One of the answers stands there twice.")
    return _("An answer has at most 120 characters.") if max(map(len, one.options)) > 120 else ""


def _aim(account: Account | None, aim: Aim) -> dict[str, Any]:
    """The columns of an aim. Raises Wrong `bad_aim`."""
    if aim.audience not in Survey.Audience.values or (account is None and aim.audience == Survey.Audience.VISITORS):
        raise Wrong("bad_aim", _("Choose who is asked."))
    if not 1 <= aim.sample <= 100:
        raise Wrong("bad_aim", _("The share is a number from 1 to 100."))
    if aim.since and aim.until and aim.until < aim.since:
        raise Wrong("bad_aim", _("The last day lies before the first."))
    found: dict[str, Any] = {
        "audience": aim.audience, "sample": aim.sample, "since": aim.since, "until": aim.until, "rating": "",
        "widget": None, "group": None, "tag": None,
    }  # fmt: skip
    if account is not None and aim.audience == Survey.Audience.VISITORS:
        found["rating"] = aim.rating if aim.rating in ("good", "bad") else ""
        for name, model in (("widget", Widget), ("group", Group), ("tag", Tag)):
            key = getattr(aim, name)
            if key is not None:
                found[name] = model.of(account).filter(pk=key).first()
                if found[name] is None:
                    raise Wrong("bad_aim", _("Something that you chose is gone meanwhile. Choose again."))
    return found


def _forget(survey: Survey) -> None:
    """What is remembered for a minute about who is asked."""
    key = members_key(survey.account_id or 0)
    transaction.on_commit(lambda: cache.delete(key), robust=True)


def _log(survey: Survey, actor: str, action: str, facts: dict[str, Any]) -> None:
    record(account_ref=survey.account_id, actor=actor, action=action, facts={"survey": survey.pk, **facts})
