"""The page of counts for our own staff: which pages are read, and the five measures of the app (S66, S68)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.staff import officers_only
from analytics import queries


@officers_only
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    context = {
        "pages": queries.list_pages(),
        "measures": queries.list_measures(),
        "days": queries.DAYS,
        "fewest": queries.FEWEST,
    }
    return render(request, "livechat/figures.html", context)
