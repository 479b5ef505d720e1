"""Pages beside the ledger: its history, the badge for other sites, and "run now" for administrators."""

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from accounts.doors import ask_to_log_in
from accounts.queries import has_second_factor
from core.errors import not_found
from core.limits import limited, person_or_address
from core.promises import Outcome, registry
from policies.proving import prove, standings
from policies.queries import list_doubts_of, list_probe_days
from privacy.history import checks_in_force, draw_days, list_months, read_history
from privacy.ledger import read_ledger

BADGE_SECONDS = 300


@require_safe
@limited("promises")
@gzip_page
def history(request: HttpRequest) -> HttpResponse:
    today = timezone.now().date()
    context = {"checks": read_history(today), "months": list_months(today)}
    return render(request, "privacy/history.html", context)


@require_safe
@limited("promises")
def history_of(request: HttpRequest, key: str) -> HttpResponse:
    """One check, day by day; the days on which it was not kept stand in words."""
    if key not in registry:
        raise not_found()
    today = timezone.now().date()
    days = list_probe_days(today - datetime.timedelta(days=364), key)
    context = {
        "probe": registry.find(key),
        "text": checks_in_force().get(key, ""),
        "standing": standings()[key],
        "bars": draw_days(days, today),
        "seen": len(days),
        "kept": sum(day.result == Outcome.KEPT for day in days),
        "doubts": list_doubts_of(key),
        "bad": [day for day in reversed(days) if day.result != Outcome.KEPT],
    }
    return render(request, "privacy/history_of.html", context)


@require_safe
@limited("promises")
@cache_control(public=True, max_age=BADGE_SECONDS)
def badge(request: HttpRequest) -> HttpResponse:
    """A small picture, "27 of 28 kept", for a README or another page; nothing is loaded with it."""
    ledger = read_ledger()
    context = {
        "kept": ledger.count(Outcome.KEPT),
        "total": len(ledger.lines),
        "worst": "broken" if ledger.count(Outcome.BROKEN) else "late" if ledger.count(Outcome.LATE) else "kept",
    }
    return render(request, "privacy/badge.svg", context, content_type="image/svg+xml")


def may_run(user: Any) -> bool:
    """Whether this is an active administrator with a second factor."""
    return bool(user.is_authenticated and user.is_active and user.is_superuser and has_second_factor(user))


def _administrators_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Decorator: strangers are asked to log in; for everybody else the door is not there, whatever they send."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_log_in(request)
        if not may_run(request.user):
            raise not_found()
        return view(request)

    return guarded


@_administrators_only
@require_POST
@limited("promises.run", by=person_or_address)
def run_now(request: HttpRequest) -> HttpResponse:
    """Runs every check now, for administrators with a second factor."""
    results = prove()
    broken = sum(result.outcome is Outcome.BROKEN for result in results)
    said = _("%(checks)d checks were run, %(broken)d are broken.") % {"checks": len(results), "broken": broken}
    messages.info(request, said)
    return redirect("privacy:promises")
