"""Pages of the archive: closed chats by filters and words, the transcript beside them, and their export (S26)."""

import zoneinfo
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.doors import MemberRequest, member_page
from accounts.roles import can
from chat import queries
from chat.actions.exports import note_export
from chat.actions.mailing import ask_transcript
from chat.archive import exports, search
from chat.desk import screens, tags
from chat.desk.linking import link_text
from chat.forms import ArchiveForm
from chat.models import Chat
from core.errors import Refused
from core.limits import count_use, limited, person_or_address
from core.search import Query, read_query

TRANSCRIPT_LINES = 500


@require_GET
@never_cache
@member_page("archive.read")
@limited("archive.search", by=person_or_address)
def archive(request: MemberRequest, public_id: UUID | None = None) -> HttpResponse:
    """Closed chats with filters and search, and the transcript of one of them (S26)."""
    membership = request.membership
    zone = zoneinfo.ZoneInfo(membership.time_zone)
    chat = queries.find_chat_for(membership, public_id) if public_id else None
    with timezone.override(zone):
        form = ArchiveForm(request.GET, account=membership.account)
        wanted = form.read()
        query = read_query(wanted.text)
        before = _key_of(membership.account, request.GET.get("before"))
        found = search.search_chats(membership.account, wanted, zone, before=before, limit=search.PAGE + 1)
        page = found[: search.PAGE]
        context: dict[str, Any] = {
            "form": form,
            "wanted": wanted,
            "chats": [_shown(one, query) for one in page],
            "count": search.count_chats(membership.account, wanted, zone),
            "next": page[-1].public_id if len(found) > search.PAGE else None,
            "is_first": before is None,
            "asked": form.asked(),
            "here": urlencode([*form.pairs(), *([("before", request.GET["before"])] if before is not None else [])]),
            "chips": form.chips(),
            "may_export": can(membership, "export"),
        }
        if chat is not None:
            context |= _transcript(request, chat, query) | _neighbours(request, chat, page, wanted, zone)
        response = render(request, "chat/archive.html", context)
    if request.headers.get("HX-Request") and chat is None:
        response["HX-Push-Url"] = f"{reverse('chat:archive')}?{context['here']}".rstrip("?")
    return response


def _key_of(account: Any, public_id: str | None) -> int | None:
    """Where a page begins; from the newest where that chat is gone or the address is none."""
    try:
        found = UUID(public_id) if public_id else None
    except ValueError:
        return None
    return Chat.of(account).filter(public_id=found).values_list("pk", flat=True).first() if found else None


def _shown(chat: Any, query: Query) -> Any:
    """The chat with what its row shows."""
    chat.hue = screens.hue_of(chat.visitor.public_id)
    chat.name = query.mark(str(chat.visitor.shown_name))
    chat.snippet = query.cut(chat.hit) if chat.hit else query.mark(chat.last_text)
    chat.tag_names = tags.names_of(chat)
    chat.keep_until = queries.keep_until(chat)
    return chat


def _neighbours(request: MemberRequest, chat: Chat, page: list[Chat], wanted: Any, zone: Any) -> dict[str, Any]:
    """The chats before and after in the list: from the page that is shown, else read; `turn`: the next page's begin."""
    account, keys = request.membership.account, [one.pk for one in page]
    place = keys.index(chat.pk) if chat.pk in keys else None
    newer = page[place - 1] if place else search.find_neighbour(account, wanted, zone, chat, newer=True)
    if place is not None and place + 1 < len(page):
        return {"newer": newer, "older": page[place + 1]}
    older = search.find_neighbour(account, wanted, zone, chat, newer=False)
    return {"newer": newer, "older": older, "turn": chat.public_id if place is not None else None}


def _transcript(request: MemberRequest, chat: Chat, query: Query) -> dict[str, Any]:
    """One chat with up to 500 lines after `?after=`, and until when it is kept."""
    asked = request.GET.get("after", "")
    after = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
    lines = queries.list_lines(chat.pk, after, TRANSCRIPT_LINES)
    shown = screens.lines_of(lines, chat, queries.list_notes(chat.pk))
    for line in shown if query else ():
        line["marked"] = link_text(line["text"], query.mark)
    if any(line.get("edited") for line in shown):  # what was removed is not shown again
        versions = queries.list_versions_of(chat.pk)
        for line in shown:
            line["versions"] = versions.get(line["seq"], ()) if line.get("edited") else ()
    return {
        "chat": chat,
        "tags": tags.names_of(chat),
        "known_tags": tags.list_names(),
        "lines": shown,
        "hue": screens.hue_of(chat.visitor.public_id),
        "more_after": lines[-1].seq if lines and lines[-1].seq < chat.last_seq else None,
        "waited": screens.say_span(chat.accepted_at - chat.started_at) if chat.accepted_at else "",
        "keep_until": queries.keep_until(chat) if chat.closed_at else None,
    }


@require_GET
@never_cache
@member_page("archive.read")
def transcript_text(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A transcript as plain text, to download."""
    chat = queries.find_chat_for(request.membership, public_id)
    with timezone.override(zoneinfo.ZoneInfo(request.membership.time_zone)):
        lines = screens.lines_of(queries.list_lines(chat.pk, 0, 100_000), chat)
        body = "".join(f"{timezone.localtime(line['at']):%Y-%m-%d %H:%M} {screens.say_line(line)}\n" for line in lines)
    response = HttpResponse(body, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="chat-{chat.public_id}.txt"'
    return response


@require_safe
@never_cache
@member_page("export")
@reauthentication_required
def export(request: MemberRequest, kind: str) -> FileResponse:
    """One row per chat as .csv or .xlsx, with the filters of the list; only after a fresh log-in, and in the log."""
    count_use("export", f"user:{request.user.pk}")
    membership = request.membership
    wanted = ArchiveForm(request.GET, account=membership.account).read()
    zone = zoneinfo.ZoneInfo(membership.time_zone)
    file, rows = exports.write_chats(membership.account, wanted, zone, kind)
    note_export(by=membership, kind=kind, rows=rows, filters=wanted.names())
    name = f"chats-{timezone.localtime(timezone=zone):%Y-%m-%d}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=exports.TYPES[kind])


@require_POST
@never_cache
@member_page("archive.read")
def send_transcript(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The chat as a mail to its visitor, who asked for it; to the visitor's own address only."""
    chat = queries.find_chat_for(request.membership, public_id)
    try:
        sent = ask_transcript(chat=chat, email=chat.visitor.email, by=request.membership)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        done = _("The chat is on its way to its visitor.") if sent else _("The visitor got this chat already.")
        messages.success(request, done)
    return redirect(f"{reverse('chat:transcript', args=[chat.public_id])}#chat")
