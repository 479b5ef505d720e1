"""The security page and security.txt (S77, RFC 9116)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.limits import limited
from privacy.security import read_log


@require_GET
@limited("promises")
def security(request: HttpRequest) -> HttpResponse:
    """What we do, each with its dates, what happens after a breach, and how to reach us."""
    return render(request, "privacy/security.html", {"log": read_log(), "contact": settings.SECURITY_CONTACT})


@require_GET
@limited("promises")
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a hole, in the form that RFC 9116 asks for."""
    contact, origin = settings.SECURITY_CONTACT, settings.PUBLIC_ORIGIN
    lines = [
        f"Contact: {contact if ':' in contact else f'mailto:{contact}'}",
        f"Expires: {read_log().expires_at:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {origin}{reverse('privacy:ledger_security_txt')}",
        f"Policy: {origin}{reverse('privacy:ledger_security')}",
        "Preferred-Languages: en",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
