"""The page that says who gets a chat, what happens when nobody answers, and what visitors see."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.doors import MemberRequest, member_page
from chat import queries
from chat.actions.settings import change_chat_settings, choose_widget_group
from chat.forms import RoutingForm
from chat.models import ChatSettings, Widget
from core.errors import Refused
from operators.queries import list_groups

HINTS = {
    ChatSettings.Routing.BY_HAND: gettext_lazy("Operators take them; the one who waits longest stands first."),
    ChatSettings.Routing.LEAST_BUSY: gettext_lazy("At once, to who accepts chats and has the fewest open."),
    ChatSettings.Routing.IN_TURN: gettext_lazy("At once, to each who accepts chats, one after the other."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("routing.edit")
def routing(request: MemberRequest) -> HttpResponse:
    """How chats are given out (S22)."""
    account = request.membership.account
    settings, widgets = queries.find_chat_settings(account), queries.list_widgets()
    form = RoutingForm(request.POST or None, settings=settings, widgets=widgets, groups=list(list_groups(account)))
    if request.method == "POST" and form.is_valid():
        try:
            change_chat_settings(by=request.membership, **form.settings())
            for widget in widgets:
                choose_widget_group(widget=widget, by=request.membership, group_id=form.group_of(widget))
        except Refused as refusal:
            if refusal.code == "not_found":
                raise
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("chat:routing")
    return render(request, "chat/routing.html", _context(form, widgets), status=400 if form.errors else 200)


def _context(form: RoutingForm, widgets: list[Widget]) -> dict[str, Any]:
    chosen = form["routing"].value()
    sites: list[forms.BoundField] = [form[form.name_of(widget)] for widget in widgets] if form.has_groups else []
    return {
        "form": form,
        "routings": [
            {"value": value, "label": label, "hint": HINTS[ChatSettings.Routing(value)], "chosen": value == chosen}
            for value, label in ChatSettings.Routing.choices
        ],
        "switches": [form[name] for name in ("peek_on", "show_operators", "board_on")],
        "sites": sites,
    }
