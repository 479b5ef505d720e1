"""Template tags of the design language: icons, initials, hues, moments, the sidebar, the import map."""

import functools
import hashlib
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.importmap import build_importmap
from core.navigation import public_places as public
from core.navigation import registry as places

register = template.Library()


@register.simple_tag
@functools.lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers; `classes` come after "icon"."""
    return _icon(name, classes, getattr(staticfiles_storage, "manifest_hash", ""))


@functools.lru_cache(maxsize=512)
def _icon(name: str, classes: str, manifest: str) -> SafeString:
    """The same, made once for each state of the static files: a page has dozens of them."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>',
        f" {classes}" if classes else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def mark() -> SafeString:
    """The mark of the site, in the colours of the frame around it."""
    return format_html('<svg class="mark" aria-hidden="true"><use href="{}#i-mark"></use></svg>', static("icons.svg"))


@register.filter
def initials(name: str) -> str:
    """Up to two capitals of a name; "V" for "Visitor 4821"."""
    words = [word for word in str(name).split() if word[0].isalpha()]
    return "".join(word[0] for word in words[:2]).upper() or "V"


@register.filter
def hue(ident: object) -> int:
    """One of the six avatar hues, 1 to 6, always the same for the same id."""
    return hashlib.blake2s(str(ident).encode(), digest_size=2).digest()[0] % 6 + 1


@register.simple_tag(takes_context=True)
def importmap(context: template.Context) -> SafeString:
    """The import map of all our modules; it must stand before the first module script."""
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        context.get("csp_nonce", ""),
        build_importmap(),
    )


@functools.cache
def _address(name: str, urlconf: str | None) -> str:
    """The address of a place, looked up once: each page asks for all of them."""
    return reverse(name, urlconf)


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> list[dict[str, Any]]:
    """The places of the sidebar for the person who looks; at most four of them in the bar on phones."""
    request = context.get("request")
    membership, person = context.get("membership"), getattr(request, "user", None)
    rows: list[dict[str, Any]] = []
    tabs = 0
    for item in places.list_for(membership, person):
        try:
            url = _address(item.url_name, get_urlconf())
        except NoReverseMatch:
            continue
        tab = item.tab and tabs < 4
        tabs += tab
        rows.append(
            {
                "key": item.key,
                "label": item.label,
                "icon": item.icon,
                "url": url,
                "tab": tab,
                "current": request is not None and request.path.startswith(url),
                "count": _count(item, person if item.is_for else membership, getattr(request, "nav_counts", {})),
                "count_label": item.count_label,
                "waits": item.waits,
            }
        )
    return _with_settings(rows, settings_places(context))


@register.simple_tag(takes_context=True)
def public_links(context: template.Context) -> list[dict[str, Any]]:
    """The links of the apps for everybody, in order; on error pages without routes there are none."""
    request = context.get("request")
    rows = []
    for item in public:
        try:
            url = _address(item.url_name, get_urlconf())
        except NoReverseMatch:
            continue
        current = request is not None and request.path.startswith(url)
        rows.append({"key": item.key, "label": item.label, "icon": item.icon, "url": url, "current": current,
                     "header": item.header, "console": item.console})  # fmt: skip
    longest = max((len(row["url"]) for row in rows if row["current"]), default=0)
    return [{**row, "current": row["current"] and len(row["url"]) == longest} for row in rows]


def _count(item: Any, whose: Any, known: dict[str, int]) -> int:
    """The number at a place; `request.nav_counts` has those that the view knows already."""
    if item.key in known:
        return known[item.key]
    return item.count(whose) if item.count and whose else 0


SETTINGS_AFTER = "team"  # the place that stands above the settings; without it they come last


def _with_settings(rows: list[dict[str, Any]], tabs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The places with that of the settings among them: it opens the first tab and is current on each."""
    if not tabs:
        return rows
    current = any(tab["current"] for tab in tabs)
    place = {
        "key": "settings", "label": _("Settings"), "icon": "settings", "url": tabs[0]["url"], "tab": False,
        "current": current, "count": 0, "count_label": "", "waits": False,
    }  # fmt: skip
    at = next((number for number, row in enumerate(rows, start=1) if row["key"] == SETTINGS_AFTER), len(rows))
    return [*rows[:at], place, *rows[at:]]


@register.simple_tag(takes_context=True)
def settings_places(context: template.Context) -> list[dict[str, Any]]:
    """The tabs of the settings for the person who looks."""
    request = context.get("request")
    rows = [
        {"key": item.key, "label": item.label, "icon": item.icon, "url": _address(item.url_name, get_urlconf())}
        for item in places.list_settings_for(context.get("membership"))
    ]
    for row in rows:
        row["current"] = request is not None and request.path.startswith(row["url"])
    return rows


@register.simple_tag(takes_context=True)
def trial_clock(context: template.Context) -> dict[str, Any] | None:
    """The trial in whole days, for the meter; None where there is no trial or it was prolonged (S11)."""
    membership = context.get("membership")
    if not membership or not settings.TRIAL_DAYS:
        return None
    left = membership.account.trial_days_left()
    if left is None:
        return None
    days = max(settings.TRIAL_DAYS, left)
    return {
        "left": left,
        "used": days - left,
        "days": days,
        "low": days * 2 // 3,
        "high": max(days - 2, 1),
        "ends_at": membership.account.ends_at,
    }


@register.simple_tag
def moment(value: datetime | None, classes: str = "") -> SafeString:
    """A <time> in words: "12 min ago" up to a day, then "Sun 12 May"; the browser keeps it fresh."""
    if value is None:
        return SafeString("")
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}" data-moment{}>{}</time>',
        local.isoformat(),
        formats.date_format(local, "DATETIME_FORMAT"),
        format_html(' class="{}"', classes) if classes else "",
        say_moment(local),
    )


def say_moment(value: datetime, now: datetime | None = None) -> str:
    """The words for a moment in the past, as the design language writes them."""
    now = now or timezone.now()
    seconds = (now - value).total_seconds()
    if 0 <= seconds < 60:
        return _("just now")
    if 0 <= seconds < 3600:
        return ngettext("%(n)d min ago", "%(n)d min ago", int(seconds // 60)) % {"n": seconds // 60}
    if 0 <= seconds < 86400:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", int(seconds // 3600)) % {"n": seconds // 3600}
    local = timezone.localtime(value)
    return formats.date_format(local, "D j M" if local.year == timezone.localtime(now).year else "j M Y")
