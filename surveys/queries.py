"""Reads of surveys: those of an account or of the site, which one somebody is asked, and the results."""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Account, User
from accounts.scoping import account_scope, scopes_disabled
from chat.models import Chat, ChatTag, Visitor
from chat.queries import find_last_chat
from core.errors import not_found
from surveys.models import Answer, MemberMark, Question, Sheet, Survey, VisitorMark

ENOUGH = 5  # sheets, before anything but their number is shown: fewer could be told apart
TEXTS_A_PAGE = 50
KNOWN_SECONDS = 60


def scope_of(account: Account | None) -> Any:
    """The scope in which an owner's surveys are read and written: the account, or none for those who run the site."""
    return account_scope(account) if account is not None else scopes_disabled()  # the site's own rows have no account


def of_owner(account: Account | None) -> "QuerySet[Survey]":
    """The surveys of an account, or (None) of the site."""
    if account is not None:
        return Survey.of(account)
    rows: QuerySet[Survey] = Survey.objects.with_scopes_disabled().filter(account=None)  # no account: nobody's wall
    return rows


def list_surveys(account: Account | None) -> list[Survey]:
    """An owner's surveys, the newest first, with `sheet_count` and `question_count`."""
    rows = of_owner(account).annotate(
        sheet_count=Count("sheets", distinct=True), question_count=Count("questions", distinct=True)
    )
    return list(rows.order_by("-pk"))


def find_survey_for(account: Account | None, public_id: UUID) -> Survey:
    """A survey of that owner. Raises Refused `not_found`."""
    found = of_owner(account).select_related("account").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def find_survey_by_key(key: str) -> Survey:
    """The survey behind a link, while it is asked. Raises Refused `not_found`."""
    every = Survey.objects.with_scopes_disabled().select_related("account")  # the word in the link names the survey
    found: Survey | None = every.filter(key=key, is_on=True, audience=Survey.Audience.LINK).first()
    if found is None or not is_in_time(found):
        raise not_found()
    return found


def list_questions(survey: Survey) -> list[Question]:
    """The questions of a survey in their order."""
    with scope_of(survey.account):
        return list(Question.objects.filter(survey=survey).order_by("position"))


def has_sheets(survey: Survey) -> bool:
    """Whether somebody filled it in already: then its questions stay as they are."""
    with scope_of(survey.account):
        return bool(Sheet.objects.filter(survey=survey).exists())


def is_in_time(survey: Survey, today: date | None = None) -> bool:
    """Whether the day, at the account, lies between the survey's dates."""
    today = today or timezone.localdate(timezone=survey.account.zone if survey.account else None)
    return (survey.since is None or survey.since <= today) and (survey.until is None or today <= survey.until)


def is_in_sample(survey: Survey, who: UUID) -> bool:
    """Whether somebody belongs to the share that is asked: always the same answer, and nothing is stored for it."""
    digest = hashlib.sha256(f"{survey.public_id}:{who}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < survey.sample


# ---- who is asked ------------------------------------------------------------------------------------------------
def find_for_visitor(visitor: Visitor) -> Survey | None:
    """The survey that this visitor is asked now: the last chat ended, fits, and the visitor did not say no thanks."""
    chat = find_last_chat(visitor.pk)
    if chat is None or chat.state != Chat.State.CLOSED:
        return None
    marked = VisitorMark.objects.filter(visitor=visitor).values("survey_id")
    rows = Survey.objects.select_related("account").filter(audience=Survey.Audience.VISITORS, is_on=True)
    tags: set[int] | None = None
    for survey in rows.exclude(pk__in=marked).order_by("-pk")[:50]:
        if survey.tag_id is not None and tags is None:
            tags = set(ChatTag.objects.filter(chat=chat).values_list("tag_id", flat=True))
        if _fits(survey, chat, tags or set()) and is_in_sample(survey, visitor.public_id):
            return survey
    return None


def _fits(survey: Survey, chat: Chat, tags: set[int]) -> bool:
    return (
        is_in_time(survey)
        and survey.widget_id in (None, chat.widget_id)
        and survey.group_id in (None, chat.group_id)
        and (survey.tag_id is None or survey.tag_id in tags)
        and survey.rating in ("", chat.rating)
    )


def members_key(account_pk: int) -> str:
    """Where it is remembered for a minute which surveys an account's people may be asked; 0: those of the site."""
    return f"surveys:members:{account_pk}"


def _list_for_members(account_pk: int) -> list[int]:
    """The keys of surveys that are on for people in the app; asked of the database once a minute."""
    known: list[int] | None = cache.get(members_key(account_pk))
    if known is None:
        every = Survey.objects.with_scopes_disabled()  # by key of the asker's own account, or the site's own
        rows = every.filter(audience=Survey.Audience.MEMBERS, is_on=True, account=account_pk or None)
        known = list(rows.order_by("-pk").values_list("pk", flat=True)[:20])
        cache.set(members_key(account_pk), known, KNOWN_SECONDS)
    return known


def find_for_member(user: User, account_pk: int, public_id: UUID | None = None) -> Survey | None:
    """The survey that somebody who is signed in is asked now, of their account or of the site; or that very one."""
    keys = [*_list_for_members(0), *_list_for_members(account_pk)]
    if not keys:
        return None
    with scopes_disabled():  # surveys by the keys above; marks of the asker only
        marked = set(MemberMark.objects.filter(user=user, survey__in=keys).values_list("survey_id", flat=True))
        rows = Survey.objects.select_related("account").filter(pk__in=keys, is_on=True).exclude(pk__in=marked)
        if public_id is not None:
            rows = rows.filter(public_id=public_id)
        for survey in rows.order_by("-pk"):
            if is_in_time(survey) and is_in_sample(survey, user.public_id):
                return survey
    return None


# ---- results -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Bar:
    """One answer of a question: how many chose it, and its share of the sheets that answered, in per cent."""

    label: Any
    count: int
    share: int


@dataclass(frozen=True)
class QuestionResult:
    """The answers to one question together. `mean` for points; `score` (-100 to 100) for 0 to 10."""

    question: Question
    answered: int
    bars: list[Bar]
    mean: float | None = None
    score: int | None = None
    texts: int = 0


@dataclass(frozen=True)
class Results:
    """What came in: how many sheets, and, when they are enough, the answers by question."""

    sheets: int
    is_enough: bool
    questions: list[QuestionResult]


def months_between(since: date | None, until: date | None) -> Q:
    """Sheets of whole months, both ends included."""
    found = Q()
    if since is not None:
        found &= Q(month__gte=since.replace(day=1))
    if until is not None:
        found &= Q(month__lte=until.replace(day=1))
    return found


def read_results(survey: Survey, since: date | None = None, until: date | None = None) -> Results:
    """Counts, means and shares of a survey, in three statements; fewer than five sheets show their number only."""
    with scope_of(survey.account):
        sheets = Sheet.objects.filter(months_between(since, until), survey=survey)
        count = sheets.count()
        if count < ENOUGH:
            return Results(count, False, [])
        questions = list(Question.objects.filter(survey=survey).order_by("position"))
        rows = Answer.objects.filter(sheet__in=sheets)
        counts: dict[tuple[int, int], int] = {}
        answered: dict[int, int] = {}
        for row in rows.values("question_id", "number").annotate(n=Count("pk")).order_by():
            counts[row["question_id"], -1 if row["number"] is None else row["number"]] = row["n"]
        for one in rows.values("question_id").annotate(n=Count("sheet", distinct=True)).order_by():
            answered[one["question_id"]] = one["n"]
    return Results(count, True, [_result(one, counts, answered.get(one.pk, 0)) for one in questions])


def _result(question: Question, counts: dict[tuple[int, int], int], answered: int) -> QuestionResult:
    if question.kind == Question.Kind.TEXT:
        return QuestionResult(question, answered, [], texts=counts.get((question.pk, -1), 0))
    numbers = {value: counts.get((question.pk, value), 0) for value in question.values}
    bars = [
        Bar(question.name_of(value), count, round(100 * count / answered) if answered else 0)
        for value, count in numbers.items()
    ]
    mean = score = None
    if question.kind in (Question.Kind.RATING, Question.Kind.NPS) and answered:
        mean = sum(value * count for value, count in numbers.items()) / answered
    if question.kind == Question.Kind.NPS and answered:
        promoters = sum(count for value, count in numbers.items() if value >= 9)
        critics = sum(count for value, count in numbers.items() if value <= 6)
        score = round(100 * (promoters - critics) / answered)
    return QuestionResult(question, answered, bars, mean, score)


def list_texts(question: Question, since: date | None, until: date | None, page: int) -> list[Answer]:
    """Texts of one question, a page of 50 (one more tells that there are more), in an order that tells nothing."""
    with scope_of(question.survey.account):
        sheets = Sheet.objects.filter(months_between(since, until), survey=question.survey_id)
        rows = Answer.objects.filter(question=question, sheet__in=sheets).exclude(text="")
        rows = rows.select_related("sheet__visitor_contact", "sheet__member_contact")
        start = page * TEXTS_A_PAGE
        return list(rows.order_by("sheet__ident")[start : start + TEXTS_A_PAGE + 1])


def list_sheets(survey: Survey, since: date | None, until: date | None, after: UUID | None, limit: int) -> list[Sheet]:
    """Sheets with their answers and contacts, by their random number, for the export."""
    sheets = Sheet.objects.filter(months_between(since, until), survey=survey)
    if after is not None:
        sheets = sheets.filter(ident__gt=after)
    sheets = sheets.select_related("visitor_contact", "member_contact").prefetch_related("answers")
    return list(sheets.order_by("ident")[:limit])


def contact_of(sheet: Sheet) -> Any:
    """The contact beside a sheet, or None."""
    for name in ("visitor_contact", "member_contact"):
        with contextlib.suppress(
            Sheet.visitor_contact.RelatedObjectDoesNotExist, Sheet.member_contact.RelatedObjectDoesNotExist
        ):
            return getattr(sheet, name)
    return None
