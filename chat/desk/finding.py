"""What the command palette finds beyond the page: visitors, chats of the archive, saved replies."""

from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.roles import can
from chat.archive.search import ArchiveFilter, search_chats
from chat.desk.replies import search_replies
from chat.models import KNOWN, Chat, Visitor
from operators.models import Operator

ROWS = 5
SHORTEST = 2  # characters, before anything is searched


def find_anything(membership: Membership, operator: Operator, text: str) -> list[dict[str, Any]]:
    """Groups with a title and rows of `label`, `note`, `href` (and `shortcut` of a saved reply), at most 5 each."""
    text = text.strip().replace("\x00", "")[:100]
    if len(text) < SHORTEST:
        return []
    groups = [
        {"key": "visitors", "title": _("Visitors"), "rows": _visitors(membership, text)},
        {"key": "archive", "title": _("Archive"), "rows": _archive(membership, text)},
        {"key": "replies", "title": _("Saved replies"), "rows": _replies(membership, operator, text)},
    ]
    return [group for group in groups if group["rows"]]


def _visitors(membership: Membership, text: str) -> list[dict[str, str]]:
    newest = Chat.objects.filter(visitor=OuterRef("pk")).order_by("-pk")
    wanted = Q(name__icontains=text) | Q(email__icontains=text)
    if text.isdecimal() and len(text) < 10:
        wanted |= Q(number=int(text))
    rows = Visitor.of(membership.account).filter(KNOWN, wanted).annotate(
        chat_id=Subquery(newest.values("public_id")[:1]), chat_state=Subquery(newest.values("state")[:1])
    )  # fmt: skip
    return [
        {"label": one.shown_name, "note": one.email, "href": _address(one.chat_id, one.chat_state)}
        for one in rows.exclude(chat_id=None).order_by("-seen_at")[:ROWS]
    ]


def _archive(membership: Membership, text: str) -> list[dict[str, str]]:
    if not can(membership, "archive.read"):
        return []
    found = search_chats(membership.account, ArchiveFilter(text=text), membership.account.zone, limit=ROWS)
    return [
        {
            "label": chat.visitor.shown_name,
            "note": (getattr(chat, "hit", "") or chat.last_text)[:90],
            "href": _address(chat.public_id, chat.state),
        }
        for chat in found
    ]


def _replies(membership: Membership, operator: Operator, text: str) -> list[dict[str, str]]:
    found = search_replies(operator, text, leads=can(membership, "replies.edit"), limit=ROWS)
    return [
        {
            "label": f"#{one.shortcut}",
            "note": one.text[:90],
            "href": reverse("chat:reply", args=[one.public_id]),
            "shortcut": one.shortcut,
        }
        for one in found
    ]


def _address(public_id: Any, state: str) -> str:
    return reverse("chat:transcript" if state == Chat.State.CLOSED else "chat:chat", args=[public_id])
