"""Staff access by grant: the owner's page, and what our agents may read of an account while a grant is open (P13)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.doors import MemberRequest, member_page
from accounts.queries import public_name
from accounts.scoping import account_scope
from accounts.staff import agents_only
from chat.desk import screens
from chat.queries import list_lines
from core.errors import Refused
from core.limits import limited, person_or_address
from support import access as queries
from support.actions import access as actions
from support.forms import EmergencyForm, GrantForm
from support.models import StaffGrant

LINES = 500


# ---- the owner's side -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("staff_access.edit")
def access(request: MemberRequest) -> HttpResponse:
    """Who of our staff may read the chats until when, what they looked at, and the form of a new grant."""
    form, account = GrantForm(request.POST if request.method == "POST" else None), request.membership.account
    if request.method == "POST" and form.is_valid():
        actions.give_access(by=request.membership, **form.cleaned_data)
        messages.success(request, _("Our support agents can read your chats now. You can end it at any time."))
        return redirect("support:access")
    grants = queries.list_grants(account)
    context = {
        "form": form,
        "open": [one for one in grants if one.is_open()],
        "past": [one for one in grants if one.starts_at is not None and not one.is_open()],
        "looks": [(one, public_name(one.staff)) for one in queries.list_looks(account)],
        "hours": [(hours, _say_hours(hours)) for hours in StaffGrant.HOURS],
        "chosen": str(form["hours"].value() or "24"),
    }
    return render(request, "support/access.html", context, status=400 if form.errors else 200)


def _say_hours(hours: int) -> str:
    if hours < 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


@require_POST
@never_cache
@member_page("staff_access.edit")
def end(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Ends a grant at once."""
    actions.end_access(by=request.membership, grant=queries.find_grant(request.membership.account, public_id))
    messages.success(request, _("Our support agents can no longer read your chats."))
    return redirect("support:access")


# ---- our agents' side -----------------------------------------------------------------------------------
@agents_only
@require_GET
@never_cache
def grants(request: HttpRequest) -> HttpResponse:
    """The accounts whose chats may be read now, and emergencies that wait for a second person."""
    return _grants_page(request, EmergencyForm())


def _grants_page(request: HttpRequest, form: EmergencyForm) -> HttpResponse:
    context = {"grants": queries.list_open_grants(), "emergencies": queries.list_emergencies(), "form": form}
    return render(request, "support/staff_grants.html", context, status=400 if form.errors else 200)


@agents_only
@require_POST
@never_cache
@limited("support.emergency", by=person_or_address)
def ask(request: HttpRequest) -> HttpResponse:
    """Asks for an emergency; a second agent must approve it."""
    form = EmergencyForm(request.POST)
    if not form.is_valid():
        return _grants_page(request, form)
    try:
        actions.ask_emergency(agent=request.user, **form.cleaned_data)
    except Refused as refusal:
        form.add_error("slug", str(refusal.message))
        return _grants_page(request, form)
    messages.success(request, _("Asked. Another agent must approve it before anything opens."))
    return redirect("support:staff_grants")


@agents_only
@require_POST
@never_cache
def approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Opens an emergency that another agent asked for."""
    try:
        grant = actions.approve_emergency(agent=request.user, grant=queries.find_emergency(public_id))
    except Refused as refusal:
        if refusal.code != "two_people":
            raise
        messages.error(request, str(refusal.message))
        return redirect("support:staff_grants")
    messages.success(request, _("Open for one hour. The owners were told by mail."))
    return redirect("support:staff_chats", slug=grant.account.slug)


@agents_only
@require_GET
@never_cache
@limited("support.desk", by=person_or_address)
def chats(request: HttpRequest, slug: str) -> HttpResponse:
    """The chats of an account, without names, while a grant is open."""
    grant = queries.find_open_grant(request.user, slug)
    actions.note_look(agent=request.user, grant=grant)
    found = queries.list_chats(grant, _uuid(request.GET.get("before", "")))
    page = found[: queries.PAGE]
    context = {"grant": grant, "chats": page, "next": page[-1].public_id if len(found) > len(page) else None}
    return render(request, "support/staff_chats.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@agents_only
@require_GET
@never_cache
@limited("support.desk", by=person_or_address)
def chat(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    """One chat to read, while a grant is open: its lines as text, no files, no notes, no way to write."""
    grant = queries.find_open_grant(request.user, slug)
    found = queries.find_chat(grant, public_id)
    actions.note_look(agent=request.user, grant=grant, chat=found)
    with account_scope(grant.account):
        lines: list[dict[str, Any]] = screens.lines_of(list_lines(found.pk, 0, LINES), found)
    shown = [(line["at"], screens.say_line(line)) for line in lines]
    return render(request, "support/staff_chat.html", {"grant": grant, "chat": found, "lines": shown})
