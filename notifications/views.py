"""Pages on which a person chooses what mail to get, and stops it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.doors import member_page
from core.errors import Refused
from core.outbound import registry
from notifications import actions, queries
from notifications.forms import ChoiceForm
from notifications.tokens import read_token


@require_safe
@member_page("archive.read")
def preferences(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    context = {
        "choices": queries.list_choices(membership),
        "hour": f"{settings.SUMMARY_HOUR:02}:00",
        "bounce": queries.find_bounce(membership.user.email),
    }
    return render(request, "notifications/preferences.html", context)


@require_POST
@member_page("archive.read")
def choose(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        raise Refused("bad_kind", _("This mail cannot be switched."))
    choice = form.cleaned_data
    actions.set_preference(
        user=membership.user,
        account=membership.account,
        kind=choice["kind"],
        is_on=choice["is_on"],
        options=None if choice["kind"] == queries.NEWS else {"messages": choice["messages"]},
    )
    saved = _("Saved. You get this mail.") if choice["is_on"] else _("Saved. You do not get this mail.")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"saved": saved})
    messages.success(request, saved)
    return redirect("notifications:preferences")


@require_POST
@member_page("archive.read")
def try_address_again(request: HttpRequest) -> HttpResponse:
    actions.forget_bounce(user=request.membership.user)  # type: ignore[attr-defined]  # accounts.middleware
    messages.success(request, _("We try your address again with the next mail."))
    return redirect("notifications:preferences")


@csrf_exempt  # mail programs post here without a cookie (RFC 8058); the signed token is the right to do it
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    subscription = read_token(token)
    kind = registry.mail_kinds.get(subscription.kind)
    context = {"label": kind.label if kind else subscription.kind, "token": token}
    if request.method == "POST":
        actions.unsubscribe(subscription=subscription)
        return render(request, "notifications/unsubscribed.html", context)
    return render(request, "notifications/unsubscribe.html", context)
