"""Doors for those who run the site: alive, ready, numbers, and in development the mails."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from core.errors import not_found
from core.health import registry
from core.limits import limited
from livechat import devmail

# a mail is a foreign page: no script, no request, only its own inline styles and links that the person clicks
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    seen = registry.look()
    vital = {check.key for check in registry if check.vital}
    ready = all(health.ok for key, health in seen.items() if key in vital)
    checks = {key: {"ok": health.ok, "figure": health.figure} for key, health in seen.items()}
    response = JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)
    if not ready:
        response["Retry-After"] = "5"
    return response


@require_safe
@never_cache
@limited("metrics")
def metrics(request: HttpRequest) -> HttpResponse:
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise not_found()
    from core.metrics import as_text

    return HttpResponse(as_text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def development_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Outside development the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEV:
            raise not_found()
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@never_cache
@development_only
def dev_mails(request: HttpRequest) -> HttpResponse:
    return render(request, "dev/mails.html", {"mails": devmail.list_mails()})


@require_safe
@never_cache
@development_only
def dev_mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "dev/mail.html", {"mail": devmail.find_mail(name)})


@require_safe
@never_cache
@development_only
@xframe_options_sameorigin
def dev_mail_html(request: HttpRequest, name: str) -> HttpResponse:
    mail = devmail.find_mail(name)
    # links leave the frame: without a target they would open inside it, where nothing may be framed
    html = mail.html.replace("<head>", '<head><base target="_top">', 1)
    response = HttpResponse(html)
    response["Content-Security-Policy"] = MAIL_POLICY
    return response
