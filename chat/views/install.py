"""Pages of one website beside its look: greetings, the secret of identify, and where the chat was opened."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import MemberRequest, member_page
from chat import queries
from chat.actions.widgets import change_widget, forget_identity_secret, make_identity_secret
from chat.bubble.greetings import LONGEST_PAGE, LONGEST_TEXT, MOST, MOST_TIMES, BadGreeting, Greeting, read_greetings
from chat.bubble.identity import LONGEST_LIFE
from chat.models import Widget
from core.errors import Refused

# for the usual site builders: where the one line goes; read on their own pages in 2026
GUIDES: tuple[tuple[str, Any], ...] = (
    ("HTML", gettext_lazy("Paste the tag before </body> in every page, or in the one file that all pages include.")),
    (
        "WordPress",
        gettext_lazy(
            "Appearance, Theme file editor, footer.php: paste it before </body>. Or use any plugin for code in the "
            "footer, and choose every page."
        ),
    ),
    (
        "Shopify",
        gettext_lazy("Online store, Themes, the three dots, Edit code, layout/theme.liquid: paste it before </body>."),
    ),
    ("Wix", gettext_lazy("Settings, Custom code, Add code: paste it, choose All pages and Body, end.")),
    ("Squarespace", gettext_lazy("Settings, Advanced, Code injection: paste it into Footer.")),
    ("Webflow", gettext_lazy("Site settings, Custom code, Footer code: paste it, save and publish.")),
    (
        "Google Tag Manager",
        gettext_lazy(
            "Tags, New, Custom HTML: paste it, choose the trigger All pages, submit. The manager may ask your visitors "
            "for consent first; the tag itself needs none, as it stores nothing."
        ),
    ),
)


@require_safe
@never_cache
@member_page("widget.edit")
def seen_on(request: MemberRequest, key: str) -> HttpResponse:
    """Where and when the chat was last opened on the website's own pages; the page asks for it while it is open."""
    return render(request, "chat/_seen_on.html", {"sightings": list_sightings(queries.find_own_widget(key))})


def list_sightings(widget: Widget) -> list[dict[str, Any]]:
    """Each allowed website with the moment at which the chat was last opened there, or None."""
    seen = widget.seen_on
    return [
        {"origin": origin, "at": datetime.fromisoformat(seen[origin]) if origin in seen else None}
        for origin in widget.allowed_origins
    ]


# ---- greetings ----
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("widget.edit")
def greetings(request: MemberRequest, key: str) -> HttpResponse:
    """The editor. Each button sends every row, so nothing that was typed is lost; only Save stores."""
    widget = queries.find_own_widget(key)
    if request.method != "POST":
        return _show_greetings(request, widget, [asdict(rule) for rule in read_greetings(widget.greetings)])
    rows = _read_rows(request.POST)
    deed, _dash, place = request.POST.get("do", "save").partition("-")
    if deed != "save":
        rows, focus = _move(rows, deed, int(place) if place.isdecimal() and len(place) < 3 else -1)
        return _show_greetings(request, widget, rows, focus=focus)
    try:
        change_widget(widget=widget, by=request.membership, greetings=rows)
    except BadGreeting as refusal:
        wrong = {"number": refusal.number, "field": refusal.field, "message": refusal.message}
        return _show_greetings(request, widget, rows, wrong=wrong, status=400)
    except Refused as refusal:
        return _show_greetings(request, widget, rows, wrong={"message": refusal.message}, status=400)
    messages.success(request, _("The greetings are saved. Your website shows them within five minutes."))
    return redirect("chat:greetings", widget.key)


def _read_rows(sent: QueryDict) -> list[dict[str, Any]]:
    """What the page sent, as it was typed: it is checked when it is saved."""
    rows = []
    for number in range(MOST + 1):
        if f"g{number}-text" not in sent:
            break
        row: dict[str, Any] = {name: sent.get(f"g{number}-{name}", "")[:1000] for name in ("text", "page")}
        row |= {name: sent.get(f"g{number}-{name}", "")[:10] for name in ("id", "after", "times")}
        rows.append({**row, "first": f"g{number}-first" in sent})
    return rows


def _move(rows: list[dict[str, Any]], deed: str, place: int) -> tuple[list[dict[str, Any]], str]:
    """The rows after a button, and the id of the element that gets the focus then."""
    if deed == "add" and len(rows) < MOST:
        return [*rows, asdict(replace(Greeting("", ""), id=""))], f"g{len(rows)}-text"
    if not 0 <= place < len(rows):
        return rows, "greetings-h"
    row = rows.pop(place)
    if deed == "remove":
        return rows, "greetings-h"
    target = min(max(place + {"up": -1, "down": 1}.get(deed, 0), 0), len(rows))
    rows.insert(target, row)
    return rows, f"g{target}-{deed}"


def _show_greetings(
    request: HttpRequest,
    widget: Widget,
    rows: list[dict[str, Any]],
    *,
    focus: str = "",
    wrong: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "widget": widget,
        "rows": [{**row, "is_focus": focus.removeprefix(f"g{number}-")} for number, row in enumerate(rows)],
        "wrong": wrong,
        "focus": focus,
        "most": MOST,
        "most_times": MOST_TIMES,
        "longest": {"text": LONGEST_TEXT, "page": LONGEST_PAGE},
    }
    return render(request, "chat/greetings.html", context, status=status)


# ---- who a visitor is ----
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("widget.edit")
def identity(request: MemberRequest, key: str) -> HttpResponse:
    """The secret with which the customer's server signs who a visitor is: made, shown once, renewed, removed."""
    widget = queries.find_own_widget(key)
    shown = ""
    if request.method == "POST":
        if request.POST.get("do") == "forget":
            forget_identity_secret(widget=widget, by=request.membership)
            messages.success(request, _("The secret is removed. Tokens signed with it mean nothing from now on."))
            return redirect("chat:identity", widget.key)
        shown = make_identity_secret(widget=widget, by=request.membership)
    context = {"widget": widget, "secret": shown, "has_secret": bool(widget.identity_secret)}
    return render(request, "chat/identity.html", {**context, "minutes": LONGEST_LIFE // 60})
