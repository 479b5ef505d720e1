"""HTTP doors beside the sockets: the widget's frame, opening it, what it keeps, and tickets."""

import json
import zoneinfo
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from accounts.doors import member_page
from accounts.scoping import account_scope
from chat import queries
from chat.actions import seeing, visitors
from chat.actions.mailing import ask_transcript
from chat.desk.blocks import blocked, is_blocked
from chat.files.answers import pack
from chat.models import KNOWN, Visitor, Widget
from chat.realtime.protocol import clean_address, clean_text, iso
from chat.views.window import render_window
from chat.window import kept
from chat.window.device import read_device
from chat.window.languages import known_language
from chat.window.mail_links import read_pass
from chat.window.transcripts import read_transcript, write_text
from core.client_address import client_address, truncate_address
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from core.secret_links import hash_secret
from core.tickets import issue_ticket
from operators.queries import find_opening

MAX_BODY = 8_192


@require_GET
@never_cache
@gzip_page  # the page holds no secret and echoes nothing that a stranger chooses, so its size tells nothing
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """The page inside the widget's iframe; only the widget's own origins may frame it (SAFETY: widget embedding)."""
    widget = queries.find_widget(key)
    return render_window(request, widget, ancestors=widget.allowed_origins)


@csrf_exempt  # no cookie is read; the Origin and the secret in the body are the proof
@require_POST
@never_cache
@limited("widget.open")
def open_widget(request: HttpRequest) -> JsonResponse:
    """Makes or finds the visitor and answers a socket ticket (P9: nothing before this)."""
    body = read_body(request)
    widget = queries.find_widget(_word(body, "key", 64))
    browser, system = read_device(request.headers.get("User-Agent", ""))
    address = client_address(request) or None
    if address and widget.account.truncate_addresses:
        address = truncate_address(address)
    told = body.get("page")
    page: dict[str, Any] = told if isinstance(told, dict) else {}
    secret = _word(body, "secret", 200)
    with account_scope(widget.account):
        known = queries.find_visitor_by_secret(widget, hash_secret(secret)) if secret else None
        returned = None if known else read_pass(widget, _word(body, "pass", 300))
        known = known or returned
        if is_blocked(widget.account, known.pk if known else None, client_address(request)):
            raise blocked()
        visitor, fresh = visitors.open_widget(
            widget=widget,
            visitor=known,
            device={"browser": browser, "system": system, "ip_address": address},
            page={
                "url": clean_address(_word(page, "url", 500)),
                "title": " ".join(clean_text(_word(page, "title", 500)).split())[:200],
                "referrer": clean_address(_word(page, "referrer", 500)),
            },
            language=known_language(_word(body, "lang", 35)),
        )
        seeing.note_opened_on(widget=widget, url=_word(page, "url", 500))
        opening = find_opening(widget.account, widget.group_id)
    return JsonResponse(
        {
            "ticket": issue_ticket("widget", visitor=visitor.pk, **({"again": True} if returned else {})),
            "secret": fresh,
            "socket": f"{settings.SOCKET_ORIGIN}/ws/widget/",
            "visitor": str(visitor.public_id),
            "open": opening.is_open and not widget.account.is_read_only(),
            "opens_at": iso(opening.opens_at) if opening.opens_at else None,
        }
    )


@csrf_exempt
@require_POST
@never_cache
@limited("widget.data")
def read_kept(request: HttpRequest) -> JsonResponse:
    """What this chat keeps, read from the data map at this moment."""
    visitor = _visitor(request)
    with account_scope(visitor.account), translation.override(visitor.language or "en"):
        return JsonResponse(kept.describe_kept(visitor))


@csrf_exempt
@require_POST
@never_cache
@limited("widget.download")
def download_kept(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about the visitor, to download: JSON, in a zip file with the files if there are any."""
    visitor = _visitor(request)
    with account_scope(visitor.account):
        if sent := queries.list_files_of(visitor):
            return pack("chat", kept.export_visitor(visitor), sent)
        response = JsonResponse(kept.export_visitor(visitor), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="chat.json"'
    return response


@csrf_exempt
@require_POST
@never_cache
@limited("widget.download")
def read_text(request: HttpRequest) -> JsonResponse:
    """The newest chat to read, as text in the visitor's own time zone, which is not stored."""
    body = read_body(request)
    visitor = visitor_in(body)
    with account_scope(visitor.account), translation.override(visitor.language or "en"):
        chat = queries.find_last_chat(visitor.pk)
        if chat is None:
            raise not_found()
        text = write_text(read_transcript(chat, zone=_zone(_word(body, "zone", 64))))
    return JsonResponse({"name": f"chat-{chat.started_at:%Y-%m-%d}.txt", "text": text})


@csrf_exempt
@require_POST
@never_cache
@limited("widget.transcript")
def mail_transcript(request: HttpRequest) -> JsonResponse:
    """Sends the newest chat to the address that the visitor gives."""
    body = read_body(request)
    visitor = visitor_in(body)
    with account_scope(visitor.account):
        chat = queries.find_last_chat(visitor.pk)
        if chat is None:
            raise not_found()
        ask_transcript(chat=chat, email=_word(body, "email", 300))
    return JsonResponse({"sent": True})


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not a zone, a path, a folder
        return zoneinfo.ZoneInfo("UTC")


@csrf_exempt
@require_POST
@never_cache
@limited("widget.delete")
def delete_kept(request: HttpRequest) -> JsonResponse:
    """Deletes the visitor with every chat, now."""
    visitor = _visitor(request)
    with account_scope(visitor.account):
        chats = visitors.delete_visitor(visitor=visitor)
    return JsonResponse({"deleted": True, "chats": chats})


@require_POST
@never_cache
@member_page("chats.read")
@limited("socket.ticket", by=person_or_address)
def ticket(request: HttpRequest) -> JsonResponse:
    """A ticket for the console socket, bound to session and membership."""
    membership = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    token = issue_ticket("console", membership=membership.pk, session=request.session.session_key)
    return JsonResponse({"ticket": token, "socket": f"{settings.SOCKET_ORIGIN}/ws/console/"})


# ---- bodies ----
def check_origin(request: HttpRequest) -> None:
    """Raises Refused `bad_origin` for a request of another site."""
    if request.headers.get("Origin", settings.PUBLIC_ORIGIN) != settings.PUBLIC_ORIGIN:
        raise Refused("bad_origin", _("This request comes from another site."), status=403)


def read_body(request: HttpRequest, most: int = MAX_BODY) -> dict[str, Any]:
    """The JSON object of a request of our own frame. Raises Refused `bad_origin`, `bad_body`."""
    check_origin(request)
    try:
        if len(request.body) > most:
            raise ValueError
        body = json.loads(request.body)
    except (ValueError, RecursionError) as problem:
        raise Refused("bad_body", _("Send a small JSON object.")) from problem
    if not isinstance(body, dict):
        raise Refused("bad_body", _("Send a small JSON object."))
    return body


def _word(body: dict[str, Any], name: str, length: int) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode()[:length]  # no half of a surrogate pair


def _visitor(request: HttpRequest) -> Visitor:
    """The visitor whose secret is in the body. Raises Refused `not_found`."""
    return visitor_in(read_body(request))


def visitor_in(body: dict[str, Any]) -> Visitor:
    """The visitor whose secret a body holds. Raises Refused `not_found`."""
    return find_visitor(_word(body, "secret", 200))


def find_visitor(secret: str) -> Visitor:
    """The visitor of a secret, for who knows no account yet. Raises Refused `not_found`."""
    every = Visitor.objects.with_scopes_disabled().filter(KNOWN)  # the secret names the account
    every = every.select_related("account", "widget")
    hashed = hash_secret(secret[:200])
    found = every.filter(secret_hash=hashed).first() or every.filter(previous_secret_hash=hashed).first()
    if not secret or found is None:
        raise not_found()
    return found


__all__ = ["Widget", "delete_kept", "download_kept", "frame", "open_widget", "read_kept", "ticket"]
