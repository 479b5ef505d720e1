"""HTTP doors beside the sockets: the widget's frame, opening it, what it keeps, and tickets."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from accounts.doors import member_page
from accounts.scoping import account_scope
from chat import kept, queries
from chat.actions import visitors
from chat.device import read_device
from chat.models import Visitor, Widget
from chat.protocol import clean_address
from core.client_address import client_address, truncate_address
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from core.tickets import issue_ticket
from operators.queries import list_answering

MAX_BODY = 8_192


@require_GET
@never_cache
@gzip_page  # the page holds no secret and echoes nothing that a stranger chooses, so its size tells nothing
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """The page inside the widget's iframe; only the widget's own origins may frame it (SAFETY: widget embedding)."""
    widget = queries.find_widget(key)
    with account_scope(widget.account):
        answering = list_answering(widget.account)
    people = [(operator, operator.membership.user) for operator in answering if operator.membership]
    is_closed = widget.account.is_read_only()
    context = {
        "widget": widget,
        "company": widget.account.company,
        "faces": [(operator.display_name, user.photo_key) for operator, user in people[:3]],
        "open": bool(answering) and not is_closed,
        "closed": is_closed,
        "boot": {
            "key": widget.key,
            "origins": widget.allowed_origins,
            "brand": widget.brand_colour,
            "company": widget.account.company,
            "adult": widget.ask_thirteen,
            "closed": is_closed,
            "faces": {
                operator.pk: reverse("accounts:operators_photo", args=[user.photo_key])
                for operator, user in people
                if user.photo_key
            },
        },
    }
    response = render(request, "chat/frame.html", context)
    response._csp_replace = {"frame-ancestors": widget.allowed_origins or ["'none'"]}  # type: ignore[attr-defined]  # django-csp
    response.xframe_options_exempt = True  # frame-ancestors rules it
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Referrer-Policy"] = "no-referrer"
    return response


@csrf_exempt  # no cookie is read; the Origin and the secret in the body are the proof
@require_POST
@never_cache
@limited("widget.open")
def open_widget(request: HttpRequest) -> JsonResponse:
    """Makes or finds the visitor and answers a socket ticket (P9: nothing before this)."""
    body = _body(request)
    widget = queries.find_widget(_word(body, "key", 64))
    browser, system = read_device(request.headers.get("User-Agent", ""))
    address = client_address(request) or None
    if address and widget.account.truncate_addresses:
        address = truncate_address(address)
    told = body.get("page")
    page: dict[str, Any] = told if isinstance(told, dict) else {}
    secret = _word(body, "secret", 200)
    with account_scope(widget.account):
        known = queries.find_visitor_by_secret(widget, visitors.hash_secret(secret)) if secret else None
        visitor, fresh = visitors.open_widget(
            widget=widget,
            visitor=known,
            device={"browser": browser, "system": system, "ip_address": address},
            page={
                "url": clean_address(_word(page, "url", 500)),
                "title": _word(page, "title", 200),
                "referrer": clean_address(_word(page, "referrer", 500)),
            },
        )
        answering = list_answering(widget.account)
    return JsonResponse(
        {
            "ticket": issue_ticket("widget", visitor=visitor.pk),
            "secret": fresh,
            "socket": f"{settings.SOCKET_ORIGIN}/ws/widget/",
            "visitor": str(visitor.public_id),
            "open": bool(answering) and not widget.account.is_read_only(),
        }
    )


@csrf_exempt
@require_POST
@never_cache
@limited("widget.data")
def read_kept(request: HttpRequest) -> JsonResponse:
    """What this chat keeps, read from the data map at this moment."""
    visitor = _visitor(request)
    with account_scope(visitor.account):
        return JsonResponse(kept.describe_kept(visitor))


@csrf_exempt
@require_POST
@never_cache
@limited("widget.download")
def download_kept(request: HttpRequest) -> JsonResponse:
    """Everything that is kept about the visitor, as JSON to download."""
    visitor = _visitor(request)
    with account_scope(visitor.account):
        response = JsonResponse(kept.export_visitor(visitor), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="chat.json"'
    return response


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
def _body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request of our own frame. Raises Refused `bad_origin`, `bad_body`."""
    if request.headers.get("Origin", settings.PUBLIC_ORIGIN) != settings.PUBLIC_ORIGIN:
        raise Refused("bad_origin", _("This request comes from another site."), status=403)
    try:
        if len(request.body) > MAX_BODY:
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
    secret = _word(_body(request), "secret", 200)
    every = Visitor.objects.with_scopes_disabled().select_related("account", "widget")  # the secret names the account
    hashed = visitors.hash_secret(secret)
    found = every.filter(secret_hash=hashed).first() or every.filter(previous_secret_hash=hashed).first()
    if not secret or found is None:
        raise not_found()
    return found


__all__ = ["Widget", "delete_kept", "download_kept", "frame", "open_widget", "read_kept", "ticket"]
