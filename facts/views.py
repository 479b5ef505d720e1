"""Pages of the goals: the list with a form, one goal, and how sales are given to chats (S19, S20)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.doors import MemberRequest, member_page
from core.errors import Refused
from facts import actions, queries
from facts.forms import GoalForm, SaleForm
from facts.models import Goal, SaleSettings

FIELDS = ("name", "source", "pattern", "word", "touch", "window_days")


def _page(request: MemberRequest, form: GoalForm, sales: SaleForm | None = None, **more: Any) -> HttpResponse:
    account = request.membership.account
    chosen: SaleSettings = queries.find_sale_settings(account)
    sales = sales or SaleForm(initial={"touch": chosen.touch, "window_days": chosen.window_days}, prefix="sales")
    status = 400 if form.errors or sales.errors else 200
    context = {"form": form, "sales": sales, "goals": queries.list_goals(account), "tab": "goals", **more}
    return render(request, "facts/goals.html", context, status=status)


def _save(request: MemberRequest, form: GoalForm, goal: Goal | None) -> bool:
    """Adds or changes a goal; what is refused stands at its field, and nothing that was typed is lost."""
    if not form.is_valid():
        return False
    values = {name: form.cleaned_data[name] for name in FIELDS}
    try:
        if goal is None:
            actions.add_goal(by=request.membership, **values)
        else:
            actions.change_goal(goal=goal, by=request.membership, **values)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        form.add_error("word" if refused.code == "taken" else None, str(refused.message))
        return False
    messages.success(request, _("The goal is saved. It counts from now on."))
    return True


@require_http_methods(["GET", "POST"])
@never_cache
@member_page("goals.edit")
def goals(request: MemberRequest) -> HttpResponse:
    """The goals of the account, and a form for another one (S20)."""
    form = GoalForm(request.POST if request.method == "POST" else None, initial={"source": Goal.Source.PAGE})
    if request.method == "POST" and _save(request, form, None):
        return redirect("facts:goals")
    return _page(request, form)


@require_http_methods(["GET", "POST"])
@never_cache
@member_page("goals.edit")
def goal(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One goal, to change it."""
    found = queries.find_goal_for(request.membership, public_id)
    form = GoalForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(found, name) for name in FIELDS}
    )
    if request.method == "POST" and _save(request, form, found):
        return redirect("facts:goals")
    return _page(request, form, goal=found)


@require_POST
@never_cache
@member_page("goals.edit")
def remove(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Ends a goal; what was counted stays."""
    actions.remove_goal(goal=queries.find_goal_for(request.membership, public_id), by=request.membership)
    messages.success(request, _("The goal is removed. Its counts are no longer shown."))
    return redirect("facts:goals")


@require_POST
@never_cache
@member_page("goals.edit")
def sales(request: MemberRequest) -> HttpResponse:
    """Which chat a sale belongs to (S19)."""
    form = SaleForm(request.POST, prefix="sales")
    if not form.is_valid():
        return _page(request, GoalForm(initial={"source": Goal.Source.PAGE}), form)
    actions.change_sale_settings(by=request.membership, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("facts:goals")
