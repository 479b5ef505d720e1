"""Page of an account: what the erasure of a visitor would do, its start, and how far it is (P6, P7)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.doors import member_page
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from privacy.actions.case_erasure import start_erasure_of_case
from privacy.models.cases import Case
from privacy.queries import cases as queries
from privacy.queries import erasures


@member_page("visitors.delete")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("privacy.queue", by=person_or_address)
def account_erasure(request: HttpRequest, number: int) -> HttpResponse:
    """What goes and what stays, with the reason; confirmed, a worker erases it and the answer goes out by itself."""
    account = request.membership.account  # type: ignore[attr-defined]  # accounts.doors
    case = queries.find_in_queue(number=number, account=account)
    if case.kind not in erasures.ERASED_BY_CASE:
        raise not_found()
    if request.method != "POST":
        return _page(request, case)
    if not request.POST.get("understood"):
        return _page(request, case, refused=_("Tick the box: there is no way back."), status=400)
    try:
        start_erasure_of_case(case=case, by=request.user)
    except Refused as problem:
        return _page(request, case, refused=problem.message, status=problem.status)
    messages.success(request, _("The erasure has begun. The answer goes out with the certificate."))
    return redirect("privacy:account_erasure", number)


def _page(request: HttpRequest, case: Case, *, refused: Any = "", status: int = 200) -> HttpResponse:
    plan = erasures.find_plan_of(case)
    begun = plan if plan is not None and plan.state != plan.State.PLANNED else None
    person = erasures.person_of_case(case)
    context = {
        "case": case,
        "plan": begun,
        "lines": [] if begun else erasures.preview(person),
        "on_hold": not begun and erasures.is_on_hold(person.refs),
        "refused": refused,
    }
    return render(request, "privacy/case_erasure.html", context, status=status)
