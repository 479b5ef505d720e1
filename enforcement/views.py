"""Pages of enforcement: the agents' cases, the officers' appeals, and what a person is told and can answer (S53)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.doors import signed_in_page
from accounts.staff import agents_only, officers_only
from chat.files import store
from chat.files.answers import send_bytes
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from enforcement import actions, queries
from enforcement.forms import DecisionForm, EvidenceForm, NoticeForm, OpenForm, WordsForm
from enforcement.models import EnforcementCase, Evidence

EDIT = ["GET", "HEAD", "POST"]
FORMS: dict[str, Any] = {"evidence": EvidenceForm, "notice": NoticeForm, "suspend": DecisionForm}


# ---- our agents ----------------------------------------------------------------------------------------------
@agents_only
@require_http_methods(EDIT)
@never_cache
@limited("enforcement.staff", by=person_or_address)
def cases(request: HttpRequest) -> HttpResponse:
    """Cases, and the form that begins one."""
    form, refusal = OpenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        given, by = form.cleaned_data, request.user
        try:
            account, user = queries.find_subject(given["who"])
            case = actions.open_case(
                ground=given["ground"], facts=given["facts"], by=by, account=account, user=user,  # type: ignore[arg-type]  # agents only
            )  # fmt: skip
            return redirect("enforcement:case", case.number)
        except Refused as refused:
            refusal = _("Nobody is found by this.") if refused.status == 404 else str(refused.message)
    ended = request.GET.get("show") == "ended"
    context = {"cases": queries.list_cases(ended=ended), "ended": ended, "form": form, "refusal": refusal}
    return render(request, "enforcement/cases.html", context, status=400 if refusal or form.errors else 200)


@agents_only
@require_http_methods(EDIT)
@never_cache
@limited("enforcement.staff", by=person_or_address)
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One case: evidence, notice, suspension, end."""
    one = queries.find_case(number)
    if request.method != "POST":
        return _page(request, one)
    what = request.POST.get("do", "")
    form = FORMS[what](request.POST, request.FILES, auto_id=f"{what}_%s") if what in FORMS else None
    if form is not None and not form.is_valid():
        return _page(request, one, status=400, **{what: form})
    try:
        _act(request, one, what, form.cleaned_data if form else {})
    except Refused as refused:
        shown = {what: form} if form else {}
        return _page(request, one, status=refused.status, refusal=refused.message, **shown)
    messages.success(request, _("Done."))
    return redirect("enforcement:case", number)


def _act(request: HttpRequest, one: EnforcementCase, what: str, given: dict[str, Any]) -> None:
    by: Any = request.user
    if what == "evidence":
        upload = given["file"]
        file = (upload.name, upload.read()) if upload else None
        actions.add_evidence(case=one, by=by, text=given["text"], link=given["link"], file=file)
    elif what == "notice":
        actions.give_notice(case=one, by=by, days=given["days"])
    elif what == "suspend":
        actions.suspend(case=one, by=by, decision=given["decision"])
    elif what == "drop":
        actions.drop(case=one, by=by)
    elif what == "lift":
        actions.lift(case=one, by=by)
    else:
        raise Refused("unknown", _("Choose what to do."))


def _page(request: HttpRequest, one: EnforcementCase, *, status: int = 200, **more: Any) -> HttpResponse:
    forms = {what: form(auto_id=f"{what}_%s") for what, form in FORMS.items()}
    context = {"case": one, "evidence_rows": one.evidence.all(), **forms, **more}
    return render(request, "enforcement/case.html", context, status=status)


@agents_only
@require_GET
@limited("enforcement.staff", by=person_or_address)
def staff_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A file of evidence."""
    return _send(queries.find_file(public_id))


def _send(row: Evidence) -> HttpResponse:
    if not store.path_of(row.path).is_file():
        raise not_found()
    response = send_bytes(row.path, row.size, row.content_type)
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


# ---- who decides appeals --------------------------------------------------------------------------------------
@officers_only
@require_GET
@never_cache
@limited("enforcement.staff", by=person_or_address)
def appeals(request: HttpRequest) -> HttpResponse:
    """Appeals that wait."""
    return render(request, "enforcement/appeals.html", {"cases": queries.list_appeals()})


@officers_only
@require_http_methods(EDIT)
@never_cache
@limited("enforcement.staff", by=person_or_address)
def one_appeal(request: HttpRequest, number: int) -> HttpResponse:
    """One appeal, decided by somebody who did not work on the case."""
    one, refusal, status = queries.find_appeal(number), "", 200
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_granted = request.POST.get("do") == "grant"
        try:
            actions.decide_appeal(
                case=one, by=request.user, is_granted=is_granted, answer=form.cleaned_data["text"],  # type: ignore[arg-type]  # officers only
            )  # fmt: skip
        except Refused as refused:
            refusal, status = str(refused.message), refused.status
        else:
            messages.success(request, _("Done. The person is told."))
            return redirect("enforcement:appeals")
    context = {"case": one, "evidence_rows": one.evidence.all(), "form": form, "refusal": refusal}
    return render(request, "enforcement/appeal.html", context, status=400 if form.errors else status)


# ---- whom it is about -----------------------------------------------------------------------------------------
@require_GET
@never_cache
@signed_in_page
@limited("enforcement.person", by=person_or_address)
def mine(request: HttpRequest) -> HttpResponse:
    """What a person was told about."""
    return render(request, "enforcement/mine.html", {"cases": list(queries.list_cases_of(request.user)[:50])})


@require_http_methods(EDIT)
@never_cache
@signed_in_page
@limited("enforcement.person", by=person_or_address)
def notice(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The notice with its evidence, the state, and the form to answer or to appeal."""
    one, refusal, status = queries.find_case_of(request.user, public_id), "", 200
    form = WordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = actions.appeal if request.POST.get("do") == "appeal" else actions.answer_notice
        try:
            act(case=one, by=request.user, text=form.cleaned_data["text"])  # type: ignore[arg-type]  # logged in
        except Refused as refused:
            refusal, status = str(refused.message), refused.status
        else:
            messages.success(request, _("We have your words. You hear of us by mail."))
            return redirect("enforcement:notice", public_id)
    context = {"case": one, "evidence_rows": one.evidence.all(), "form": form, "refusal": refusal}
    return render(request, "enforcement/notice.html", context, status=400 if form.errors else status)


@require_GET
@signed_in_page
@limited("enforcement.person", by=person_or_address)
def file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A file of evidence, for whom the case is about."""
    return _send(queries.find_file_of(request.user, public_id))
