"""Operations of the API about chats, transcripts, visitors, tags and ratings (S26)."""

import uuid
from typing import Any

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.api_base import ApiRequest, ApiView, operation
from chat import queries
from chat.actions.tags import tag_chat, untag_chat
from chat.actions.visitors import delete_visitor
from chat.archive import search
from chat.archive.search.filters import KINDS, RATINGS
from chat.desk import tags
from chat.forms import ArchiveForm
from chat.models import Chat, Message, Tag
from core.limits import count_use
from operators.queries import find_operator_for

SIGNER = Signer(salt="chat.api.cursor")
MOST = 100
STATES = tuple(str(state) for state in Chat.State)


# ---- what is answered -------------------------------------------------------------------------------------------
class PersonSerializer(serializers.Serializer[Any]):
    """An operator, by the number that the sockets use too."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="display_name")


class VisitorSerializer(serializers.Serializer[Any]):
    """A visitor. Name, e-mail and `external_id` are empty where they are not known."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.IntegerField(help_text=_("“Visitor 4821” is what operators see without a name."))
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    external_id = serializers.CharField(allow_blank=True, help_text=_("Who your website says it is, if it does."))
    language = serializers.CharField(allow_blank=True)
    visits = serializers.IntegerField()
    first_seen_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()
    browser = serializers.CharField(allow_blank=True)
    system = serializers.CharField(allow_blank=True)
    ip_address = serializers.CharField(allow_null=True, help_text=_("Null after 30 days."))


class AnswerSerializer(serializers.Serializer[Any]):
    """One answer of the form before the chat."""

    question = serializers.CharField()
    answer = serializers.CharField(allow_blank=True)


class ChatVisitorSerializer(serializers.Serializer[Any]):
    """Whose chat it is."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)


class ChatSerializer(serializers.Serializer[Any]):
    """A chat without its lines."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.ChoiceField(Chat.State.choices)
    started_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.ChoiceField(Chat.ClosedBy.choices, allow_blank=True)
    by_mail = serializers.BooleanField(help_text=_("Answers go by e-mail."))
    visitor = ChatVisitorSerializer()
    operator = PersonSerializer(allow_null=True)
    group = serializers.CharField(source="group.name", default=None, allow_null=True)
    tags = serializers.SerializerMethodField()
    rating = serializers.ChoiceField(Chat.Rating.choices, allow_blank=True)
    rating_comment = serializers.CharField(allow_blank=True)
    lines = serializers.IntegerField(source="message_count", help_text=_("Lines of visitor and operators."))
    page_url = serializers.CharField(allow_blank=True, help_text=_("Empty after 30 days."))
    page_title = serializers.CharField(allow_blank=True)
    answers = AnswerSerializer(many=True)
    keep_until = serializers.SerializerMethodField(help_text=_("When it is deleted; null while it goes on."))

    def get_tags(self, chat: Chat) -> list[str]:
        return tags.names_of(chat)

    def get_keep_until(self, chat: Chat) -> str | None:
        return queries.keep_until(chat).isoformat() if chat.closed_at else None


class LineSerializer(serializers.Serializer[Any]):
    """One line. Of a line that was removed the text is gone; `event` names a line of the system."""

    seq = serializers.IntegerField(help_text=_("Numbers have no holes within a chat."))
    author = serializers.ChoiceField(Message.Author.choices)
    operator = PersonSerializer(allow_null=True)
    event = serializers.CharField(allow_blank=True)
    of = serializers.IntegerField(source="of_seq", allow_null=True, help_text=_("The line that this one changed."))
    text = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(source="created_at")
    edited_at = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    file = serializers.JSONField(allow_null=True, help_text=_("Name, size and kind of a file that was sent."))


class TagSerializer(serializers.Serializer[Any]):
    """A tag of the account."""

    name = serializers.CharField()
    chats = serializers.IntegerField(help_text=_("On how many chats it is."))


class TagsSerializer(serializers.Serializer[Any]):
    """The tags of one chat."""

    tags = serializers.ListField(child=serializers.CharField())


class RatingSerializer(serializers.Serializer[Any]):
    """What a visitor thought of a chat."""

    chat = serializers.UUIDField(source="public_id")
    rating = serializers.ChoiceField(Chat.Rating.choices)
    comment = serializers.CharField(source="rating_comment", allow_blank=True)
    operator = PersonSerializer(allow_null=True)
    started_at = serializers.DateTimeField()


def page_of(kind: type[serializers.Serializer[Any]], name: str) -> Any:
    """The answer of a list: some results, and where the next ones begin."""
    following = serializers.CharField(allow_null=True, help_text=_("Send it as `cursor`; null at the end."))
    return inline_serializer(name, {"results": kind(many=True), "next": following})


# ---- what is asked ----------------------------------------------------------------------------------------------
class PageQuery(serializers.Serializer[Any]):
    """Where a list begins and how long it is."""

    cursor = serializers.CharField(required=False, max_length=200, help_text=_("What the page before gave as `next`."))
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, default=50)


class VisitorQuery(PageQuery):
    """Which visitors."""

    email = serializers.CharField(required=False, max_length=254, help_text=_("Exactly this address."))
    external_id = serializers.CharField(required=False, max_length=120)


class RatingQuery(PageQuery):
    """Which ratings."""

    rating = serializers.ChoiceField(Chat.Rating.choices, required=False)


class ChatQuery(PageQuery):
    """Which chats; the same filters as the archive. Days are those of the account's time zone."""

    state = serializers.ChoiceField(Chat.State.choices, required=False, help_text=_("Without it: every state."))
    q = serializers.CharField(
        required=False, max_length=200, help_text=_('Words, "a phrase" or begin*; finds chats that have ended.')
    )
    visitor = serializers.UUIDField(required=False)
    operator = serializers.IntegerField(required=False)
    group = serializers.CharField(required=False, max_length=60, help_text=_("Its name."))
    tag = serializers.CharField(required=False, max_length=40, help_text=_("Its name."))
    rating = serializers.ChoiceField(RATINGS, required=False)
    kind = serializers.ChoiceField(KINDS, required=False, help_text=_("How it was answered."))
    page = serializers.CharField(required=False, max_length=200, help_text=_("A piece of the page's address."))
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class LineQuery(serializers.Serializer[Any]):
    """Which lines."""

    after = serializers.IntegerField(required=False, min_value=0, default=0, help_text=_("The last number known."))
    limit = serializers.IntegerField(required=False, min_value=1, max_value=500, default=200)


def read_query(kind: type[serializers.Serializer[Any]], request: ApiRequest) -> dict[str, Any]:
    """The parameters of the address. Raises ValidationError for the wrong ones, and for those that mean nothing."""
    strange = set(request.query_params) - set(kind().fields)
    if strange:
        raise ValidationError({name: [_("This parameter is not known.")] for name in sorted(strange)})
    asked = kind(data=request.query_params)
    asked.is_valid(raise_exception=True)
    found: dict[str, Any] = {name: value for name, value in asked.validated_data.items() if value != ""}
    if "cursor" in found:
        try:
            found["cursor"] = int(SIGNER.unsign(found["cursor"]))
        except (BadSignature, ValueError):
            raise ValidationError({"cursor": [_("This is not a cursor that a page gave.")]}) from None
    return found


def told(rows: list[Any], kind: type[serializers.Serializer[Any]], limit: int) -> Response:
    """A page of `limit` rows from one row more than that."""
    shown = rows[:limit]
    following = SIGNER.sign(str(shown[-1].pk)) if len(rows) > limit else None
    return Response({"results": kind(shown, many=True).data, "next": following})


def asks(kind: type[serializers.Serializer[Any]]) -> Any:
    return {"parameters": [kind]}


NO_CHAT = {404: _("`not_found`: no such chat.")}
BAD_QUERY = {400: _("`invalid`: a parameter is not known or not valid; see `fields`.")}
TAG_PLACE = OpenApiParameter("name", str, OpenApiParameter.PATH, description=str(_("The tag; made when it is new.")))


# ---- chats ------------------------------------------------------------------------------------------------------
class Chats(ApiView):
    """The account's chats."""

    action = "archive.read"

    @operation(_("List chats, newest first"), answers={200: page_of(ChatSerializer, "ChatPage")}, errors=BAD_QUERY,
               operation_id="list_chats", tags=["chats"], **asks(ChatQuery))  # fmt: skip
    def get(self, request: ApiRequest) -> Response:
        asked = read_query(ChatQuery, request)
        if "q" in asked:
            count_use("archive.search", f"user:{request.user.pk}")
        account = request.membership.account
        limit, state, visitor = asked["limit"], asked.get("state"), asked.get("visitor")
        rows = search.search_chats(
            account, _filter_of(account, asked), account.zone, before=asked.get("cursor"), limit=limit + 1,
            states=(state,) if state else STATES, visitor=visitor,
        )  # fmt: skip
        return told(rows, ChatSerializer, limit)


def _filter_of(account: Any, asked: dict[str, Any]) -> search.ArchiveFilter:
    """The archive's filter; a name that the account does not have is an error of its parameter."""
    form = ArchiveForm({}, account=account)
    keys: dict[str, Any] = {}
    for name in ("tag", "group"):
        if name in asked:
            known = {label.casefold(): key for key, label in form.fields[name].choices[1:]}  # type: ignore[attr-defined]  # a choice field
            if asked[name].casefold() not in known:
                raise ValidationError({name: [_("The account has none of this name.")]})
            keys[name] = known[asked[name].casefold()]
    words = {name: asked.get(name, "").replace("\x00", "") for name in ("rating", "kind", "page")}
    return search.ArchiveFilter(
        text=asked.get("q", "").strip(), operator=asked.get("operator"), since=asked.get("since"),
        until=asked.get("until"), **words, **keys,
    )  # fmt: skip


class OneChat(ApiView):
    """One chat."""

    action = "archive.read"

    @operation(_("See a chat"), answers={200: ChatSerializer}, errors=NO_CHAT, operation_id="see_chat", tags=["chats"])
    def get(self, request: ApiRequest, public_id: uuid.UUID) -> Response:
        return Response(ChatSerializer(queries.find_chat_for(request.membership, public_id)).data)


class Transcript(ApiView):
    """The lines of one chat; notes between operators are not among them."""

    action = "archive.read"

    @operation(_("Read the lines of a chat, oldest first"), operation_id="read_transcript", tags=["chats"],
               answers={200: inline_serializer("Transcript", {
                   "results": LineSerializer(many=True),
                   "next": serializers.IntegerField(allow_null=True, help_text=_("Send it as `after`.")),
               })}, errors={**NO_CHAT, **BAD_QUERY}, **asks(LineQuery))  # fmt: skip
    def get(self, request: ApiRequest, public_id: uuid.UUID) -> Response:
        asked = read_query(LineQuery, request)
        chat = queries.find_chat_for(request.membership, public_id)
        lines = queries.list_lines(chat.pk, asked["after"], asked["limit"] + 1)
        shown = lines[: asked["limit"]]
        following = shown[-1].seq if len(lines) > len(shown) else None
        return Response({"results": LineSerializer(shown, many=True).data, "next": following})


class ChatTagged(ApiView):
    """One tag on one chat."""

    action = "chats.tag"

    @operation(_("Put a tag on a chat; again changes nothing"), operation_id="tag_chat", tags=["tags"],
               answers={200: TagsSerializer}, parameters=[TAG_PLACE],
               errors={**NO_CHAT, 400: _("`too_long`, `too_many`.")})  # fmt: skip
    def put(self, request: ApiRequest, public_id: uuid.UUID, name: str) -> Response:
        chat = queries.find_chat_for(request.membership, public_id)
        operator = find_operator_for(request.membership)
        return Response({"tags": tag_chat(operator=operator, chat_pk=chat.pk, name=name)})

    @operation(_("Take a tag off a chat; again changes nothing"), operation_id="untag_chat", tags=["tags"],
               answers={200: TagsSerializer}, parameters=[TAG_PLACE], errors=NO_CHAT)  # fmt: skip
    def delete(self, request: ApiRequest, public_id: uuid.UUID, name: str) -> Response:
        chat = queries.find_chat_for(request.membership, public_id)
        return Response({"tags": untag_chat(chat_pk=chat.pk, name=name)})


# ---- visitors ---------------------------------------------------------------------------------------------------
class Visitors(ApiView):
    """The account's visitors."""

    action = "visitors.see"

    @operation(_("List visitors, newest first"), answers={200: page_of(VisitorSerializer, "VisitorPage")},
               errors=BAD_QUERY, operation_id="list_visitors", tags=["visitors"], **asks(VisitorQuery))  # fmt: skip
    def get(self, request: ApiRequest) -> Response:
        asked = read_query(VisitorQuery, request)
        rows = queries.list_visitors(
            request.membership.account, email=asked.get("email", ""), external_id=asked.get("external_id", ""),
            before=asked.get("cursor"), limit=asked["limit"] + 1,
        )  # fmt: skip
        return told(rows, VisitorSerializer, asked["limit"])


class OneVisitor(ApiView):
    """One visitor."""

    action = {"GET": "visitors.see", "DELETE": "visitors.delete"}

    @operation(_("See a visitor"), answers={200: VisitorSerializer}, operation_id="see_visitor", tags=["visitors"],
               errors={404: _("`not_found`: no such visitor.")})  # fmt: skip
    def get(self, request: ApiRequest, public_id: uuid.UUID) -> Response:
        return Response(VisitorSerializer(queries.find_visitor_for(request.membership, public_id)).data)

    @operation(_("Delete a visitor with every chat, line and file; nothing of it can come back"), answers={204: None},
               operation_id="delete_visitor", tags=["visitors"],
               errors={404: _("`not_found`: no such visitor.")})  # fmt: skip
    def delete(self, request: ApiRequest, public_id: uuid.UUID) -> Response:
        visitor = queries.find_visitor_for(request.membership, public_id)
        delete_visitor(visitor=visitor, by=request.membership)
        return Response(status=204)


# ---- tags and ratings -------------------------------------------------------------------------------------------
class Tags(ApiView):
    """The account's tags."""

    action = "archive.read"

    @operation(_("List the tags of the account"), answers={200: inline_serializer("TagList", {
        "results": TagSerializer(many=True)})}, operation_id="list_tags", tags=["tags"])  # fmt: skip
    def get(self, request: ApiRequest) -> Response:
        found: list[Tag] = tags.list_tags()
        return Response({"results": TagSerializer(found, many=True).data})


class Ratings(ApiView):
    """What visitors thought."""

    action = "archive.read"

    @operation(_("List ratings, newest chat first"), answers={200: page_of(RatingSerializer, "RatingPage")},
               errors=BAD_QUERY, operation_id="list_ratings", tags=["chats"], **asks(RatingQuery))  # fmt: skip
    def get(self, request: ApiRequest) -> Response:
        asked = read_query(RatingQuery, request)
        rows = queries.list_rated(
            request.membership.account, rating=asked.get("rating", ""), before=asked.get("cursor"),
            limit=asked["limit"] + 1,
        )  # fmt: skip
        return told(rows, RatingSerializer, asked["limit"])
