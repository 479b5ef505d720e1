"""The operators' pages: console, visitors, archive and transcript."""

import zoneinfo
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
from chat import queries, screens, search
from chat.forms import ArchiveForm
from chat.models import Chat
from core.limits import limited, person_or_address
from operators.models import Operator
from operators.queries import find_operator_for

LINES = 50  # of a conversation, before one scrolls up
TRANSCRIPT_LINES = 500


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
        rows = screens.split_rows(queries.list_live_cards(membership.account), operator)
        context |= {
            "rows": rows,
            "longest": screens.longest_wait(rows["waiting"]),
            "statuses": Operator.Status,
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
        "lines": screens.lines_of(lines, chat),
        "older": lines[0].seq if lines and lines[0].seq > 1 else None,
        "facts": screens.facts_of(chat),
        "row": screens.row_of(chat, operator),
        "lasts": screens.say_span((chat.closed_at or timezone.now()) - chat.started_at),
        "is_mine": chat.operator_id == operator.pk,
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
    waiting = screens.split_rows(queries.list_waiting(membership.account), find_operator_for(membership))["waiting"]
    context = {
        "rows": rows[:200],
        "total": len(rows),
        "chatting": sum(row["state"] == "open" for row in rows),
        "waiting": len(waiting),
        "longest": screens.longest_wait(waiting),
    }
    return render(request, "chat/visitors.html", context)


@require_GET
@never_cache
@member_page("archive.read")
@limited("archive.search", by=person_or_address)
def archive(request: HttpRequest, public_id: UUID | None = None) -> HttpResponse:
    """Closed chats with filters and search, and the transcript of one of them (S26)."""
    membership: Any = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    account = membership.account
    with timezone.override(account.zone):
        form = ArchiveForm(request.GET, account=account)
        wanted = form.read()
        found = search.search_chats(account, wanted, before=_uuid(request.GET.get("before")), limit=search.PAGE + 1)
        page = found[: search.PAGE]
        snippets = search.find_snippets(page, wanted.text)
        for chat in page:
            chat.snippet = snippets[chat.pk]  # type: ignore[attr-defined]  # for the template
            chat.hue = screens.hue_of(chat.visitor.public_id)  # type: ignore[attr-defined]  # for the template
        asked = request.GET.copy()
        asked.pop("before", None)
        context = {
            "form": form,
            "wanted": wanted,
            "chats": page,
            "next": page[-1].public_id if len(found) > search.PAGE else None,
            "is_first": "before" not in request.GET,
            "asked": asked.urlencode(),
        }
        if public_id is not None:
            context |= _transcript(request, queries.find_chat_for(membership, public_id), wanted.text)
        return render(request, "chat/archive.html", context)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _transcript(request: HttpRequest, chat: Chat, text: str) -> dict[str, Any]:
    """One chat with up to 500 lines after `?after=`, and until when it is kept."""
    asked = request.GET.get("after", "")
    after = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
    lines = queries.list_lines(chat.pk, after, TRANSCRIPT_LINES)
    shown = screens.lines_of(lines, chat)
    for line in shown:
        line["marked"] = search.mark_hits(line["text"], text)
    return {
        "chat": chat,
        "lines": shown,
        "hue": screens.hue_of(chat.visitor.public_id),
        "more_after": lines[-1].seq if lines and lines[-1].seq < chat.last_seq else None,
        "waited": screens.say_span(chat.accepted_at - chat.started_at) if chat.accepted_at else "",
        "keep_until": queries.keep_until(chat) if chat.closed_at else None,
    }


@require_GET
@never_cache
@member_page("archive.read")
def transcript_text(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A transcript as plain text, to download."""
    membership: Any = request.membership  # type: ignore[attr-defined]  # accounts.middleware
    chat = queries.find_chat_for(membership, public_id)
    with timezone.override(zoneinfo.ZoneInfo(membership.time_zone)):
        lines = screens.lines_of(queries.list_lines(chat.pk, 0, 100_000), chat)
        body = "".join(
            f"{timezone.localtime(line['at']):%Y-%m-%d %H:%M} {line['words'] or line['who'] + ': ' + line['text']}\n"
            for line in lines
        )
    response = HttpResponse(body, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="chat-{chat.public_id}.txt"'
    return response
