"""The front door of the site."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from livechat import landing as facts


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    context = {
        "kept": facts.list_kept(),
        "strip": facts.read_strip(),
        "demo_url": f"{settings.DEMO_ORIGIN}/demo/" if settings.DEV and settings.DEMO_ORIGIN else "",
    }
    return render(request, "livechat/landing.html", context)
