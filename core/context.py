"""What every template knows of the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.consent import read_choice
from core.outbound import Group


def site(request: HttpRequest) -> dict[str, Any]:
    """Name, support address, trial, development flag, the theme (cookie `theme`), and what this browser may keep."""
    choice = read_choice(request)
    theme = "" if choice.refuses_comfort else request.COOKIES.get("theme", "")
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SUPPORT_EMAIL": settings.SUPPORT_EMAIL,
        "PUBLIC_ORIGIN": settings.PUBLIC_ORIGIN,
        "DEV": settings.DEV,
        "TRIAL_DAYS": settings.TRIAL_DAYS,
        "theme": theme if theme in ("light", "dark") else "",
        "counted_page": _page_name(request) if choice.allows(Group.STATISTICS) else "",
        "keeps_nothing_more": choice.refuses_comfort,
        "csp_nonce": getattr(request, "csp_nonce", ""),  # lazy: the header names it only where a page used it
        "membership": getattr(request, "membership", None),
    }


def _page_name(request: HttpRequest) -> str:
    """The name of the page's route, for the clear gif: never its address, which can hold a name or a key."""
    match = request.resolver_match
    return match.view_name if match else ""
