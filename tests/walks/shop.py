"""A customer's page with the chat's tag, on another origin than ours.

By default another site too (localhost and 127.0.0.1): this browser's private windows refuse storage to frames of
other sites, so every walk there is one with storage blocked. With `host="127.0.0.1"` it is another port only.
"""

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.actions.widgets import change_widget
from chat.testing import make_widget

PAGE = """<!doctype html>
<html lang="en"{attributes}><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
<body><h1>Acme Bikes</h1><p>Saddles, frames and bells.</p><a href="/cargo/">Cargo</a>{tag}</body></html>"""


@pytest.fixture
def shop(acme: Account, alice_member: Membership, site_server: str) -> Iterator[Callable[..., str]]:
    """`shop(csp="...", attributes=' dir="rtl"')` opens the shop and answers its origin; `before` stands first."""
    servers: list[http.server.ThreadingHTTPServer] = []
    widget = make_widget(acme)

    def open_shop(
        csp: str = "", attributes: str = "", host: str = "localhost", before: str = "", **widget_changes: Any
    ) -> str:
        tag = before + f'<script src="{site_server}/widget/{widget.key}.js" async></script>'

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                title = "Cargo bikes" if self.path.startswith("/cargo") else "Acme Bikes"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if csp:
                    self.send_header("Content-Security-Policy", csp.format(site=site_server))
                self.end_headers()
                self.wfile.write(PAGE.format(tag=tag, title=title, attributes=attributes).encode())

            def log_message(self, *args: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://{host}:{server.server_port}"
        with account_scope(acme):
            change_widget(widget=widget, by=alice_member, allowed_origins=[origin], **widget_changes)
        return origin

    yield open_shop
    for server in servers:
        server.shutdown()
        server.server_close()


def open_chat(page: Any) -> Any:
    """Clicks the bubble and answers the frame."""
    page.get_by_role("button", name="Open chat").click()
    frame = page.frame_locator("iframe")
    frame.locator("#widget").wait_for()
    return frame


def start_chat(page: Any, text: str, name: str = "") -> Any:
    """Opens the chat and asks the first question; answers the frame."""
    frame = open_chat(page)
    frame.get_by_label("Name").fill(name)
    frame.get_by_label("Your question").fill(text)
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_role("log").get_by_text(text).wait_for()
    return frame
