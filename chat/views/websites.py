"""Pages of an account's websites: the tag to paste, look and origins of each; add one, remove one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.doors import MemberRequest, member_page
from chat import queries
from chat.actions.widgets import add_widget, change_widget, ensure_widget, remove_widget
from chat.bubble.script import tag_of
from chat.forms import WidgetForm
from chat.models import Widget
from chat.views.install import GUIDES, list_sightings
from chat.window.colours import choose_brand
from core.errors import Refused

LOOK = ("name", "greeting", "brand_colour", "position", "language", "ask_thirteen")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("widget.edit")
def widget_settings(request: MemberRequest, key: str = "") -> HttpResponse:
    """The one tag to paste, and what the widget looks like and where it may be shown; without a key the first one."""
    widget = queries.find_own_widget(key) if key else ensure_widget(account=request.membership.account)
    form = _form_of(widget, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_widget(widget=widget, by=request.membership, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The chat is saved. Your website shows it within five minutes."))
            return redirect(request.path)
    return _show(request, widget, form=form, failed=bool(form.errors))


@require_POST
@never_cache
@member_page("widget.edit")
def add(request: MemberRequest) -> HttpResponse:
    """One more website."""
    try:
        widget = add_widget(by=request.membership, website=request.POST.get("website", ""))
    except Refused as refusal:
        return _show(request, ensure_widget(account=request.membership.account), wrong=refusal.message, failed=True)
    messages.success(request, _("The website is added. Paste its tag there."))
    return redirect("chat:website", widget.key)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("widget.edit")
def remove(request: MemberRequest, key: str) -> HttpResponse:
    """Asks first; then the chat is gone from that website."""
    widget = queries.find_own_widget(key)
    if request.method != "POST":
        return _show(request, widget, asks=True)
    try:
        remove_widget(widget=widget, by=request.membership)
    except Refused as refusal:
        return _show(request, widget, wrong=refusal.message, failed=True)
    messages.success(request, _("The website is removed. Its chats stay in the archive."))
    return redirect("chat:widget_settings")


def _form_of(widget: Widget, sent: Any = None) -> WidgetForm:
    start = {name: getattr(widget, name) for name in LOOK}
    return WidgetForm(sent, initial={**start, "allowed_origins": "\n".join(widget.allowed_origins)})


def _show(request: HttpRequest, widget: Widget, *, form: Any = None, failed: bool = False, **more: Any) -> HttpResponse:
    context = {
        "widget": widget,
        "form": form or _form_of(widget),
        "tag": tag_of(widget),
        "brand": choose_brand(widget.brand_colour),
        "guides": GUIDES,
        "sightings": list_sightings(widget),
        "widgets": queries.list_widgets(),
    }
    return render(request, "chat/install.html", {**context, **more}, status=400 if failed else 200)
