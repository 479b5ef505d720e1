"""The operators' pages: console and visitors."""

import zoneinfo
from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.doors import member_page
from accounts.roles import can
from chat import queries
from chat.desk import blocks, screens, tags
from chat.models import Chat
from chat.realtime.live import live
from facts.queries import list_reached
from operators.models import Operator
from operators.queries import find_operator_for

LINES = 50  # of a conversation, before one scrolls up


@require_GET
@never_cache
@member_page("chats.read")
def console(request: HttpRequest, public_id: UUID | None = None) -> HttpResponse:
    """Waiting queue, own chats, the conversation and the visitor's details.

    With `X-Part: chat` only the conversation and the details; with `X-Part: lines` and `before` older lines.
    """
    membership: Any = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    with timezone.override(zoneinfo.ZoneInfo(membership.time_zone)):
        operator = find_operator_for(membership)
        chat = queries.find_chat_for(membership, public_id) if public_id else None
        context: dict[str, Any] = {"operator": operator, "chat": chat}
        if chat is not None:
            context |= _conversation(request, chat, operator)
        part = request.headers.get("X-Part", "")
        if part in ("chat", "lines"):
            template = "chat/_lines.html" if part == "lines" else "chat/_chat.html"
            return render(request, template, context)
        rows = screens.split_rows(queries.list_live_cards(membership.account, operator), operator)
        request.nav_counts = {"chats": len(rows["waiting"])}  # type: ignore[attr-defined]  # core/templatetags/look
        context |= {
            "rows": rows,
            "open_id": str(chat.public_id) if chat else "",
            "longest": screens.longest_wait(rows["waiting"]),
            "begins": not any(rows.values())
            and can(membership, "widget.edit")
            and not queries.has_chats(membership.account),
            "rings": bool(rows["waiting"])
            and operator.status == Operator.Status.ACCEPTING
            and len(rows["mine"]) < operator.chat_limit,
            "statuses": Operator.Status,
            "block_hours": blocks.DURATIONS,
            "boot": _boot(membership, operator, rows),
        }
        return render(request, "chat/console.html", context)


def _boot(membership: Any, operator: Operator, rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """What the console's modules start with."""
    return {
        "me": {
            "id": operator.pk,
            "name": operator.display_name,
            "status": operator.status,
            "limit": operator.chat_limit,
        },
        "zone": membership.time_zone,
        "supervises": can(membership, "chats.supervise"),
        "cards": [row for group in rows.values() for row in group],
        "urls": {
            "chats": reverse("chat:console"),
            "ticket": reverse("chat:ticket"),
            "files": reverse("chat:file_upload"),
            "visitors": reverse("chat:visitors"),
            "archive": reverse("chat:archive"),
        },
    }


def _conversation(request: HttpRequest, chat: Chat, operator: Operator) -> dict[str, Any]:
    """The newest lines, or with `before` those before that number, and what the page says around them."""
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 10 else chat.last_seq + 1
    lines = queries.list_lines_before(chat.pk, before, LINES)
    return {
        "lines": screens.lines_of(lines, chat, queries.list_notes(chat.pk)),
        "draft": queries.find_draft(chat, operator),
        "older": lines[0].seq if lines and lines[0].seq > 1 else None,
        "facts": screens.facts_of(chat),
        "reached": list_reached(chat.account, chat.pk),
        "tags": tags.names_of(chat),
        "blocks": blocks.list_blocks_of(chat.visitor),
        "leads": can(request.membership, "blocks.lift"),  # type: ignore[attr-defined]  # accounts.middleware
        "row": screens.row_of(chat, operator),
        "lasts": screens.say_span((chat.closed_at or timezone.now()) - chat.started_at),
        "is_mine": chat.operator_id == operator.pk,
        "supervises": can(request.membership, "chats.supervise"),  # type: ignore[attr-defined]  # accounts.middleware
        "seen": chat.visitor_read_seq,
        "last_own": max((line.seq for line in lines if line.author == "operator"), default=0),
    }


@require_GET
@never_cache
@member_page("visitors.see")
def visitors(request: HttpRequest) -> HttpResponse:
    """Visitors with an open chat window, now (S28)."""
    membership: Any = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    rows = screens.presence_rows(membership.account_id)
    operator = find_operator_for(membership)
    waiting = screens.split_rows(queries.list_waiting(membership.account), operator)["waiting"]
    states = Counter(row["state"] if row["state"] in ("waiting", "open") else "browsing" for row in rows)
    request.nav_counts = {"chats": len(waiting)}  # type: ignore[attr-defined]  # core/templatetags/look
    context = {
        "rows": rows[:200],
        "total": len(rows),
        "hidden": live.count_hidden(membership.account_id),
        "asks": queries.find_chat_settings(membership.account).board_on,
        "chatting": states["open"],
        "listed": {state: states[state] for state in ("waiting", "open", "browsing")},
        "operator": operator,
        "waiting": len(waiting),
        "longest": screens.longest_wait(waiting),
    }
    return render(request, "chat/visitors.html", context)
