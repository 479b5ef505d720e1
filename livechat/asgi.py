"""The ASGI application: sockets go to the hub, pages to Django's WSGI handler in a bounded thread pool."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livechat.settings")
django.setup(set_prefix=False)

from a2wsgi import WSGIMiddleware  # noqa: E402  Django must be set up first
from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from chat.consumers import SOCKETS  # noqa: E402
from chat.realtime.live import live  # noqa: E402
from livechat.door import WholeRequests  # noqa: E402

pages = WholeRequests(WSGIMiddleware(get_wsgi_application(), workers=settings.WEB_THREADS))


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Dispatches one connection."""
    if scope["type"] == "http":
        await pages(scope, receive, send)
    elif scope["type"] == "websocket":
        handler = SOCKETS.get(scope["path"])
        if handler is None:
            await receive()
            await send({"type": "websocket.close", "code": 4404})
        else:
            await handler(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    await receive()
    await live.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await live.stop()
    await send({"type": "lifespan.shutdown.complete"})
