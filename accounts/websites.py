"""A company's website as people type it, and as an origin that the widget may stand on."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import Refused

LABEL = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)$")


def read_website(text: str) -> str:
    """The origin of a website: "acme-bikes.example/shop" gives "https://acme-bikes.example".

    Plain http and hosts without a dot are kept in development only. Refuses (`bad_website`).
    """
    problem = Refused("bad_website", _("Enter the website as in shop.example, without spaces"))
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port, host = parts.port, _ascii_host(parts.hostname or "")
    except ValueError:
        raise problem from None
    labels = host.split(".")
    if parts.scheme not in ("http", "https") or parts.username or not all(LABEL.match(label) for label in labels):
        raise problem
    if not settings.DEV and (len(labels) < 2 or labels[-1].isdigit()):
        raise problem
    scheme = parts.scheme if settings.DEV else "https"
    return f"{scheme}://{host}" + (f":{port}" if port not in (None, 80, 443) else "")


def same_site(website: str) -> list[str]:
    """Every spelling of the origin that counts as the same website: with and without "www.", by http and https."""
    parts = urlsplit(website)
    bare = parts.netloc.removeprefix("www.")
    return [f"{scheme}://{host}" for scheme in ("https", "http") for host in (bare, f"www.{bare}")]


def _ascii_host(host: str) -> str:
    return host.rstrip(".").encode("idna").decode("ascii").lower()
