"""Pages of cookie choices: the four groups with all that they store, and the receipt of the choice (S62-S66, P16)."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.consent import ASKED_AGAIN, CHOOSABLE, TRACKING, Choice, keep_choice, read_choice
from core.outbound import Cookie, Group, registry

WORDS = {
    Group.NEEDED: (_("Needed"), _("Log-in, security, your cookie choice")),
    Group.COMFORT: (_("Comfort"), _("Your theme, and switches of the console. Kept when you set them")),
    Group.STATISTICS: (_("Statistics"), _("A clear gif counts which pages are read. Not who reads them")),
    Group.SOCIAL: (
        _("Social buttons and comments"),
        _("This site has none. One that comes waits for your yes"),
    ),
}


@dataclass(frozen=True)
class Section:
    """One group as the page shows it."""

    key: str
    label: Any
    about: Any
    entries: list[Cookie]
    is_on: bool
    is_fixed: bool


def _sections(choice: Choice) -> list[Section]:
    return [
        Section(
            group.value,
            label,
            about,
            [one for one in registry.cookies.values() if one.group is group],
            is_on=choice.allows(group),
            is_fixed=group is Group.NEEDED or (choice.is_refused_by_browser and group in TRACKING),
        )
        for group, (label, about) in WORDS.items()
    ]


def _wanted(request: HttpRequest) -> list[Group]:
    """The groups that the form says yes to: one of the two buttons, or the switches."""
    if request.POST.get("choice") == "all":
        return list(CHOOSABLE)
    if request.POST.get("choice") == "needed":
        return []
    return [group for group in CHOOSABLE if request.POST.get(group.value) == "on"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cookies(request: HttpRequest) -> HttpResponse:
    choice = read_choice(request)
    if request.method == "POST":
        refused = TRACKING if choice.is_refused_by_browser else frozenset()
        answer = HttpResponseRedirect(reverse("policies:cookies") + "?saved=1")
        keep_choice(answer, [group for group in _wanted(request) if group not in refused])
        return answer
    sections = _sections(choice)
    context = {
        "choice": choice,
        "sections": sections,
        "on": [one.label for one in sections if one.is_on and one.key != Group.NEEDED],
        "is_saved": "saved" in request.GET and choice.chosen_on is not None,
        "is_lost": "saved" in request.GET and choice.chosen_on is None,
    }
    return render(request, "policies/cookies.html", context)


@never_cache
@require_safe
def cookies_receipt(request: HttpRequest) -> HttpResponse:
    """The choice as a receipt. It is read from the cookie alone: we keep no list of who chose what (S64)."""
    choice = read_choice(request)
    text = "\n".join(f"{label}: {about}" for label, about in WORDS.values())
    body = {
        "chosen_on": choice.chosen_on.isoformat() if choice.chosen_on else None,
        "allowed": [group.value for group in Group if choice.allows(group)],
        "refused_by_browser": choice.is_refused_by_browser,
        "asked_again_on": (choice.chosen_on + ASKED_AGAIN).isoformat() if choice.chosen_on else None,
        "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "channel": "site",
        "change": settings.PUBLIC_ORIGIN + reverse("policies:cookies"),
    }
    return JsonResponse(body, json_dumps_params={"indent": 1})
