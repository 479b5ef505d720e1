"""One row per chat, for a spreadsheet: which columns, and how they are read in steps (docs/archive.md)."""

import zoneinfo
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from chat import queries
from chat.archive import search
from chat.desk.tags import names_of
from chat.models import Chat
from core.sheets import TYPES, Row, write_table

__all__ = ["TYPES", "list_heads", "write_chats"]
STEP = 1000  # chats that are in memory at once


def list_heads(zone: zoneinfo.ZoneInfo) -> list[str]:
    """The headings, in the order of the columns; moments are in the time zone that is named."""
    return [
        _("Chat"),
        _("Began (%(zone)s)") % {"zone": zone.key},
        _("Answered (%(zone)s)") % {"zone": zone.key},
        _("Ended (%(zone)s)") % {"zone": zone.key},
        _("Waited, seconds"),
        _("First reply, seconds"),
        _("Lasted, seconds"),
        _("Ended by"),
        _("By e-mail"),
        _("Visitor"),
        _("E-mail"),
        _("Operator"),
        _("Group"),
        _("Tags"),
        _("Rating"),
        _("Comment"),
        _("Lines"),
        _("Answers before the chat"),
        _("Page"),
        _("Title of the page"),
        _("Kept until (%(zone)s)") % {"zone": zone.key},
    ]


def write_chats(
    account: Account, wanted: search.ArchiveFilter, zone: zoneinfo.ZoneInfo, kind: str
) -> tuple[IO[bytes], int]:
    """The chats that fit as a file, "csv" or "xlsx", and how many they are; a thousand are in memory at once (S26)."""
    return write_table(kind, _("Chats"), list_heads(zone), _rows(account, wanted, zone))


def _rows(account: Account, wanted: search.ArchiveFilter, zone: zoneinfo.ZoneInfo) -> Iterator[Row]:
    before: int | None = None
    while True:
        chats = search.search_chats(account, wanted, zone, before=before, limit=STEP)
        yield from (_row(chat, zone) for chat in chats)
        if len(chats) < STEP:
            return
        before = chats[-1].pk


def _row(chat: Chat, zone: zoneinfo.ZoneInfo) -> Row:
    return [
        str(chat.public_id),
        _moment(chat.started_at, zone),
        _moment(chat.accepted_at, zone),
        _moment(chat.closed_at, zone),
        _seconds(chat.started_at, chat.accepted_at),
        _seconds(chat.started_at, chat.first_reply_at),
        _seconds(chat.started_at, chat.closed_at),
        str(chat.get_closed_by_display()),
        str(_("yes") if chat.by_mail else _("no")),
        str(chat.visitor.shown_name),
        chat.visitor.email,
        chat.operator.display_name if chat.operator else "",
        chat.group.name if chat.group else "",
        ", ".join(names_of(chat)),
        str(chat.get_rating_display()),
        chat.rating_comment,
        chat.message_count,
        "; ".join(_answer(one) for one in chat.answers),
        chat.page_url,
        chat.page_title,
        _moment(queries.keep_until(chat), zone),
    ]


def _answer(one: Any) -> str:
    return f"{one.get('question', '')}: {one.get('answer', '')}" if isinstance(one, dict) else str(one)


def _moment(moment: datetime | None, zone: zoneinfo.ZoneInfo) -> str:
    return f"{timezone.localtime(moment, zone):%Y-%m-%d %H:%M:%S}" if moment else ""


def _seconds(start: datetime, end: datetime | None) -> int | None:
    return max(0, int((end - start).total_seconds())) if end else None
