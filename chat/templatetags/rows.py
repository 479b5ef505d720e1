"""The rows of the console's chat list: in Python, because an inbox has hundreds of them (G11)."""

from collections.abc import Iterable
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.look import initials

register = template.Library()
HIDDEN = " hidden"
BLANK: dict[str, Any] = {"id": "", "state": "", "name": "", "hue": "", "when": "", "line": "", "unread": ""}


@register.simple_tag
def chat_rows(cards: Iterable[dict[str, Any]], open_id: str = "") -> SafeString:
    """Rows of cards as `screens.row_of` makes them; that of the chat that is open is the current one."""
    chats, unread = reverse("chat:console"), _("unread")
    return SafeString("".join(row(card, f"{chats}{card['id']}/", unread, open_id) for card in cards))


@register.simple_tag
def blank_row() -> SafeString:
    """The row that the script copies."""
    return row(BLANK, "#", _("unread"))


def row(card: dict[str, Any], href: str, unread: str, open_id: str = "-") -> SafeString:
    """One row; static/js/console/lists.js changes the same places in it.

    What people wrote (`name`, `when`, `line`, tags) is escaped here; the id is a UUID, hue and unread are numbers.
    """
    tags, is_new = " · ".join(card.get("tags") or ()), card["unread"] and card["state"] == "open"
    current = " aria-current=true" if card["id"] == open_id else ""
    no_dot, online = HIDDEN if card["state"] == "waiting" else "", " dot-on" if card.get("online") else ""
    return SafeString(
        f'<li data-chat="{card["id"]}"><a class="chat-row" href="{href}"{current}{" data-unread" if is_new else ""}>'
        f'<span class="avatar" data-hue="{card["hue"]}" aria-hidden="true">'
        f'<span data-f="initials">{escape(initials(card["name"]))}</span>'
        f'<span class="dot{online}"{no_dot}></span></span>'
        f'<span class="name clip">{escape(card["name"])}</span>'
        f'<span class="when{" when-late" if card.get("late") else ""}">{escape(card["when"])}</span>'
        f'<span class="line clip">{escape(card["line"])}</span>'
        f'<span class="row-tags clip" data-f="tags"{"" if tags else HIDDEN}>{escape(tags)}</span>'
        f'<span class="count count-new"{"" if is_new else HIDDEN}>'
        f'<span data-f="unread">{card["unread"]}</span><span class="sr"> {escape(unread)}</span></span></a></li>'
    )
