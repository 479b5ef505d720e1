"""Operations of the API about the caller, and the API's own description."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions, links
from accounts.actions import photos
from accounts.api_base import ApiRequest, ApiView, operation
from accounts.models import Membership
from accounts.my_profile import read_photo
from core import text
from core.api import MAX_TEXT, FormParser, TextField
from core.client_address import client_address
from core.errors import Refused, not_found
from core.limits import count_use, person_or_address
from core.uploads import CappedUploadHandler


class AccountSerializer(serializers.Serializer[Any]):
    """The account that the caller works in."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    slug = serializers.CharField(read_only=True)
    company = serializers.CharField(read_only=True)
    time_zone = serializers.CharField(read_only=True)


class MeSerializer(serializers.Serializer[Any]):
    """The caller: a person in an account."""

    id = serializers.UUIDField(source="user.public_id", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    surname = serializers.CharField(source="user.surname", read_only=True)
    role = serializers.ChoiceField(Membership.Role.choices, read_only=True)
    account = AccountSerializer(read_only=True)
    scopes = serializers.SerializerMethodField(help_text=_("What the API key may do; null for a session."))

    def get_scopes(self, membership: Membership) -> list[str] | None:
        key = self.context["request"].auth
        return sorted(key.scope_set) if key is not None else None


class Me(ApiView):
    """Who I am."""

    action = "profile.read"

    @operation(_("Who I am"), answers={200: MeSerializer}, operation_id="me", tags=["me"])
    def get(self, request: ApiRequest) -> Response:
        return Response(MeSerializer(request.membership, context={"request": request}).data)


class PhotoUpload(serializers.Serializer[Any]):
    """A photo as multipart/form-data."""

    photo = serializers.FileField(help_text=_("JPEG, PNG, WebP or GIF, up to 10 MB and 25 megapixels."))


class PhotoSerializer(serializers.Serializer[Any]):
    """Where one's photo is: empty without one."""

    url = serializers.CharField(read_only=True)


class MyPhoto(ApiView):
    """One's own photo: set anew, or removed with all its copies."""

    action = {"PUT": "profile.edit", "DELETE": "profile.edit"}
    parser_classes = [FormParser]
    max_body = photos.MOST_BYTES + 65_536

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.upload_handlers = [CappedUploadHandler(request)]
        return super().dispatch(request, *args, **kwargs)

    @operation(
        _("Set my photo"),
        request={"multipart/form-data": PhotoUpload},
        answers={200: PhotoSerializer},
        errors={400: _("One of the codes: %s") % ", ".join(f"`{code}`" for code in photos.SENTENCES)},
        operation_id="set_photo",
        tags=["me"],
    )
    def put(self, request: ApiRequest) -> Response:
        count_use("photo", f"user:{request.user.pk}")
        key = actions.set_photo(user=request.user, data=read_photo(request.FILES.get("photo")))
        return Response({"url": links.absolute(reverse("accounts:photo", args=[key, 512]))})

    @operation(_("Remove my photo"), answers={200: PhotoSerializer}, operation_id="remove_photo", tags=["me"])
    def delete(self, request: ApiRequest) -> Response:
        actions.remove_photo(user=request.user)
        return Response({"url": ""})


class TextSerializer(serializers.Serializer[Any]):
    """What somebody is writing."""

    text = TextField(help_text=_("Markdown, up to 50,000 characters."))


class HtmlSerializer(serializers.Serializer[Any]):
    """The same as readers would see it."""

    html = serializers.CharField(read_only=True)


class Preview(APIView):
    """What a text of a request or of the forum becomes. It needs no login and keeps nothing."""

    permission_classes = [AllowAny]
    max_body = MAX_TEXT

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":  # before DRF forgets whose session it is
            count_use("text.preview", person_or_address(request._request))
        super().initial(request, *args, **kwargs)

    @operation(
        _("Preview a text"),
        request=TextSerializer,
        answers={200: HtmlSerializer},
        errors={400: _("`too_long`: more than 50,000 characters. `invalid`: no text. `bad_body`: not JSON.")},
        operation_id="preview_text",
        tags=["support"],
        auth=[],
    )
    def post(self, request: Any) -> Response:
        asked = TextSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            return Response({"html": text.render(asked.validated_data["text"])})
        except text.TooLong as problem:
            raise Refused("too_long", problem.message) from problem

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise MethodNotAllowed("OPTIONS")


class Schema(SpectacularJSONAPIView):
    """The OpenAPI description, for everybody: it says nothing about any account."""

    permission_classes = [AllowAny]
    serve_public = True

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        count_use("api.schema", client_address(request._request))


class Nowhere(APIView):
    """Every other address below /api/: not found, in the API's shape."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        raise not_found()


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """The description as a page to read and try, from our own files."""
    response = render(request, "accounts/api_docs.html")
    response._csp_update = {"img-src": ["data:"]}  # type: ignore[attr-defined]  # Swagger's style sheet has its icons inside
    return response
