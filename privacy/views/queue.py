"""Pages of those who answer: the officers' queue of our own cases, and an account's queue of its visitors' (P7)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.doors import member_page
from accounts.staff import officers_only
from audit.actions import record_view
from core.errors import Refused
from core.limits import limited, person_or_address
from privacy import screens
from privacy.actions import cases as actions
from privacy.actions import reviewing, serving
from privacy.actions.redacting import redact, remove_photo_of
from privacy.forms.cases import AnswerForm, ExtendForm, PauseForm, ReviewForm
from privacy.models.cases import Case
from privacy.queries import cases as queries
from privacy.queries.erasures import find_plan_of, has_log_in, preview_plan
from privacy.queries.redactable import has_photo, list_redactable, may_redact

EDIT = ["GET", "HEAD", "POST"]
FORMS: dict[str, Any] = {
    "answer": AnswerForm, "refuse": AnswerForm, "extend": ExtendForm, "pause": PauseForm, "again": ReviewForm
}  # fmt: skip
FIELDS = {"reason": "reason_code", "review": "review_on", "answer": "answer"}  # which field a refusal is about
SERVE: dict[str, Any] = {
    "copy": serving.start_copy, "plan": serving.plan_case, "erase": serving.erase_case, "photo": remove_photo_of,
    "resume": actions.resume_case, "now": reviewing.do_it_now,
}  # fmt: skip


@officers_only
@require_GET
@never_cache
@limited("privacy.queue", by=person_or_address)
def queue(request: HttpRequest) -> HttpResponse:
    """Our cases by due date."""
    return _list(request, None)


@officers_only
@require_http_methods(EDIT)
@never_cache
@limited("privacy.queue", by=person_or_address)
def queue_case(request: HttpRequest, number: int) -> HttpResponse:
    """One of our cases; who looks stands in the ledger of the person."""
    _note_look(request, queries.find_in_queue(number=number))
    return _case(request, number, None)


def _note_look(request: HttpRequest, case: Case) -> None:
    subject = f"user:{case.user_id}" if case.user_id else f"case:{case.pk}"
    record_view(staff_user_id=request.user.pk or 0, subject=subject, account_ref=None, why="privacy.case")


@member_page("visitors.delete")
@require_GET
@never_cache
@limited("privacy.queue", by=person_or_address)
def account_queue(request: HttpRequest) -> HttpResponse:
    """Cases of the account's visitors: the account answers them, with our clock."""
    return _list(request, request.membership.account)  # type: ignore[attr-defined]  # accounts.doors


@member_page("visitors.delete")
@require_http_methods(EDIT)
@never_cache
@limited("privacy.queue", by=person_or_address)
def account_case(request: HttpRequest, number: int) -> HttpResponse:
    """One of them."""
    return _case(request, number, request.membership.account)  # type: ignore[attr-defined]  # accounts.doors


def _list(request: HttpRequest, account: Any) -> HttpResponse:
    show, again = request.GET.get("show", ""), queries.list_to_review(account=account, everywhere=False)
    ended = show in ("ended", "again")
    listed = again if show == "again" else queries.list_queue(account=account, ended=ended)
    rows = [screens.row_of(case, inside=True) for case in listed]
    context = {
        "rows": rows, "ended": ended, "show": show, "again": len(again), "account": account,
        "figures": queries.count_figures(),
    }  # fmt: skip
    if account is not None:
        context["reviews"] = queries.list_reviews(account)
    return render(request, "privacy/queue.html", context)


def _case(request: HttpRequest, number: int, account: Any) -> HttpResponse:
    case = queries.find_in_queue(number=number, account=account)
    if request.method != "POST":
        return _page(request, case, account)
    what = request.POST.get("do", "")
    form = FORMS[what](request.POST, auto_id=f"{what}_%s") if what in FORMS else None
    if form is not None and not form.is_valid():
        return _page(request, case, account, status=400, **{what: form})
    try:
        _act(request, case, what, form.cleaned_data if form else {})
    except Refused as refusal:
        if form is not None and FIELDS.get(refusal.code) in form.fields:
            form.add_error(FIELDS[refusal.code], str(refusal.message))
        shown = {what: form} if form else {}
        return _page(request, case, account, status=refusal.status, refusal=refusal.message, **shown)
    messages.success(request, _("Done. The person gets a letter where it concerns them."))
    return redirect(request.path)


def _act(request: HttpRequest, case: Case, what: str, given: dict[str, Any]) -> None:
    by: Any = request.user
    if what == "answer":
        actions.answer_case(
            case=case, by=by, answer=given["answer"], in_part=bool(given["reason_code"]),
            reason_code=given["reason_code"], review_on=given["review_on"],
        )  # fmt: skip
    elif what == "refuse":
        actions.refuse_case(
            case=case, by=by, answer=given["answer"], reason_code=given["reason_code"], review_on=given["review_on"]
        )
    elif what == "extend":
        actions.extend_case(case=case, by=by, days=given["days"], reason=given["reason"])
    elif what == "pause":
        actions.pause_case(case=case, by=by, reason=given["reason"])
    elif what == "again":
        reviewing.look_again(case=case, by=by, answer=given["answer"], review_on=given["review_on"])
    elif what in SERVE:
        SERVE[what](case=case, by=by)
    elif what == "redact":
        redact(case=case, by=by, chosen=request.POST.getlist("chosen"))
    else:
        raise Refused("unknown", _("Choose what to do."))


def _page(request: HttpRequest, case: Case, account: Any, *, status: int = 200, **more: Any) -> HttpResponse:
    forms = {"answer": AnswerForm(), "extend": ExtendForm(auto_id="extend_%s"), "pause": PauseForm(auto_id="pause_%s")}
    forms["again"] = ReviewForm(auto_id="again_%s")
    if "refuse" in more:
        forms["answer"] = more.pop("refuse")
    more |= _served(case)
    more["has_log_in"] = bool(case.user_id) or (account is None and has_log_in(case.email))
    context = {"row": screens.row_of(case, inside=True), "case": case, "account": account, **forms, **more}
    if may_redact(case):
        context |= {"redactable": list_redactable(case), "has_photo": has_photo(case)}
    return render(request, "privacy/queue_case.html", context, status=status)


def _served(case: Case) -> dict[str, Any]:
    """How far the copy or the erasure that a case asks for is."""
    if queries.asks_copy(case):
        return {"asks_copy": True, "copy": queries.find_copy_of(case)}
    if not queries.asks_erasure(case):
        return {}
    plan = find_plan_of(case)
    is_planned = plan is not None and plan.state == plan.State.PLANNED
    return {"asks_erasure": True, "plan": plan, "lines": preview_plan(plan) if plan and is_planned else []}
