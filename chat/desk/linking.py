"""Addresses in a text as links: http and https only; nothing is loaded, the other side learns nothing of the page."""

from collections.abc import Callable

import structlog
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from core.text.addresses import ADDRESS, is_plain_address, trim_address

log = structlog.get_logger(__name__)


def link_text(text: str, mark: Callable[[str], SafeString] = conditional_escape) -> SafeString:
    """The escaped text with its addresses as links; `mark` escapes each piece, and may mark words in it.

    What a link shows is the address itself, so it cannot pretend to lead elsewhere. One with a name in front of the
    host ("https://bank.example@evil.example") stays plain text. static/js/core/links.js does the same. Should this ever
    fail, the reader gets the escaped text and the log a line (SAFETY: render failure).
    """
    try:
        return _with_links(text, mark)
    except Exception:  # noqa: BLE001  what somebody wrote must not take the page from who reads it
        log.exception("text.not_rendered", characters=len(text))
        return conditional_escape(text)


def _with_links(text: str, mark: Callable[[str], SafeString]) -> SafeString:
    parts: list[SafeString] = []
    at = 0
    for found in ADDRESS.finditer(text):
        address = trim_address(found.group())
        if not is_plain_address(address):
            continue
        parts.append(mark(text[at : found.start()]))
        parts.append(
            format_html(
                '<a href="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>', address, mark(address)
            )
        )
        at = found.start() + len(address)
    parts.append(mark(text[at:]))
    return format_html_join("", "{}", ((part,) for part in parts))
