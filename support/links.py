"""The secret link of a guest's request: 256 bits that are made again when a mail leaves and stored only as a hash."""

from typing import Any

from django.urls import reverse

from accounts.links import absolute
from core import secret_links

SALT = b"support.request.link"


def make_secret(request: Any) -> str:
    """The secret of a request."""
    return secret_links.make_secret(SALT, request.public_id)


def find_secret(request: Any) -> str:
    """The secret of a request, "" when the site's keys are all newer."""
    return secret_links.find_secret(SALT, request.public_id, request.secret_hash)


def link_of(request: Any) -> str:
    """The address in a mail: a guest's secret link; for a member the page behind their own log-in."""
    secret = "" if request.user_id else find_secret(request)
    if secret:
        return absolute(reverse("support:open", args=[secret]))
    return absolute(reverse("support:request", args=[request.number]))
