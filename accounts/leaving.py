"""Doors of leaving: export of one's own data, deactivation and the way back; export, close and reopen of an account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, links
from accounts import profile_queries as queries
from accounts.doors import MemberRequest, PersonRequest, fresh_page, is_fresh, member_page, signed_in_page
from accounts.views import profile_page
from core.errors import Refused
from core.limits import count_use, limited


@require_safe
@signed_in_page
def export_person(request: PersonRequest) -> HttpResponse:
    """Where the export was; "Your data" has it now."""
    return redirect("privacy:yourdata")


@require_POST
@never_cache
@signed_in_page
def leave(request: PersonRequest) -> HttpResponse:
    """Deactivates one's own login; what follows is said on the page after it."""
    if not _is_proved(request):
        return _ask_again(request, "leave")
    try:
        until = actions.leave(user=request.user)
    except Refused as refused:
        return profile_page(request, refused={"leave": refused.message})
    logout(request)
    return render(request, "accounts/left.html", {"until": until})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("way_back")
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """The way back from the mail: a page with one button, so that a scanner of mails undoes nothing."""
    told = links.read_way_back(token)
    user = queries.find_leaver(*told) if told else None
    if user is None:
        return render(request, "accounts/come_back.html", status=404)
    if request.method == "POST":
        actions.come_back(user=user)
        messages.success(request, _("Welcome back. Log in to go on."))
        return redirect("account_login")
    return render(request, "accounts/come_back.html", {"leaver": user, "until": user.erase_at})


@require_safe
@never_cache
@member_page("account.close")
@fresh_page
def export_account(request: MemberRequest) -> FileResponse:
    """Every row of the account as a ZIP of JSON lines."""
    count_use("export", f"user:{request.user.pk}")
    account = request.membership.account
    archive = queries.write_account_archive(account)
    actions.note_account_export(by=request.membership)
    return FileResponse(archive, as_attachment=True, filename=f"{account.slug}.zip", content_type="application/zip")


@require_POST
@never_cache
@member_page("account.close")
def close_account(request: MemberRequest) -> HttpResponse:
    """Closes the account for good, after 30 days in which any owner can open it again."""
    if not _is_proved(request):
        return _ask_again(request, "close")
    try:
        actions.close_account(by=request.membership)
    except Refused as refused:
        return profile_page(request, refused={"close": refused.message})
    messages.success(request, _("The account is closed. You can open it again until it is erased."))
    return redirect(reverse("accounts:profile") + "#close")


@require_POST
@never_cache
@member_page("account.close")
def reopen_account(request: MemberRequest) -> HttpResponse:
    actions.reopen_account(by=request.membership)
    messages.success(request, _("The account is open again."))
    return redirect("accounts:profile")


def _is_proved(request: PersonRequest) -> bool:
    """Whether it is the person: by the password, or without one by a log-in within the last minutes."""
    if not request.user.has_usable_password():
        return is_fresh(request)
    count_use("leave", f"user:{request.user.pk}")
    return request.user.check_password(request.POST.get("password", ""))


def _ask_again(request: PersonRequest, section: str) -> HttpResponse:
    if not request.user.has_usable_password():
        return redirect(f"{reverse('account_reauthenticate')}?next={reverse('accounts:profile')}%23{section}")
    return profile_page(request, refused={section: _("This is not your password")})
