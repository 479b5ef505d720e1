"""Addresses in what people write: where one begins and ends, and which of them may become a link."""

import re
from urllib.parse import urlsplit

LONGEST = 2_000
ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)  # one pass, whatever the text
ENDS = ".,;:!?…”’»"
PAIRS = {")": "(", "]": "[", "}": "{"}
PLACE = re.compile(r"/(?![/\\])[^\s\\]*")  # a page of this site: one slash, and never a host
MAILBOX = re.compile(r"mailto:[^\s@:/?#]+@[^\s@:/?#]+", re.IGNORECASE)  # no subject, body or copy to others
UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def trim_address(address: str) -> str:
    """Without what ends the sentence around it; a closing bracket stays where the address opened one."""
    left = {sign: address.count(sign) for sign in (*PAIRS, *PAIRS.values())}
    end = len(address)
    while end:
        last = address[end - 1]
        opening = PAIRS.get(last)
        if last not in ENDS and (opening is None or left[last] <= left[opening]):
            break
        if opening is not None:
            left[last] -= 1
        end -= 1
    return address[:end]


def is_plain_address(address: str) -> bool:
    """Whether it leads where it seems to: http or https, a host, no name in front of it (bank.example@evil.example)."""
    if len(address) > LONGEST:
        return False
    try:
        parts = urlsplit(address)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and "\\" not in parts.netloc
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:  # "http://[", ":99999"
        return False


def may_link(address: str) -> bool:
    """Whether a link of a text may lead there: http, https, a mailbox, or a page of this site ("/forum/")."""
    if len(address) > LONGEST or UNSEEN.search(address):
        return False
    if ADDRESS.match(address):
        return is_plain_address(address)
    return bool(PLACE.fullmatch(address) or MAILBOX.fullmatch(address))
