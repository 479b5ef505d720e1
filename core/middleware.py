"""Middleware: a request id, the header set of SAFETY.md on every response, and answers for refused actions."""

import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.errors import Refused, not_found
from core.limits import TooMany

GetResponse = Callable[[HttpRequest], HttpResponse]

# every feature that a page could use to look at or locate a person is off (S40, P17)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "usb", "browsing-topics", "interest-cohort",
    )
)  # fmt: skip


class RequestId:
    """Gives each request an id that stands in every log line and in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:16]
        request.META["livechat.request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class SecurityHeaders:
    """Sets what Django and django-csp do not; a view may set its own value first."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Referrer-Policy", "same-origin")
        return response


class RefusedAnswers:
    """Turns a Refused that no view caught into a page, or JSON where JSON was asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:  # no row is named so, and PostgreSQL would not even look for one
            return self.answer(request, not_found())
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        response = self.answer(request, exception)
        if isinstance(exception, TooMany):
            response["Retry-After"] = str(exception.retry_after)
        return response

    def answer(self, request: HttpRequest, exception: Refused) -> HttpResponse:
        if "application/json" in request.headers.get("Accept", "") or request.content_type == "application/json":
            return JsonResponse({"code": exception.code, "message": str(exception.message)}, status=exception.status)
        context = {"code": exception.code, "message": exception.message}
        return render(request, "refused.html", context, status=exception.status)
