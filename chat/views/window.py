"""The page of the chat window: in the widget's iframe, and full page behind a link in a mail."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from accounts.models import Account
from accounts.provider_list import list_providers
from accounts.scoping import account_scope
from chat.models import Widget
from chat.queries import find_chat_settings
from chat.realtime.protocol import iso
from chat.window.colours import choose_brand
from chat.window.languages import choose_language
from chat.window.prechat import PreChat, read_form
from operators.models import Group
from operators.queries import find_opening, list_groups

FACES = 3


def render_window(
    request: HttpRequest, widget: Widget, *, ancestors: list[str], language: str = "", **more: Any
) -> HttpResponse:
    """The window of a widget; only `ancestors` may frame it (SAFETY: widget embedding), its script gets `more` too."""
    asked = language or request.GET.get("lang", "")[:35]
    code = choose_language(widget, asked, request.headers.get("Accept-Language", ""))
    providers = list_providers()
    with account_scope(widget.account), translation.override(code):
        response = render(request, "chat/frame.html", {"providers": providers, **_context(widget, code, more)})
    response._csp_replace = {"frame-ancestors": ancestors or ["'none'"]}  # type: ignore[attr-defined]  # django-csp
    response.xframe_options_exempt = True  # frame-ancestors rules it
    response["Content-Language"] = code
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if providers:  # as a page of its own it speaks with the window of a service that it opened (chat/views/prefill.py)
        response["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    response["Referrer-Policy"] = "no-referrer"
    return response


def list_choices(account: Account, form: PreChat) -> list[Group]:
    """The groups that a visitor can choose from: where the form asks, and only those in which somebody answers."""
    groups = [group for group in list_groups(account) if group.people] if form.group else []  # type: ignore[attr-defined]  # annotated
    return groups if len(groups) > 1 else []


def _context(widget: Widget, code: str, more: dict[str, Any]) -> dict[str, Any]:
    account = widget.account
    rules, form = find_chat_settings(account), read_form(widget.form)
    opening = find_opening(account, widget.group_id)
    shown = opening.answering if rules.show_operators else ()
    people = [(operator, operator.membership.user) for operator in shown if operator.membership]
    brand, is_closed = choose_brand(widget.brand_colour), account.is_read_only()
    is_open = opening.is_open and not is_closed
    return {
        "widget": widget,
        "company": account.company,
        "form": form,
        "groups": list_choices(account, form),
        "faces": [(operator.display_name, user.photo_key) for operator, user in people[:FACES]],
        "open": is_open,
        "closed": is_closed,
        "peek": rules.peek_on,
        "boot": {
            "key": widget.key,
            "lang": code,
            "origins": widget.allowed_origins,
            "brand": brand.colour,
            "ink": brand.ink,
            "open": is_open,
            "opens_at": iso(opening.opens_at) if opening.opens_at else None,
            "closed": is_closed,
            "email": form.email,
            "peek": rules.peek_on,
            "faces": {
                operator.pk: reverse("accounts:operators_photo", args=[user.photo_key])
                for operator, user in people
                if user.photo_key
            },
            **more,
        },
    }
