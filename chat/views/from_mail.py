"""Pages behind the links in mails to visitors: go on with a chat, rate it, stop the mails. GET shows, POST does."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.scoping import account_scope
from chat.actions.chats import rate_chat
from chat.actions.mailing import stop_mail
from chat.desk.blocks import blocked, is_blocked
from chat.models import Chat
from chat.realtime.protocol import clean_text
from chat.views.window import render_window
from chat.window import kept
from chat.window.mail_links import CONTINUE, LINK_DAYS, RATE, STOP, find_linked_chat, issue_pass
from core.client_address import client_address
from core.errors import Refused, not_found
from core.limits import limited

METHODS = ["GET", "HEAD", "POST"]


@csrf_exempt  # no cookie is read: the signed link is the right to do it
@require_http_methods(METHODS)
@never_cache
@limited("widget.link")
def continue_chat(request: HttpRequest, token: str) -> HttpResponse:
    """What the chat keeps and a button; the button opens the chat window on the whole page, with a new secret."""
    chat = find_linked_chat(CONTINUE, token)
    if chat.widget.removed_at is not None:
        raise not_found()
    if is_blocked(chat.account, chat.visitor_id, client_address(request)):
        raise blocked()
    if request.method == "POST":
        visitor = chat.visitor
        return render_window(
            request, chat.widget, ancestors=[], language=visitor.language, **{"pass": issue_pass(visitor)}
        )
    with account_scope(chat.account), translation.override(_language_of(chat)):
        found = kept.describe_kept(chat.visitor)
        for row in found["rows"]:
            row["day"] = datetime.fromisoformat(row["until"]) if row["until"] else None
        return _page(request, "chat/continue.html", chat, kept=found, days=LINK_DAYS, link=token)


@csrf_exempt
@require_http_methods(METHODS)
@never_cache
@limited("widget.link")
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """The rating with the choice of the mail preselected; a mail scanner that opens the link rates nothing (S24)."""
    chat = find_linked_chat(RATE, token)
    sent = request.POST if request.method == "POST" else request.GET
    value = sent.get("value", "")
    context: dict[str, Any] = {"value": value, "comment": sent.get("comment", "")[:1000], "rated": bool(chat.rating)}
    status = 200
    with account_scope(chat.account), translation.override(_language_of(chat)):
        if request.method == "POST" and value not in Chat.Rating.values:
            context["missing"], status = True, 400
        elif request.method == "POST":
            try:
                rate_chat(chat_pk=chat.pk, value=value, comment=clean_text(context["comment"]))
                context |= {"rated": True, "thanks": True}
            except Refused as refusal:
                context["refusal"], status = refusal.message, refusal.status
        return _page(request, "chat/rate.html", chat, status=status, **context)


@csrf_exempt
@require_http_methods(METHODS)
@never_cache
@limited("widget.link")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The visitor's address is forgotten: no mail about this chat any more (P8)."""
    chat = find_linked_chat(STOP, token)
    with account_scope(chat.account), translation.override(_language_of(chat)):
        if request.method == "POST":
            stop_mail(chat=chat)
        return _page(request, "chat/stop.html", chat, done=request.method == "POST")


def _language_of(chat: Chat) -> str:
    return chat.visitor.language or chat.widget.language or "en"


def _page(request: HttpRequest, template: str, chat: Chat, *, status: int = 200, **context: Any) -> HttpResponse:
    shown = {"chat": chat, "company": chat.account.company, **context}
    response = render(request, template, shown, status=status)
    response["Referrer-Policy"] = "no-referrer"  # the address of the page is the key to the chat
    return response
