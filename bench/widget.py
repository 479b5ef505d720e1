"""G12, G13: what the widget costs a customer's page, before and after the click, in Chromium with a cold cache."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.harness import Site, free_port, running_site

MAKE_WIDGET = """
import json
from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.models import Widget, Board
from operators.models import Operator
account = Account.objects.create(slug="bench", company="Bench", address="x", website="https://bench.example")
member = Membership.objects.create(user=User.objects.create_user("a@bench.example", None, name="Ada"), account=account, role="owner")
with account_scope(account):
    Operator.objects.create(account=account, membership=member, display_name="Ada Example")
    Board.objects.create(account=account)
    widget = Widget.objects.create(account=account, name="w", allowed_origins=["%s"])
print(json.dumps(widget.key))
"""


def customer_page(site: Site) -> tuple[ThreadingHTTPServer, str, str]:
    """A page of another origin that carries the tag."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    key = site.script(MAKE_WIDGET % origin)
    page = f'<!doctype html><title>Shop</title><h1>Shop</h1><script src="{site.origin}/widget/{key}.js" async></script>'

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, origin, key


def measure() -> list[dict[str, Any]]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "apt-get install -y chromium"
    env = {
        "LIVECHAT_DEV": "0",
        "SECRET_KEY": "of this bench only",
        "LOG_JSON": "1",
    }  # compressed files, as in production
    with running_site(env=env, collect=True) as site, sync_playwright() as playwright:
        server, origin, _key = customer_page(site)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()
        seen: list[tuple[str, int]] = []
        waiting: list[Any] = []

        def note(response: Any) -> None:
            if response.url.startswith(site.origin):
                waiting.append(response)

        def weigh() -> None:
            """Bytes of the bodies as they came over the wire."""
            for response in waiting:
                name = response.url.removeprefix(site.origin).split("?")[0]
                seen.append((name, response.request.sizes()["responseBodySize"]))
            waiting.clear()

        sockets: list[str] = []
        page.on("response", note)
        page.on("websocket", lambda socket: sockets.append(socket.url))
        page.goto(origin, wait_until="networkidle")
        page.wait_for_timeout(1000)
        storage = page.evaluate("() => localStorage.length + sessionStorage.length")
        shift = page.evaluate(
            "() => new Promise(done => { let sum = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; })"
            ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 300); })"
        )
        weigh()
        before = list(seen)
        g12 = {
            "goal": "G12", "limit": "<= 2 requests, <= 5 KB, 0 cookies, 0 storage, 0 other hosts, 0 shift",
            "requests": len(before), "bytes": sum(size for _, size in before), "cookies": len(context.cookies()),
            "storage": storage, "layout_shift": shift, "files": [name for name, _ in before],
        }  # fmt: skip
        g12["holds"] = (
            g12["requests"] <= 2 and g12["bytes"] <= 5_000 and not g12["cookies"] and not storage and not shift
        )
        seen.clear()
        page.get_by_role("button", name="chat").first.click()
        page.wait_for_timeout(1500)
        frame = next(f for f in page.frames if "/widget/frame/" in f.url)
        frame.fill("#w-text", "Hello")
        frame.click("#pre button[type=submit]")
        page.wait_for_timeout(1500)
        weigh()
        g13 = {
            "goal": "G13", "limit": "<= 30 KB in all, <= 5 requests, 1 WebSocket", "requests": len(seen),
            "bytes": sum(size for _, size in seen) + g12["bytes"], "sockets": len(sockets),
            "files": dict(seen),
        }  # fmt: skip
        g13["holds"] = g13["requests"] <= 5 and g13["bytes"] <= 30_000 and g13["sockets"] == 1
        browser.close()
        server.shutdown()
    return [g12, g13]


def main() -> None:
    for result in measure():
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
