"""Pages of children's data: the report for everybody, and the officers' fast lane (S49, S50)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions.public import set_minor
from accounts.staff import officers_only
from core.errors import Refused
from core.limits import TooMany, count_use, limited, person_or_address
from privacy.actions import children as actions
from privacy.forms.children import ChildReportForm, FindForm
from privacy.models.children import HOURS, ChildReport
from privacy.persons import Person
from privacy.queries import children as queries
from privacy.queries.erasures import preview

EDIT = ["GET", "HEAD", "POST"]


@require_http_methods(EDIT)
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """Anybody says where a child's data is. Whoever is logged in is not noted either."""
    form = ChildReportForm(request.POST or None, initial={"place": ChildReport.Place.CHAT})
    context: dict[str, Any] = {"form": form, "hours": HOURS, "figures": queries.count_year()}
    if request.method != "POST":
        return render(request, "privacy/child.html", context)
    if not form.is_valid():
        return render(request, "privacy/child.html", context, status=400)
    try:
        count_use("privacy.child", person_or_address(request))
        actions.report_child(**form.cleaned_data, language=getattr(request, "LANGUAGE_CODE", "en"))
    except Refused as refusal:
        context["refusal"] = refusal.message
        response = render(request, "privacy/child.html", context, status=refusal.status)
        if isinstance(refusal, TooMany):
            response["Retry-After"] = str(refusal.retry_after)
        return response
    return render(request, "privacy/child_sent.html", {"hours": HOURS, "answers": bool(form.cleaned_data["email"])})


@officers_only
@require_http_methods(EDIT)
@never_cache
@limited("privacy.queue", by=person_or_address)
def fast_lane(request: HttpRequest) -> HttpResponse:
    """Reports by due time; and the mark of somebody who is 13 to 17, given and taken."""
    form, refusal = FindForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        people = queries.list_users(queries.find_person(form.cleaned_data["who"]))
        do = request.POST.get("do", "")
        if do in ("young", "grown") and len(people) == 1:
            set_minor(user=people[0], is_minor=do == "young", by_user_id=request.user.pk or 0)
            messages.success(request, _("Done."))
            return redirect("privacy:children")
        refusal = _("Nobody with a log-in is found by this.")
    context = {"reports": queries.list_reports(), "form": form, "refusal": refusal}
    return render(request, "privacy/children.html", context, status=400 if refusal or form.errors else 200)


@officers_only
@require_http_methods(EDIT)
@never_cache
@limited("privacy.queue", by=person_or_address)
def one_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One report: find the person, see what would go, delete it; or mark the person, or close it."""
    one = queries.find_report(public_id)
    if request.method != "POST":
        return _page(request, one, FindForm())
    if request.POST.get("do") == "nothing":
        form, person = FindForm(), Person()
    else:
        form = FindForm(request.POST)
        if not form.is_valid():
            return _page(request, one, form, status=400)
        person = queries.find_person(form.cleaned_data["who"])
        if not person.refs:
            return _page(request, one, form, refusal=_("Nobody is found by this."), status=400)
    try:
        if not _act(request, one, person):
            return _page(request, one, form, person=person, lines=preview(person))
    except Refused as refused:
        return _page(request, one, form, refusal=refused.message, status=refused.status)
    messages.success(request, _("Done."))
    return redirect("privacy:children")


def _act(request: HttpRequest, one: ChildReport, person: Person) -> bool:
    """Does what the officer chose; False where only the look was asked for."""
    do = request.POST.get("do", "")
    if do == "erase":
        actions.erase_child(report=one, person=person, by=request.user)
    elif do == "young":
        actions.mark_young(report=one, person=person, by=request.user)
    elif do == "nothing":
        actions.close_report(report=one, by=request.user)
    else:
        return False
    return True


def _page(
    request: HttpRequest, one: ChildReport, form: FindForm, *, person: Person | None = None, status: int = 200,
    refusal: Any = "", lines: Any = (),
) -> HttpResponse:  # fmt: skip
    context = {"report": one, "form": form, "person": person, "lines": lines, "refusal": refusal}
    return render(request, "privacy/child_report.html", context, status=status)
