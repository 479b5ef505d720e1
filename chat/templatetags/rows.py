"""The rows of the console's chat list: in Python, because an inbox has hundreds of them (G11)."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
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
    return format_html_join("", "{}", ((row(card, f"{chats}{card['id']}/", unread, open_id),) for card in cards))


@register.simple_tag
def blank_row() -> SafeString:
    """The row that the script copies."""
    return row(BLANK, "#", _("unread"))


def row(card: dict[str, Any], href: str, unread: str, open_id: str = "-") -> SafeString:
    """One row; static/js/console/lists.js changes the same places in it."""
    tags, is_new = card.get("tags"), card["unread"] and card["state"] == "open"
    return format_html(
        '<li data-chat="{id}"><a class="chat-row" href="{href}"{current}{new}>'
        '<span class="avatar" data-hue="{hue}" aria-hidden="true"><span data-f="initials">{initials}</span>'
        '<span class="dot{online}"{no_dot}></span></span>'
        '<span class="name clip">{name}</span><span class="when{late}">{when}</span>'
        '<span class="line clip">{line}</span>'
        '<span class="row-tags clip" data-f="tags"{no_tags}>{tags}</span>'
        '<span class="count count-new"{no_count}><span data-f="unread">{count}</span><span class="sr"> {unread}</span>'
        "</span></a></li>",
        id=card["id"], href=href, hue=card["hue"], initials=initials(card["name"]), name=card["name"],
        when=card["when"], line=card["line"], tags=" · ".join(tags or ()), count=card["unread"], unread=unread,
        current=" aria-current=true" if card["id"] == open_id else "",
        new=" data-unread" if is_new else "",
        online=" dot-on" if card.get("online") else "", late=" when-late" if card.get("late") else "",
        no_dot=HIDDEN if card["state"] == "waiting" else "", no_tags="" if tags else HIDDEN,
        no_count="" if is_new else HIDDEN,
    )  # fmt: skip
