"""The switches of Your data: each is stored the moment it is turned, with or without a script (P16)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core.consent import keep_choice, read_choice
from core.errors import Refused
from core.limits import limited, person_or_address
from core.outbound import Group
from notifications.actions import set_preference
from privacy.queries.choices import STATISTICS, find_membership, find_switch
from privacy.views.proving import KnownRequest, known_person


@require_POST
@never_cache
@known_person
@limited("privacy.data", by=person_or_address)
def choose(request: KnownRequest) -> HttpResponse:
    """Turns one switch. A program, such as the page's script, gets the sentence below the switch as JSON."""
    user = request.user if request.user.is_authenticated else None
    cookies, is_on = read_choice(request), request.POST.get("is_on") == "on"
    switch = find_switch(user, cookies, request.POST.get("choice", ""))
    if switch.is_fixed:
        raise Refused("fixed", _("Your browser asks not to be tracked, and we do as it says."))
    answer = _answer(request)
    if switch.key == STATISTICS:
        keep_choice(answer, (cookies.allowed | {Group.STATISTICS}) if is_on else (cookies.allowed - {Group.STATISTICS}))
    else:
        _mail, account, kind = switch.key.split(":")
        membership = find_membership(user, account)
        set_preference(user=membership.user, account=membership.account, kind=kind, is_on=is_on)
    return answer


def _answer(request: HttpRequest) -> HttpResponse:
    saved = _("Saved. It holds from now on.")
    if "application/json" in request.headers.get("Accept", ""):
        since = _("On since today") if request.POST.get("is_on") == "on" else _("Off since today")
        return JsonResponse({"saved": saved, "since": since})
    messages.success(request, saved)
    return redirect("privacy:yourdata")
