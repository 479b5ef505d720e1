"""A customer's page on a second origin, in development only: Acme Bikes, with the chat in the corner.

It is a site of its own, with its own style and its own Content-Security-Policy, so that origins, framing and
third-party storage are as real as on a customer's server.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from accounts.models import Membership
from accounts.scoping import account_scope
from chat.actions.widgets import change_widget, ensure_widget
from livechat.demo_people import OWNER

log = logging.getLogger(__name__)

PAGES = {"/demo/": "home", "/demo/cargo/": "cargo", "/demo/test-ride/": "test_ride"}
STYLE = "/demo/shop.css"


@dataclass(frozen=True)
class DemoWidget:
    """What the page's script tag needs."""

    key: str
    colour: str


_known: list[DemoWidget] = []


def find_demo_widget() -> DemoWidget | None:
    """The widget of the demo's company, with this origin among those that may frame it; None before `seed_demo`."""
    try:
        owner = Membership.objects.select_related("account", "user").filter(user__email=OWNER.email).first()
        if owner is None:
            return None
        with account_scope(owner.account):
            widget = ensure_widget(account=owner.account)
            if settings.DEMO_ORIGIN and settings.DEMO_ORIGIN not in widget.allowed_origins:
                origins = [owner.account.website, settings.DEMO_ORIGIN]  # the port of an earlier start goes
                change_widget(widget=widget, by=owner, allowed_origins=origins)
        return DemoWidget(widget.key, widget.brand_colour)
    finally:
        connection.close()  # this thread has no request that would


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers one connection of the second origin."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4404})
    elif scope["method"] not in ("GET", "HEAD"):
        await _answer(send, 405, "text/plain", "This page is only for reading.")
    elif scope["path"] in ("/", "/demo"):
        await _answer(send, 302, "text/plain", "", [(b"location", b"/demo/")])
    elif scope["path"] == STYLE:
        await _answer(send, 200, "text/css", render_to_string("demo/shop.css"))
    elif scope["path"] in PAGES:
        await _answer(send, 200, "text/html", await _page(PAGES[scope["path"]]))
    else:
        await _answer(send, 404, "text/plain", "There is no such page in this shop.")


async def _page(name: str) -> str:
    if not _known:
        found = await asyncio.to_thread(find_demo_widget)
        _known.extend([found] if found else [])
    widget = _known[0] if _known else None
    context = {
        "page": name,
        "site": settings.PUBLIC_ORIGIN,
        "site_name": settings.SITE_NAME,
        "key": widget.key if widget else "",
        "colour": widget.colour if widget else "",
    }
    return render_to_string(f"demo/{name}.html", context)


async def _answer(
    send: Any, status: int, kind: str, body: str, headers: "list[tuple[bytes, bytes]] | None" = None
) -> None:
    site = settings.PUBLIC_ORIGIN
    policy = f"default-src 'none'; script-src {site}; frame-src {site}; style-src 'self'; base-uri 'none'; " + (
        "form-action 'none'; frame-ancestors 'none'"
    )
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", f"{kind}; charset=utf-8".encode()),
                (b"content-security-policy", policy.encode()),
                (b"referrer-policy", b"strict-origin-when-cross-origin"),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
                *(headers or []),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body.encode()})


async def _lifespan(receive: Any, send: Any) -> None:
    await receive()
    try:
        await asyncio.to_thread(find_demo_widget)
    except Exception:  # the shop opens all the same; a page tries again
        log.exception("the demo's widget could not be prepared")
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
