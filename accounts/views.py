"""Pages of a person and their company: profile, company data, change of account."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, profile_queries, provider_queries, queries
from accounts.doors import MemberRequest, PersonRequest, member_page, signed_in_page
from accounts.forms import CompanyForm, MemberForm, ProfileForm
from accounts.roles import can
from core.errors import Refused, not_found


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in_page
def profile(request: PersonRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_profile(user=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:profile")
    return profile_page(request, profile_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("account.edit")
def company(request: MemberRequest) -> HttpResponse:
    membership = request.membership
    form = CompanyForm(request.POST or None, account=membership.account)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_company(by=membership, **form.cleaned_data)
        except Refused as refused:
            form.add_error("website" if refused.code == "bad_website" else None, str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:profile")
    return profile_page(request, company_form=form)


@require_POST
@signed_in_page
def switch(request: PersonRequest) -> HttpResponse:
    try:
        actions.choose_account(session=request.session, user=request.user, public_id=request.POST.get("account", ""))
    except ValidationError:  # not a UUID: as absent as any other account
        raise not_found() from None
    return redirect("accounts:profile")


def too_many(request: HttpRequest) -> HttpResponse:
    """The answer to more tries than ACCOUNT_RATE_LIMITS lets in."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def profile_page(
    request: PersonRequest,
    *,
    profile_form: ProfileForm | None = None,
    company_form: CompanyForm | None = None,
    refused: dict[str, Any] | None = None,
) -> HttpResponse:
    """The whole page; `refused` has sentences by section: {"photo": ..., "leave": ..., "close": ...}."""
    membership, user = request.membership, request.user
    if company_form is None and membership and can(membership, "account.edit"):
        company_form = CompanyForm(account=membership.account)
    sessions = profile_queries.list_sessions(user)
    context: dict[str, Any] = {
        "profile_form": profile_form or ProfileForm(user=user),
        "company_form": company_form,
        "memberships": list(queries.list_memberships(user)),
        "second_factors": queries.list_second_factors(user),
        "connections": provider_queries.list_connections(user),
        "sessions": sessions,
        "this_session": request.session.session_key,
        "member_form": MemberForm(user=user) if user.display_name else None,
        "blocks": queries.list_blocks(user),
        "changes": profile_queries.list_profile_changes(user),
        "kept": profile_queries.list_kept(user),
        "until": timezone.now() + timedelta(days=actions.GRACE_DAYS),
        "may_close": bool(membership) and can(membership, "account.close"),
        "refused": refused or {},
        "asks_password": user.has_usable_password(),
        "zone": membership.time_zone if membership else user.time_zone or "UTC",
    }
    failed = next((form for form in (profile_form, company_form) if form and form.is_bound and form.errors), None)
    status = 400 if failed or refused else 200
    return render(request, "accounts/profile.html", {**context, "failed": failed}, status=status)
