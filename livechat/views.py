"""The front door of the site, and its answer when something failed."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from livechat import landing as facts

RETRY_SECONDS = "5"


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    context = {
        "kept": facts.list_kept(),
        "strip": facts.read_strip(),
        "demo_url": f"{settings.DEMO_ORIGIN}/demo/" if settings.DEV and settings.DEMO_ORIGIN else "",
    }
    return render(request, "livechat/landing.html", context)


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to an exception that nobody expected; while the database is away, when to come back.

    Both pages ask nothing of the database, nor of what a request usually knows.
    """
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if is_away else 500
    if "application/json" in request.headers.get("Accept", "") or request.content_type == "application/json":
        code = "busy" if is_away else "error"
        away = _("We cannot do this now. Try again in a moment.")
        sentence = away if is_away else _("Something went wrong on our side. It was noted.")
        response: HttpResponse = JsonResponse({"code": code, "message": sentence}, status=status)
    else:
        response = HttpResponse(loader.get_template(f"{status}.html").render(), status=status)
    if is_away:
        response["Retry-After"] = RETRY_SECONDS
    return response
