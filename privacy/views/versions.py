"""The officers' page of the time machine: who had accepted what on a date."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.staff import officers_only
from audit.actions import record
from core.errors import Refused
from privacy.queries.acceptances import find_accepted


@require_http_methods(["GET", "POST"])
@officers_only
def who_accepted(request: HttpRequest) -> HttpResponse:
    """A form and, once sent, the answer. Looking somebody up stands in the audit log."""
    context: dict[str, Any] = {"email": "", "day": timezone.now().date().isoformat()}
    status = 200
    if request.method == "POST":
        context |= {"email": request.POST.get("email", "")[:254], "day": request.POST.get("day", "")[:10]}
        try:
            answer = find_accepted(email=context["email"], day=context["day"])
        except Refused as refused:
            status = 400
            context["fault"] = _("Nobody logs in with this address.") if refused.code == "not_found" else str(refused)
        else:
            context["answer"] = answer
            record(
                account_ref=None,
                actor=f"user:{request.user.pk}",
                action="acceptance.viewed",
                subject=f"user:{answer.user.pk}",
                facts={"day": answer.day.isoformat()},
            )
    return render(request, "privacy/who_accepted.html", context, status=status)
