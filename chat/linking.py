"""Addresses in a text as links: http and https only; nothing is loaded, the other side learns nothing of the page."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

LONGEST = 2_000
ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)  # one pass, whatever the text
ENDS = ".,;:!?…”’»"
PAIRS = {")": "(", "]": "[", "}": "{"}


def link_text(text: str, mark: Callable[[str], SafeString] = conditional_escape) -> SafeString:
    """The escaped text with its addresses as links; `mark` escapes each piece, and may mark words in it.

    What a link shows is the address itself, so it cannot pretend to lead elsewhere. One with a name in front of the
    host ("https://bank.example@evil.example") stays plain text. static/js/core/links.js does the same.
    """
    parts: list[SafeString] = []
    at = 0
    for found in ADDRESS.finditer(text):
        address = _trimmed(found.group())
        if not _is_plain(address):
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


def _trimmed(address: str) -> str:
    """Without what ends the sentence around it; a closing bracket stays where the address opened one."""
    while address and (address[-1] in ENDS or _closes_nothing(address)):
        address = address[:-1]
    return address


def _closes_nothing(address: str) -> bool:
    opening = PAIRS.get(address[-1])
    return opening is not None and address.count(address[-1]) > address.count(opening)


def _is_plain(address: str) -> bool:
    if len(address) > LONGEST:
        return False
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port is None or parts.port > 0)
    except ValueError:  # "http://[", ":99999"
        return False
