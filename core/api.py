"""The shape of the API: one renderer, small bodies, nobody let in by default, every problem as {code, message}."""

import json
from typing import Any

import structlog
from django.core import signals
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, negotiation, permissions, serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.response import Response

from core.errors import Refused, not_found
from core.limits import TooMany

log = structlog.get_logger(__name__)

MAX_JSON = 65_536  # bytes; a view that takes files names its own `max_body`
MAX_TEXT = 700_000  # bytes; 50,000 characters, each as the longest escape of JSON, and what stands beside them
TOO_LARGE = _("This is too large. Send less at once.")
NO_RIGHT = _("You cannot do this here.")

# what DRF and Django themselves refuse, in our codes and words; the first that fits
PROBLEMS: dict[type[Exception], tuple[str, Any, int]] = {
    exceptions.ValidationError: ("invalid", _("Something is missing or not valid."), 400),
    exceptions.ParseError: ("bad_body", _("The body is not valid JSON, or not a valid form."), 400),
    exceptions.NotAuthenticated: ("signed_out", _("You are logged out. Log in again, or send an API key."), 401),
    exceptions.AuthenticationFailed: ("bad_key", _("This API key is not valid."), 401),
    exceptions.PermissionDenied: ("forbidden", NO_RIGHT, 403),
    exceptions.MethodNotAllowed: ("method_not_allowed", _("This address does not know this method."), 405),
    exceptions.UnsupportedMediaType: (
        "unsupported_media", _("Send the body in a kind that this operation takes."), 415,
    ),
    PermissionDenied: ("forbidden", NO_RIGHT, 403),
    RequestDataTooBig: ("too_large", TOO_LARGE, 413),
    SuspiciousOperation: ("bad_body", _("This request cannot be read."), 400),
}  # fmt: skip


class Nobody(permissions.BasePermission):
    """The default: a view that names nobody lets nobody in."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class OneKind(negotiation.BaseContentNegotiation):
    """Every answer is of the view's one kind, whatever the client would like."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return negotiation.DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class SmallJSONParser(BaseParser):
    """JSON up to the view's `max_json` or `max_body` bytes, as UTF-8; what is nested too deep is a broken body."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        view = (parser_context or {}).get("view")
        largest = int(getattr(view, "max_json", max_body_of(view)))  # `max_json`: a view that takes files too
        body = stream.read(largest + 1)
        if len(body) > largest:
            raise too_large()
        try:
            return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as problem:
            raise exceptions.ParseError from problem


class FormParser(MultiPartParser):
    """multipart/form-data, for the views that take a file."""


def _no_constant(word: str) -> Any:
    raise ValueError(word)  # NaN and Infinity are no JSON


def max_body_of(view: Any) -> int:
    """How many bytes a view takes."""
    return int(getattr(view, "max_body", MAX_JSON))


def too_large() -> Refused:
    """The answer to a body over the limit."""
    return Refused("too_large", TOO_LARGE, status=413)


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error: a stable word for programs, one sentence for people; `fields` only where single fields failed."""

    code = serializers.CharField(help_text=_("A stable word for programs."))
    message = serializers.CharField(help_text=_("One sentence for people."))

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        each = serializers.ListField(child=serializers.CharField())
        return {
            **super().get_fields(),
            "fields": serializers.DictField(child=each, required=False, help_text=_("Sentences by field.")),
        }


def answer_problem(problem: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: {code, message} for everything, also for what we did not expect (500, logged)."""
    from rest_framework.views import set_rollback  # it reads the settings, which name this module

    set_rollback()
    refused = read_problem(problem, context)
    body: dict[str, Any] = {"code": refused.code, "message": str(refused.message)}
    if isinstance(problem, exceptions.ValidationError):
        body["fields"] = _fields_of(problem.detail)
        body["message"] = _first_sentence(body["fields"]) or body["message"]
    response = Response(body, status=refused.status)
    if isinstance(refused, TooMany):
        response["Retry-After"] = str(refused.retry_after)
    elif refused.status == 503:
        response["Retry-After"] = "5"
    elif refused.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def read_problem(problem: Exception, context: dict[str, Any]) -> Refused:
    """What an exception means, in our words; an unexpected one is logged and becomes `error` with 500."""
    if isinstance(problem, Refused):
        return problem
    if isinstance(problem, Http404 | exceptions.NotFound):
        return not_found()
    for kind, (code, sentence, status) in PROBLEMS.items():
        if isinstance(problem, kind):
            return Refused(code, sentence, status=status)
    if isinstance(problem, exceptions.APIException):
        return Refused("refused", str(problem.detail), status=problem.status_code)
    log.exception("api.failed")
    if isinstance(problem, DatabaseError):
        return Refused("busy", _("We cannot do this now. Try again in a moment."), status=503)
    signals.got_request_exception.send(sender=None, request=context.get("request"))
    return Refused("error", _("Something went wrong on our side. It was noted."), status=500)


def _fields_of(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Sentences by field path: {"page.url": ["..."]}; "" for what concerns the whole."""
    if isinstance(detail, dict):
        parts = [(_fields_of(value, f"{name}.{key}".strip("."))) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, dict) for item in detail):
        parts = [_fields_of(value, f"{name}.{place}".strip(".")) for place, value in enumerate(detail)]
    else:
        return {name: [str(item) for item in (detail if isinstance(detail, list) else [detail])]} if detail else {}
    return {key: sentences for part in parts for key, sentences in part.items()}


def _first_sentence(fields: dict[str, list[str]]) -> str:
    for name, sentences in fields.items():
        return f"{name}: {sentences[0]}" if name and name != "non_field_errors" else sentences[0]
    return ""


@extend_schema_field(str)
class TextField(serializers.Field[Any, Any, Any, Any]):
    """A text as it was typed; half a pair of UTF-16, which no database takes, becomes U+FFFD."""

    default_error_messages = {"invalid": _("Send a text.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(data).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def to_representation(self, value: Any) -> str:
        return str(value)


def only_our_operations(endpoints: Any, **kwargs: Any) -> Any:
    """Hook of drf-spectacular: the schema tells of /api/v1/ only."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


__all__ = ["ErrorSerializer", "FormParser", "Nobody", "OneKind", "SmallJSONParser", "TextField", "answer_problem"]
