"""Asks people again after a material change: their next page of the console is the new text, with a button (S2)."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from policies import queries

CHECK_SECONDS = 60  # how soon a version that takes effect is noticed
PAGES = "/app/"


class AskAgain:
    """Sends a signed-in person who accepted an older text to the one that binds now; what is posted goes through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and request.path.startswith(PAGES):
            floors = cache.get_or_set("policies.floors", queries.find_material_floors, CHECK_SECONDS)
            if floors and "application/json" not in request.headers.get("Accept", ""):
                kind = self._outdated(request, floors)
                if kind:
                    return redirect(f"{reverse(f'policies:{kind}')}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)

    @staticmethod
    def _outdated(request: HttpRequest, floors: dict[str, int]) -> str:
        if not request.user.is_authenticated:
            return ""
        token = ",".join(f"{kind}:{number}" for kind, number in sorted(floors.items()))
        if request.session.get("accepted") == token:
            return ""
        outdated = queries.find_outdated_kind(request.user, floors)
        if not outdated:
            request.session["accepted"] = token
        return outdated
