"""The window beside the chat in which a visitor lets a service fill in name and e-mail, and the form's own door (S92).

It is a window of this site of its own, so it works where cookies of others are blocked. Nobody is logged in by it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import provider_told
from accounts.provider_list import Provider, find_provider
from accounts.scoping import account_scope
from chat.models import Widget
from chat.queries import find_widget
from chat.realtime.protocol import clean_text
from chat.views.widget import read_body
from chat.window import handoff
from chat.window.languages import choose_language, known_language
from chat.window.prechat import Ask, problem_of_address, read_form
from core.errors import not_found
from core.limits import limited
from operators.queries import find_opening

METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(METHODS)
@limited("widget.prefill")
def start(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    """GET asks the form that opened the window for its key; POST brings the key and leads to the service."""
    widget, provider = find_widget(key), find_provider(slug)
    sent = request.POST if request.method == "POST" else request.GET
    note = {"widget": widget.key, "service": slug, "lang": known_language(sent.get("lang", "")[:35])}
    if request.method != "POST":
        return _page(request, widget, provider, note, "chat/prefill_start.html")
    site = sent.get("site", "")
    note |= {"form": handoff.begin(sent.get("key", "")), "site": site if site in widget.allowed_origins else ""}
    url = _ask(request, provider, note)
    if not url:
        handoff.hand_over(note["form"], {})
    return _page(request, widget, provider, note, "chat/prefill_start.html" if url else "chat/prefill.html", url=url)


def _ask(request: HttpRequest, provider: Provider, note: dict[str, str]) -> str:
    """The address of the service; empty when it cannot be reached."""
    from accounts.provider_flows import PROBLEMS  # the library's flows are loaded by the first who leaves

    try:
        answer = provider_told.ask(
            request, provider, path_of=lambda word: reverse("chat:prefill", args=[word]), note=note
        )
    except PROBLEMS:
        return ""
    return str(answer["Location"]) if answer.status_code == 302 else ""


@never_cache
@require_http_methods(METHODS)
@limited("widget.prefill")
def choose(request: HttpRequest, word: str) -> HttpResponse:
    """What the service told, with a box for each thing, none ticked; POST hands over what was ticked (S91)."""
    note = provider_told.find_note(request, word)
    if note is None:
        raise not_found()
    widget, provider = find_widget(note["widget"]), find_provider(note["service"])
    offers = _list_offers(widget, provider_told.read_told(word))
    chosen = {name: value for name, value in offers.items() if f"take_{name}" in request.POST}
    context: dict[str, Any] = {"offers": offers, "missing": request.method == "POST"}
    if not offers or chosen or "none" in request.POST:
        handoff.hand_over(note["form"], chosen)
        provider_told.forget(request, word)
        context |= {"missing": False, "filled": bool(chosen), "done": bool(offers)}
    return _page(request, widget, provider, note, "chat/prefill.html", **context)


def _list_offers(widget: Widget, told: dict[str, str]) -> dict[str, str]:
    """Of what was told, the things that the form asks for and could take."""
    name = " ".join(clean_text(told.get("name", "")).split())[:80]
    email = told.get("email", "")
    form = read_form(widget.form)
    with account_scope(widget.account):
        asks_email = form.email != Ask.OFF or not find_opening(widget.account, widget.group_id).is_open
    offers = {"name": name if form.name != Ask.OFF else ""}
    offers["email"] = email if asks_email and email and not problem_of_address(email) else ""
    return {field: value for field, value in offers.items() if value}


def _page(
    request: HttpRequest, widget: Widget, provider: Provider, note: dict[str, str], template: str, **more: Any
) -> HttpResponse:
    code = choose_language(widget, note["lang"], request.headers.get("Accept-Language", ""))
    with translation.override(code):
        site = note.get("site", "").partition("://")[2]
        context = {"company": widget.account.company, "provider": provider, "site": site, "lang": note["lang"], **more}
        response = render(request, template, context, status=400 if more.get("missing") else 200)
    response["Content-Language"] = code
    return provider_told.keep_opener(response)


@csrf_exempt  # no cookie is read; the Origin and the key in the body are the proof
@require_POST
@never_cache
@limited("widget.prefill_read")
def read(request: HttpRequest) -> JsonResponse:
    """What the visitor chose, for the form with this key: once, within two minutes. Any other key hears `waiting`."""
    key = read_body(request).get("key")
    chosen = handoff.take(key) if isinstance(key, str) else None
    return JsonResponse({"waiting": True} if chosen is None else {"waiting": False, "chosen": chosen})
