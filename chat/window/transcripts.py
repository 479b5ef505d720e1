"""A chat to read, as its visitor may see it: for the download, the mail and the printer. Notes are never read here."""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chat.models import Chat, Message
from chat.queries import find_chat_settings

AT_ONCE = 1000


@dataclass(frozen=True)
class Line:
    """One line: who said it and when, in the time zone of the reader; an event has only `words`."""

    at: datetime
    who: str
    text: str
    words: str = ""
    by_visitor: bool = False


@dataclass(frozen=True)
class Transcript:
    """A chat with the names that its visitor knows."""

    company: str
    started: datetime
    zone: str
    answers: list[dict[str, str]]
    lines: list[Line]


def read_transcript(chat: Chat, *, zone: zoneinfo.ZoneInfo, after: int = 0, through: int | None = None) -> Transcript:
    """The lines of a chat after a number, up to another, in the language that is active (in the account's scope)."""
    company = chat.account.company
    shows = find_chat_settings(chat.account).show_operators
    rows = Message.objects.filter(chat=chat, seq__gt=after).select_related("operator").order_by("seq")
    if through is not None:
        rows = rows.filter(seq__lte=through)
    lines = []
    for message in rows.iterator(chunk_size=AT_ONCE):
        line = _line_of(message, chat, zone, company, shows)
        if line is not None:
            lines.append(line)
    started = timezone.localtime(chat.started_at, zone)
    return Transcript(company, started, zone.key, list(chat.answers), lines)


def _line_of(message: Message, chat: Chat, zone: Any, company: str, shows: bool) -> Line | None:
    at = timezone.localtime(message.created_at, zone)
    who = message.operator.display_name if message.operator and shows else company
    if message.author == Message.Author.SYSTEM:
        words = say_event(message.event, who)
        return Line(at, "", "", words) if words else None
    by_visitor = message.author == Message.Author.VISITOR
    return Line(at, (chat.visitor.name or _("You")) if by_visitor else who, _text_of(message), by_visitor=by_visitor)


def _text_of(message: Message) -> str:
    if message.removed_at is not None:
        return _("(this message was removed)")
    name = message.file.get("name", "") if isinstance(message.file, dict) else ""
    sent = _("File: %(name)s") % {"name": name} if name else ""
    return "\n".join(part for part in (message.text, sent) if part)


def say_event(event: str, who: str) -> str:
    """The sentence of a system line to the visitor; empty for those that say nothing to visitors."""
    sentences = {
        "joined": _("%(who)s joined") % {"who": who},
        "left": _("The chat ended"),
        "closed": _("The chat ended"),
        "reopened": _("The chat goes on"),
    }
    return sentences.get(event, "")


def write_text(transcript: Transcript) -> str:
    """The transcript as plain text."""
    head = _("Chat with %(company)s, %(day)s") % {
        "company": transcript.company, "day": date_format(transcript.started, "DATE_FORMAT"),
    }  # fmt: skip
    rows = [head, _("Times are those of %(zone)s.") % {"zone": transcript.zone}, ""]
    rows += [f"{answer['question']}: {answer['answer']}" for answer in transcript.answers]
    rows += [""] if transcript.answers else []
    for line in transcript.lines:
        rows.append(f"{line.at:%Y-%m-%d %H:%M}  " + (line.words or f"{line.who}: {line.text}"))
    return "\n".join(rows) + "\n"
