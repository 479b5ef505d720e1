"""Pages of who makes surveys: list, builder, preview, results, export. The same for an account and for the site."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actions import record, record_export
from core.personal_data import Purpose
from core.sheets import TYPES
from surveys import actions, exports, queries
from surveys.actions.building import Draft, Wrong
from surveys.desks import Desk
from surveys.filling import say_consent, show_questions
from surveys.forms import SurveyForm, change_drafts, read_drafts, start_of
from surveys.models import Question, Survey

EDIT = ["GET", "HEAD", "POST"]
TEXTS = queries.TEXTS_A_PAGE


@require_safe
@never_cache
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The surveys of this desk."""
    rows = [{"survey": one, "in_time": queries.is_in_time(one)} for one in queries.list_surveys(desk.account)]
    return render(request, "surveys/list.html", {"desk": desk, "rows": rows})


@require_http_methods(EDIT)
@never_cache
def build(request: HttpRequest, desk: Desk, public_id: UUID | None = None) -> HttpResponse:
    """Makes or changes a survey; each button of the builder posts the whole form, so nothing is lost."""
    survey = queries.find_survey_for(desk.account, public_id) if public_id else None
    if request.method != "POST":
        drafts = _drafts(survey) if survey else [Draft(Question.Kind.RATING, "")]
        return _builder(
            request,
            desk,
            survey,
            SurveyForm(initial=start_of(survey) if survey else None, account=desk.account),
            drafts,
        )
    form = SurveyForm(request.POST, account=desk.account)
    drafts, deed = read_drafts(request.POST), request.POST.get("do", "save")
    if deed != "save":
        if deed == "add":
            deed = f"add:{request.POST.get('kind', '')}"
        changed = change_drafts(drafts, deed)
        shown = SurveyForm(initial=form.data.dict(), account=desk.account)  # type: ignore[attr-defined]  # a QueryDict
        return _builder(request, desk, survey, shown, changed, moved=deed)
    if not form.is_valid():
        return _builder(request, desk, survey, form, drafts)
    data = form.cleaned_data
    try:
        saved = actions.save_survey(
            account=desk.account, actor=desk.actor, title=data["title"], intro=data["intro"], aim=form.aim(),
            asks_name=data["asks_name"], questions=drafts, survey=survey,
        )  # fmt: skip
    except Wrong as wrong:
        if not wrong.place:
            form.add_error("title" if wrong.code == "no_title" else None, str(wrong.message))
        return _builder(request, desk, survey, form, drafts, wrong=wrong)
    messages.success(request, _("“%(title)s” is saved.") % {"title": saved.title})
    return redirect(desk.url("preview", saved.public_id))


def _drafts(survey: Survey) -> list[Draft]:
    return [Draft(one.kind, one.label, list(one.options), one.is_required) for one in queries.list_questions(survey)]


def _builder(
    request: HttpRequest, desk: Desk, survey: Survey | None, form: SurveyForm, drafts: list[Draft], *,
    wrong: Wrong | None = None, moved: str = "",
) -> HttpResponse:  # fmt: skip
    context = {
        "desk": desk,
        "survey": survey,
        "form": form,
        "drafts": [
            {
                "place": place, "draft": one, "options": "\n".join(one.options),
                "choosing": one.kind in ("choice", "choices"),
                "error": str(wrong.message) if wrong and wrong.place == place else "",
            }
            for place, one in enumerate(drafts, start=1)
        ],
        "kinds": Question.Kind.choices,
        "is_full": len(drafts) >= Survey.MOST_QUESTIONS,
        "is_fixed": survey is not None and queries.has_sheets(survey),
        "wrong": wrong if wrong and wrong.place else None,
        "moved": moved,
    }  # fmt: skip
    return render(request, "surveys/build.html", context, status=400 if wrong or form.errors else 200)


@require_http_methods(EDIT)
@never_cache
def preview(request: HttpRequest, desk: Desk, public_id: UUID) -> HttpResponse:
    """The survey as it is asked; what is sent here is kept nowhere."""
    survey = queries.find_survey_for(desk.account, public_id)
    if request.method == "POST":
        messages.info(request, _("This was the preview: nothing was kept."))
        return redirect(desk.url("preview", survey.public_id))
    company = survey.account.company if survey.account else ""
    context = {
        "desk": desk, "survey": survey, "rows": show_questions(queries.list_questions(survey)),
        "consent": say_consent(company) if survey.asks_name else "", "link": _link(survey), "sent": {},
    }  # fmt: skip
    return render(request, "surveys/preview.html", context)


def _link(survey: Survey) -> str:
    from django.urls import reverse

    return reverse("surveys:asked_by_link", args=[survey.key]) if survey.audience == Survey.Audience.LINK else ""


@require_POST
def switch(request: HttpRequest, desk: Desk, public_id: UUID) -> HttpResponse:
    """Begins or stops asking."""
    survey = queries.find_survey_for(desk.account, public_id)
    is_on = request.POST.get("on") == "yes"
    actions.switch_survey(survey=survey, is_on=is_on, actor=desk.actor)
    words = _("“%(title)s” is asked from now on.") if is_on else _("“%(title)s” is not asked any more.")
    messages.success(request, words % {"title": survey.title})
    return redirect(desk.url("list"))


@require_POST
def copy(request: HttpRequest, desk: Desk, public_id: UUID) -> HttpResponse:
    """The same survey again, to ask something else."""
    made = actions.copy_survey(survey=queries.find_survey_for(desk.account, public_id), actor=desk.actor)
    return redirect(desk.url("edit", made.public_id))


@require_http_methods(EDIT)
@never_cache
def delete(request: HttpRequest, desk: Desk, public_id: UUID) -> HttpResponse:
    """Asks first; then the survey is gone, with what was filled in."""
    survey = queries.find_survey_for(desk.account, public_id)
    if request.method != "POST":
        count = queries.read_results(survey).sheets
        return render(request, "surveys/delete.html", {"desk": desk, "survey": survey, "sheets": count})
    count = actions.delete_survey(survey=survey, actor=desk.actor)
    words = ngettext("“%(title)s” is deleted, with %(n)d answer.", "“%(title)s” is deleted, with %(n)d answers.", count)
    messages.success(request, words % {"title": survey.title, "n": count})
    return redirect(desk.url("list"))


def read_month(text: str) -> date | None:
    """The first day of "2030-05"; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None


@require_safe
@never_cache
def results(request: HttpRequest, desk: Desk, public_id: UUID) -> HttpResponse:
    """Counts, means and texts, for all months or for some."""
    survey = queries.find_survey_for(desk.account, public_id)
    since, until = read_month(request.GET.get("since", "")), read_month(request.GET.get("until", ""))
    found = queries.read_results(survey, since, until)
    asked, page = request.GET.get("texts", ""), request.GET.get("page", "")
    number = int(page) if page.isdecimal() and len(page) < 6 else 0
    shown = []
    for one in found.questions:
        is_text = one.question.kind == Question.Kind.TEXT
        own = number if asked == str(one.question.pk) else 0
        texts = queries.list_texts(one.question, since, until, own) if is_text else []
        shown.append(
            {
                "result": one,
                "texts": [{"answer": text, "contact": queries.contact_of(text.sheet)} for text in texts[:TEXTS]],
                "next": own + 1 if len(texts) > TEXTS else None,
                "page": own,
            }
        )  # fmt: skip
    context = {
        "desk": desk, "survey": survey, "found": found, "shown": shown, "enough": queries.ENOUGH, "kinds": TYPES,
        "since": request.GET.get("since", "") if since else "",
        "until": request.GET.get("until", "") if until else "",
    }  # fmt: skip
    return render(request, "surveys/results.html", context)


@require_safe
@never_cache
def export(request: HttpRequest, desk: Desk, public_id: UUID) -> HttpResponseBase:
    """One row per sheet, as .csv or .xlsx; no cell is a formula."""
    survey = queries.find_survey_for(desk.account, public_id)
    since, until = read_month(request.GET.get("since", "")), read_month(request.GET.get("until", ""))
    kind = request.GET.get("kind", "csv")
    if kind not in TYPES or not queries.read_results(survey, since, until).is_enough:
        messages.error(
            request, _("There is nothing to export before %(n)d people have answered.") % {"n": queries.ENOUGH}
        )
        return redirect(desk.url("results", survey.public_id))
    file, count = exports.write_sheets(survey, since, until, kind)
    record(
        account_ref=survey.account_id, actor=desk.actor, action="survey.exported",
        facts={"survey": survey.pk, "sheets": count, "kind": kind},
    )  # fmt: skip
    if survey.asks_name:
        subject = f"account:{survey.account_id}" if survey.account_id else f"survey:{survey.pk}"
        record_export(
            by=desk.actor, subject=subject, account_ref=survey.account_id, why="survey.sheets", purpose=Purpose.SURVEY
        )
    return FileResponse(
        file, as_attachment=True, filename=f"survey-{survey.public_id}.{kind}", content_type=TYPES[kind]
    )
