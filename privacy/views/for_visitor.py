"""Page of an operator: opens a case for a visitor of the account, who asked for it in the chat or elsewhere (P7)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.doors import MemberRequest, member_page
from accounts.roles import can
from core.errors import Refused
from core.limits import limited, person_or_address
from privacy.actions.asking import ask_for_visitor
from privacy.forms.cases import VisitorCaseForm
from privacy.persons import find_own_visitor


@member_page("visitors.see")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("privacy.case_new", by=person_or_address, methods=("POST",))
def visitor_case(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """What the visitor asks; the account's owners get the case with the clock of 30 days."""
    account = request.membership.account
    person = find_own_visitor(account, public_id)
    form = VisitorCaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            case = ask_for_visitor(account=account, public_id=public_id, by=request.user, **given)
        except Refused as refused:
            form.add_error("text", str(refused.message))
        else:
            said = _("Case %(number)s is open. It is due on %(day)s.")
            messages.success(request, said % {"number": case.label, "day": case.due_at.strftime("%Y-%m-%d")})
            if can(request.membership, "visitors.delete"):
                return redirect("privacy:account_case", case.number)
            return redirect("privacy:visitor_case", public_id)
    context = {"form": form, "has_address": bool(person.email)}
    return render(request, "privacy/visitor_case.html", context, status=400 if form.errors else 200)
