"""Two doors that count: the clear gif on our pages, and the five measures of the app."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from analytics.actions import count_measure, count_view
from analytics.words import page_names
from core.client_address import client_address
from core.consent import read_choice
from core.errors import Refused
from core.limits import limited
from core.outbound import Group

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002014c003b")


@require_safe
def beacon(request: HttpRequest) -> HttpResponse:
    """The clear gif. It counts only for who said yes to Statistics, and sets no cookie (S66)."""
    page = request.GET.get("p", "")
    if read_choice(request).allows(Group.STATISTICS) and page in page_names():
        count_view(page=page, address=client_address(request), browser=request.headers.get("User-Agent", ""))
    response = HttpResponse(GIF, content_type="image/gif")
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt  # the app has no cookie, and nothing here belongs to anybody
@require_POST
@limited("analytics.measure")
def measure(request: HttpRequest) -> HttpResponse:
    """One of the five measures, from an app whose user said yes there; a browser's own no counts too (S68)."""
    value = request.POST.get("value", "0")
    if not (value.isascii() and value.isdecimal() and len(value) < 9):
        value = "-1"
    if "1" not in (request.headers.get("Sec-GPC"), request.headers.get("DNT")):
        try:
            count_measure(measure=request.POST.get("measure", ""), name=request.POST.get("name", ""), value=int(value))
        except Refused as refusal:
            return HttpResponse(str(refusal.message), status=400, content_type="text/plain")
    return HttpResponse(status=204)
