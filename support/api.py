"""Operations of the API about a member's own requests (S30, S31). Notes of agents are not in any answer."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actions import confirm_age
from accounts.api_base import ApiRequest, ApiView, operation
from accounts.queries import public_name
from core.api import MAX_JSON, FormParser, SmallJSONParser
from core.errors import Refused
from core.limits import count_use
from core.uploads import LARGEST_UPLOAD, read_upload
from support import queries
from support.actions import requests as actions
from support.actions.files import MOST, Upload
from support.actions.requests import Contact, Written
from support.models import LONGEST_SUBJECT, LONGEST_TEXT, RequestMessage, SupportRequest
from support.views.files import send_file

GONE = {404: _("`not_found`: you have no such request.")}
TAG = "support"


class FileSerializer(serializers.Serializer[Any]):
    """A file of a message; its bytes are at `/api/v1/support/files/{id}/`."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    size = serializers.IntegerField(help_text=_("Bytes."))
    type = serializers.CharField(source="content_type")


class MessageSerializer(serializers.Serializer[Any]):
    """One message."""

    number = serializers.IntegerField(help_text=_("Numbers grow within a request; there can be gaps."))
    author = serializers.ChoiceField(["requester", "agent"])
    agent = serializers.SerializerMethodField(help_text=_("The agent's public name; empty for your own messages."))
    text = serializers.CharField()
    at = serializers.DateTimeField(source="created_at")
    files = FileSerializer(many=True, source="files.all")

    def get_agent(self, message: RequestMessage) -> str:
        return public_name(message.user) if message.author == RequestMessage.Author.AGENT else ""


class RequestSerializer(serializers.Serializer[Any]):
    """A request without its messages."""

    number = serializers.IntegerField()
    subject = serializers.CharField()
    kind = serializers.ChoiceField(SupportRequest.Kind.choices)
    status = serializers.ChoiceField(SupportRequest.Status.choices)
    created_at = serializers.DateTimeField()
    since = serializers.DateTimeField(help_text=_("From when the side whose turn it is waits."))
    rating = serializers.ChoiceField(SupportRequest.Rating.choices, allow_blank=True)


class OneRequestSerializer(RequestSerializer):
    """A request with its messages."""

    messages = MessageSerializer(many=True)


class PageSerializer(serializers.Serializer[Any]):
    """Up to 30 requests, newest first."""

    requests = RequestSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=_("`before` of the next page; null at the end."))


def _files() -> Any:
    told = _("Up to five, 10 MB together; the request is multipart/form-data then.")
    return serializers.ListField(child=serializers.FileField(), max_length=MOST, default=list, help_text=told)


def _both(serializer: Any) -> dict[str, Any]:
    return {"application/json": serializer, "multipart/form-data": serializer}


def _uploads(given: dict[str, Any]) -> list[Upload]:
    return [Upload(one.name or "file", read_upload(one)) for one in given["files"]]


class TakesFiles(ApiView):
    """Base of the operations that take JSON, or a form with files."""

    parser_classes = (SmallJSONParser, FormParser)
    max_body = LARGEST_UPLOAD + MAX_JSON
    max_json = MAX_JSON
    action = "requests.own"


class NewSerializer(serializers.Serializer[Any]):
    """A new request. Name, e-mail and company are those of your profile."""

    subject = serializers.CharField(max_length=LONGEST_SUBJECT, required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=LONGEST_TEXT)
    kind = serializers.ChoiceField(SupportRequest.Kind.choices, default=SupportRequest.Kind.QUESTION)
    of_age = serializers.BooleanField(
        default=False, help_text=_("You are 13 or older. Needed once, where your profile does not say it.")
    )
    client_id = serializers.UUIDField(
        required=False, default=None, allow_null=True, help_text=_("Of your making: sent again, it is one request.")
    )
    files = _files()


class ReplySerializer(serializers.Serializer[Any]):
    """Another message."""

    text = serializers.CharField(max_length=LONGEST_TEXT)
    client_id = serializers.UUIDField(
        required=False, default=None, allow_null=True, help_text=_("Of your making: sent again, it is one message.")
    )
    files = _files()


class RatingSerializer(serializers.Serializer[Any]):
    """How it was."""

    rating = serializers.ChoiceField(SupportRequest.Rating.choices)
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


def _find(request: ApiRequest, number: int) -> SupportRequest:
    return queries.find_request_of(request.user, (), number)


def _answer(request: ApiRequest, number: int, status: int = 200) -> Response:
    found = _find(request, number)
    thread = queries.list_thread(found, notes=False)
    shown = {**RequestSerializer(found).data, "messages": MessageSerializer(thread, many=True).data}
    return Response(shown, status=status)


def _read(serializer: Any, request: ApiRequest) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


class Requests(TakesFiles):
    """A member's requests."""

    @operation(
        _("List your requests, newest first"), answers={200: PageSerializer}, operation_id="list_requests", tags=[TAG],
        parameters=[OpenApiParameter("before", int, description=str(_("A number: only older requests.")))],
    )  # fmt: skip
    def get(self, request: ApiRequest) -> Response:
        asked = request.query_params.get("before", "")
        before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
        found = queries.list_requests_of(request.user, before=before)
        rows = found[: queries.PAGE]
        following = rows[-1].number if len(found) > queries.PAGE else None
        return Response({"requests": RequestSerializer(rows, many=True).data, "next": following})

    @operation(
        _("Ask our support"), request=_both(NewSerializer), answers={201: OneRequestSerializer},
        errors={400: _("`invalid`, `empty`, `too_long`, `age`, a code of a file."), 409: _("`conflict`: of another.")},
        operation_id="make_request", tags=[TAG],
    )  # fmt: skip
    def post(self, request: ApiRequest) -> Response:
        given, user = _read(NewSerializer, request), request.user
        if user.over_thirteen_at is None:
            if not given["of_age"]:
                raise Refused("age", _("We answer people who are 13 or older."))
            confirm_age(user=user)
        count_use("support.new", f"user:{user.pk}")
        made = actions.make_request(
            contact=Contact(user.email, user.name, user.surname, request.membership.account.company),
            subject=given["subject"], kind=given["kind"], user=user, language=user.language,
            written=Written(given["text"], SupportRequest.Channel.API, given["client_id"]), uploads=_uploads(given),
        )  # fmt: skip
        return _answer(request, made.number, 201)


class OneRequest(ApiView):
    """One request."""

    action = "requests.own"

    @operation(
        _("Read a request with its messages"), answers={200: OneRequestSerializer}, errors=GONE,
        operation_id="read_request", tags=[TAG],
    )  # fmt: skip
    def get(self, request: ApiRequest, number: int) -> Response:
        return _answer(request, number)


class Replies(TakesFiles):
    """Writing again."""

    @operation(
        _("Write again in a request; a solved one is open again"), request=_both(ReplySerializer),
        answers={201: OneRequestSerializer}, errors={**GONE, 409: _("`conflict`: of another request.")},
        operation_id="reply_to_request", tags=[TAG],
    )  # fmt: skip
    def post(self, request: ApiRequest, number: int) -> Response:
        given, found = _read(ReplySerializer, request), _find(request, number)
        count_use("support.reply", f"user:{request.user.pk}")
        written = Written(given["text"], SupportRequest.Channel.API, given["client_id"])
        message = actions.reply_as_requester(request=found, written=written, user=request.user, uploads=_uploads(given))
        return _answer(request, message.request.number, 201)


class File(ApiView):
    """A file of a message."""

    action = "requests.own"

    @operation(
        _("Download a file of a request"), answers={200: OpenApiTypes.BINARY}, errors=GONE,
        operation_id="download_request_file", tags=[TAG],
    )  # fmt: skip
    def get(self, request: ApiRequest, public_id: UUID) -> HttpResponse:
        count_use("support.file", f"user:{request.user.pk}")
        return send_file(queries.find_file_of(request.user, (), public_id))


class Close(ApiView):
    """It is solved."""

    action = "requests.own"

    @operation(
        _("Say that a request is solved; again changes nothing"), answers={200: OneRequestSerializer}, errors=GONE,
        operation_id="close_request", tags=[TAG],
    )  # fmt: skip
    def post(self, request: ApiRequest, number: int) -> Response:
        actions.close_as_requester(request=_find(request, number), user=request.user)
        return _answer(request, number)


class Reopen(ApiView):
    """It is not solved."""

    action = "requests.own"

    @operation(
        _("Open a request again; again changes nothing"), answers={200: OneRequestSerializer}, errors=GONE,
        operation_id="reopen_request", tags=[TAG],
    )  # fmt: skip
    def post(self, request: ApiRequest, number: int) -> Response:
        actions.reopen_as_requester(request=_find(request, number), user=request.user)
        return _answer(request, number)


class Rating(ApiView):
    """How it was."""

    action = "requests.own"

    @operation(
        _("Rate a solved request, once"), request=RatingSerializer, answers={200: OneRequestSerializer},
        errors={**GONE, 409: _("`not_over`: it is not solved. `rated`: it is rated already.")},
        operation_id="rate_request", tags=[TAG],
    )  # fmt: skip
    def post(self, request: ApiRequest, number: int) -> Response:
        given = _read(RatingSerializer, request)
        actions.rate(request=_find(request, number), user=request.user, **given)
        return _answer(request, number)
