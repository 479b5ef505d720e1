"""Pages of the desk's settings: saved replies, hours and targets."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.staff import agents_only
from core.errors import Refused
from operators.hours import say_spans
from support import queries
from support.actions import settings as actions
from support.forms import ReplyForm
from support.models import SavedReply, SupportRequest
from support.placeholders import PLACEHOLDERS
from support.reading import DAY_NAMES, DeskFault, read_desk

EDIT = ["GET", "HEAD", "POST"]


@agents_only
@require_http_methods(EDIT)
@never_cache
def replies(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Saved replies: the list, and the form of a new one or of one."""
    reply = queries.find_saved_reply(pk) if pk is not None else None
    form = ReplyForm(request.POST or None, initial={"title": reply.title, "text": reply.text} if reply else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_reply(reply=reply, agent=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("support:replies")
    return _replies_page(request, form, reply)


def _replies_page(request: HttpRequest, form: ReplyForm, reply: SavedReply | None) -> HttpResponse:
    context = {
        "form": form, "reply": reply, "rows": queries.list_replies(),
        "placeholders": [(f"{{{name}}}", said) for name, said in PLACEHOLDERS.items()],
    }  # fmt: skip
    return render(request, "support/replies.html", context, status=400 if form.errors else 200)


@agents_only
@require_POST
@never_cache
def delete_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a saved reply."""
    actions.delete_reply(reply=queries.find_saved_reply(pk))
    messages.success(request, _("Deleted."))
    return redirect("support:replies")


@agents_only
@require_http_methods(EDIT)
@never_cache
def hours(request: HttpRequest) -> HttpResponse:
    """When the desk is open, and how fast it wants to be."""
    row = queries.find_desk_hours()
    if request.method != "POST":
        return _hours_page(request, _shown(row))
    try:
        actions.save_hours(**read_desk(request.POST), agent=request.user)
    except (DeskFault, Refused) as fault:
        shown = {name: request.POST.get(name, "") for name in request.POST}
        return _hours_page(request, shown, fault=str(getattr(fault, "message", fault)), status=400)
    messages.success(request, _("Saved. Due times that are set stay as they are."))
    return redirect("support:hours")


def _shown(row: Any) -> dict[str, str]:
    shown = {"zone": row.zone, "holidays": "\n".join(f"{one['date']} {one['name']}".strip() for one in row.holidays)}
    for day, _name in DAY_NAMES:
        shown[f"day_{day}"] = say_spans(row.week.get(day, []))
    for priority in SupportRequest.Priority.values:
        first, resolve = row.target(priority)
        shown[f"first_{priority}"], shown[f"resolve_{priority}"] = f"{first / 60:g}", f"{resolve / 60:g}"
    return shown


def _hours_page(request: HttpRequest, shown: dict[str, str], *, fault: str = "", status: int = 200) -> HttpResponse:
    context = {
        "days": [(day, name, shown.get(f"day_{day}", "")) for day, name in DAY_NAMES],
        "targets": [
            (value, label, shown.get(f"first_{value}", ""), shown.get(f"resolve_{value}", ""))
            for value, label in reversed(SupportRequest.Priority.choices)
        ],
        "zone": shown.get("zone", "UTC"),
        "zones": sorted(available_timezones()),
        "holidays": shown.get("holidays", ""),
        "fault": fault,
    }
    return render(request, "support/hours.html", context, status=status)
