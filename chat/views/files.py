"""Doors of files: up from both sides, and down to who may read the chat (SAFETY: attachments)."""

from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts.doors import member_page
from accounts.roles import can
from accounts.scoping import account_scope
from chat import queries
from chat.actions import files
from chat.actions.chats import refuse_read_only
from chat.desk.blocks import blocked, is_blocked
from chat.files import store
from chat.files.answers import send_bytes
from chat.models import Attachment, Chat, Visitor
from chat.views.widget import check_origin, find_visitor, read_body, visitor_in
from core.client_address import client_address
from core.errors import Refused, not_found
from core.limits import count_use, limited, person_or_address
from core.uploads import read_upload
from operators.queries import find_operator_for

log = structlog.get_logger(__name__)

MOST_LINKS = 50  # in one question of the window


# ---- operators ------------------------------------------------------------------------------------------------
@require_POST
@never_cache
@member_page("chats.answer")
@limited("file", by=person_or_address)
def upload(request: HttpRequest) -> JsonResponse:
    """Holds a file for the next message of an operator; answers the `file` of its line."""
    membership: Any = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    refuse_read_only(membership.account)
    chat = queries.find_chat_for(membership, _uuid(request.POST.get("chat", "")))
    operator = find_operator_for(membership)
    if chat.state == Chat.State.WAITING:
        raise Refused("waiting", _("Nobody has this chat yet. Accept it first."), status=409)
    if chat.operator_id != operator.pk and not can(membership, "chats.supervise"):
        raise Refused("not_allowed", _("This chat is with somebody else. Take it over first."), status=403)
    return _hold(request, chat, operator)


@require_GET
@member_page("chats.read")
@limited("file_read", by=person_or_address)
def download(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A file that was sent in a chat of the operator's account."""
    membership: Any = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    return _serve(queries.find_file_for(membership, public_id))


# ---- visitors -------------------------------------------------------------------------------------------------
@csrf_exempt  # no cookie is read; the Origin and the secret in the body are the proof
@require_POST
@never_cache
@limited("widget.file_address")
def upload_of_visitor(request: HttpRequest) -> JsonResponse:
    """Holds a file for the next message of a visitor; answers the `file` of its line."""
    check_origin(request)
    visitor = find_visitor(request.POST.get("secret", ""))
    if is_blocked(visitor.account, visitor.pk, client_address(request)):
        raise blocked()
    count_use("widget.file", f"visitor:{visitor.pk}")
    with account_scope(visitor.account), translation.override(visitor.language or "en"):
        try:
            refuse_read_only(visitor.account)
            chat = queries.find_live_chat(visitor.pk)
            if chat is None:
                raise not_found()
            return _hold(request, chat, None)
        except Refused as refusal:
            refusal.message = str(refusal.message)  # here, in the language of the window
            raise


@csrf_exempt
@require_POST
@never_cache
@limited("widget.file_links")
def links(request: HttpRequest) -> JsonResponse:
    """Addresses of the visitor's files, good for five minutes: `{"secret", "ids": [...]}` to `{"links": {id: url}}`."""
    body = read_body(request)
    visitor = visitor_in(body)
    asked = body.get("ids")
    ids = [found for text in (asked if isinstance(asked, list) else [])[:MOST_LINKS] if (found := _maybe_uuid(text))]
    with account_scope(visitor.account):
        known = queries.list_own_files(visitor, ids)
    return JsonResponse({"links": {str(one): link_for(visitor, one) for one in known}})


def link_for(visitor: Visitor, public_id: UUID) -> str:
    """The address under which a visitor reads a file, for five minutes; for who has just proved to be that visitor."""
    token = store.make_link_token(visitor.public_id, public_id)
    return reverse("chat:file_of_visitor", args=[public_id, token])


@require_GET
@limited("widget.file_read")
def download_of_visitor(request: HttpRequest, public_id: UUID, token: str) -> HttpResponse:
    """A file of the visitor's own chats, behind a signed address that is good for five minutes."""
    found = queries.find_file_by_link(public_id)
    store.check_link_token(token, found.chat.visitor.public_id, public_id)
    return _serve(found)


# ---- what both share ------------------------------------------------------------------------------------------
def _hold(request: HttpRequest, chat: Chat, operator: Any) -> JsonResponse:
    file = request.FILES.get("file")
    if file is None or len(request.FILES) != 1:
        raise Refused("empty_file", _("Choose a file first."))
    try:
        data = read_upload(file, largest=settings.LARGEST_FILE)
    except Refused:
        raise files.too_large() from None
    held = files.hold_file(chat=chat, name=file.name or "", data=data, operator=operator)
    return JsonResponse(files.describe(held), status=201)


def _serve(file: Attachment) -> HttpResponse:
    """The headers of a file; what is no picture of our own drawing is only ever saved, never shown."""
    if not store.path_of(file.path).is_file():
        log.error("files.missing", attachment=file.pk)
        raise not_found()
    is_picture = file.width > 0
    response = send_bytes(file.path, file.size, file.content_type)
    response["Content-Disposition"] = content_disposition_header(not is_picture, file.name) or "attachment"
    response["Cache-Control"] = "private, max-age=60" if is_picture else "private, no-store"
    return response


def _uuid(text: str) -> UUID:
    found = _maybe_uuid(text)
    if found is None:
        raise not_found()
    return found


def _maybe_uuid(text: Any) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) and len(text) == 36 else None
    except ValueError:
        return None
