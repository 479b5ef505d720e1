"""Our application with a count of its SQL statements, for the benchmarks that say how many there are."""

import json
from typing import Any

from django.db.backends.signals import connection_created

from livechat.asgi import application as site

statements = {"all": 0, "writes": 0}


def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    statements["all"] += 1
    if sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
        statements["writes"] += 1
    return execute(sql, params, many, context)


connection_created.connect(lambda connection, **_: connection.execute_wrappers.append(count), weak=False)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"] == "/bench/":
        from core.realtime import hub

        body = json.dumps({**statements, "frames": hub.frames_sent, "sockets": len(hub.sockets)}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
    else:
        await site(scope, receive, send)
