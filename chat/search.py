"""The archive: closed chats, newest first, filtered and searched, in keyset pages."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import Account
from chat.models import Chat, Message

PAGE = 20
SNIPPET = 90  # characters around a hit


@dataclass(frozen=True)
class ArchiveFilter:
    """What the archive is asked for. `rating` is good, bad or none; the days are those of the account's time zone."""

    text: str = ""
    operator: int | None = None
    rating: str = ""
    since: date | None = None
    until: date | None = None

    def is_empty(self) -> bool:
        return self == ArchiveFilter()


def search_chats(
    account: Account, wanted: ArchiveFilter, *, before: UUID | None = None, limit: int = PAGE
) -> list[Chat]:
    """Closed chats of the account, newest first, older than the chat `before`; with visitor and operator."""
    chats = Chat.of(account).filter(state=Chat.State.CLOSED).filter(_conditions(account, wanted))
    if before is not None:
        last = Chat.of(account).filter(public_id=before).values_list("pk", flat=True).first()
        chats = chats.filter(pk__lt=last or 0)
    return list(chats.select_related("visitor", "operator").order_by("-pk")[:limit])


def _conditions(account: Account, wanted: ArchiveFilter) -> Q:
    found = Q()
    if wanted.text:
        hits = Message.objects.filter(chat=OuterRef("pk"), text__icontains=wanted.text).exclude(
            author=Message.Author.SYSTEM
        )
        found &= Q(Exists(hits)) | Q(visitor__name__icontains=wanted.text) | Q(visitor__email__icontains=wanted.text)
    if wanted.operator is not None:
        found &= Q(operator_id=wanted.operator)
    if wanted.rating:
        found &= Q(rating="" if wanted.rating == "none" else wanted.rating)
    if wanted.since:
        found &= Q(started_at__gte=datetime.combine(wanted.since, time.min, account.zone))
    if wanted.until:
        found &= Q(started_at__lt=datetime.combine(wanted.until + timedelta(days=1), time.min, account.zone))
    return found


def find_snippets(chats: list[Chat], text: str) -> dict[int, SafeString]:
    """chat -> the piece of text around the first hit with the hit in <mark>; the last message where there is none."""
    found: dict[int, SafeString] = {chat.pk: mark_hits(chat.last_text, text) for chat in chats}
    if text:
        hits = Message.objects.filter(chat__in=chats, text__icontains=text).exclude(author=Message.Author.SYSTEM)
        for chat_pk, line in hits.order_by("-seq").values_list("chat_id", "text")[:400]:
            found[chat_pk] = mark_hits(_cut(line, text), text)
    return found


def _cut(line: str, text: str) -> str:
    at = max(0, line.lower().find(text.lower()))
    start, end = max(0, at - SNIPPET // 2), at + len(text) + SNIPPET // 2
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")


def mark_hits(line: str, text: str) -> SafeString:
    """The escaped line with every occurrence of `text` in <mark>."""
    if not text:
        return escape(line)
    parts: list[str] = []
    rest, low, wanted = line, line.lower(), text.lower()
    while (at := low.find(wanted)) >= 0 and len(low) == len(rest):
        parts += [escape(rest[:at]), format_html("<mark>{}</mark>", rest[at : at + len(text)])]
        rest, low = rest[at + len(text) :], low[at + len(text) :]
    return format_html_join("", "{}", ((part,) for part in [*parts, escape(rest)]))
