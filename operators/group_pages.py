"""Pages of groups (departments) and of opening hours."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import MemberRequest, member_page
from core.errors import Refused
from operators import queries
from operators.actions import (
    change_group,
    change_hours,
    choose_members,
    delete_group,
    drop_own_hours,
    make_group,
)
from operators.group_forms import GroupForm, HoursForm
from operators.hours import find_span, next_opening
from operators.models import Group

GROUPS = "operators:groups"


# ---- groups ---------------------------------------------------------------------------------------------
@require_safe
@never_cache
@member_page("routing.edit")
def groups(request: MemberRequest) -> HttpResponse:
    """The groups of the account."""
    account = request.membership.account
    hours = queries.find_hours(account)
    rows = [{"group": group, "own_hours": group.pk in hours.by_group} for group in queries.list_groups(account)]
    return render(request, "operators/groups.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("routing.edit")
def add_group(request: MemberRequest) -> HttpResponse:
    """Makes a group with its members."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("routing.edit")
def edit_group(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Name, limits and members of a group."""
    return _edit(request, queries.find_group_for(request.membership, public_id))


def _edit(request: MemberRequest, group: Group | None) -> HttpResponse:
    team = list(queries.list_operators(request.membership.account))
    form = GroupForm(request.POST or None, team=team, group=group)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            if group is None:
                saved = make_group(by=request.membership, name=name, **form.limits())
            else:
                saved = change_group(group=group, by=request.membership, name=name, **form.limits())
            choose_members(group=saved, by=request.membership, operators=form.cleaned_data["members"])
        except Refused as refusal:
            if refusal.code == "not_found":
                raise
            form.refuse(refusal)
        else:
            messages.success(request, _("The group %(name)s is saved.") % {"name": saved.name})
            return redirect(GROUPS)
    chosen = form.chosen()
    context = {
        "group": group,
        "form": form,
        "team": [{"operator": one, "chosen": one.pk in chosen} for one in team],
    }
    return render(request, "operators/group.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("routing.edit")
def remove_group(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    """Asks first; then the group is gone."""
    group = queries.find_group_for(request.membership, public_id)
    if request.method != "POST":
        return render(request, "operators/group_remove.html", {"group": group})
    delete_group(group=group, by=request.membership)
    messages.success(request, _("The group %(name)s is deleted.") % {"name": group.name})
    return redirect(GROUPS)


# ---- opening hours --------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("routing.edit")
def hours(request: MemberRequest, public_id: uuid.UUID | None = None) -> HttpResponse:
    """The week and the holidays of the account, or of one of its groups."""
    group = queries.find_group_for(request.membership, public_id) if public_id is not None else None
    own = queries.find_own_hours(request.membership.account, group)
    if request.method == "POST" and request.POST.get("do") == "drop" and group is not None:
        drop_own_hours(group=group, by=request.membership)
        messages.success(request, _("%(name)s keeps the hours of the account again.") % {"name": group.name})
        return redirect(request.path)
    data = _filled(request.POST) if request.method == "POST" else None
    copies = request.method == "POST" and request.POST.get("do") == "copy"
    start = own or (queries.find_own_hours(request.membership.account, None) if group is not None else None)
    form = HoursForm(data, hours=start)
    if request.method == "POST" and not copies and form.is_valid():
        try:
            change_hours(
                by=request.membership, group=group, is_on=form.cleaned_data["is_on"], week=form.cleaned_data["week"],
                holidays=form.cleaned_data["days"],
            )  # fmt: skip
        except Refused as refusal:
            if refusal.code == "not_found":
                raise
            form.refuse(refusal)
        else:
            messages.success(request, _("The opening hours are saved."))
            return redirect(request.path)
    failed = bool(form.errors) and not copies
    context = {"group": group, "form": form, "own": own, "now": _now(request, group), "failed": failed}
    return render(request, "operators/hours.html", context, status=400 if failed else 200)


def _filled(sent: Any) -> Any:
    """What was sent; with "copy" Tuesday to Friday become as Monday, to be looked at before it is saved."""
    if sent.get("do") != "copy":
        return sent
    data = sent.copy()
    for day in ("tue", "wed", "thu", "fri"):
        data[day] = data.get("mon", "")
    return data


def _now(request: MemberRequest, group: Group | None) -> dict[str, Any]:
    """Whether the saved hours are open now, and until or from when, in the account's time."""
    account, now = request.membership.account, timezone.now()
    found = queries.find_hours(account).of(group.pk if group is not None else None)
    if found is None:
        return {"is_off": True}
    span = find_span(found, now)
    moment = span.end if span is not None else next_opening(found, now)
    return {"is_open": span is not None, "moment": moment.astimezone(account.zone) if moment else None}
