"""The one table of rate limits, and the counter behind it (SAFETY: rate limits)."""

import functools
import hashlib
import hmac
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from core.client_address import client_address, parse_address
from core.errors import Refused

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True)
class Limit:
    """At most `count` in `seconds`, for each key that the door counts by."""

    count: int
    seconds: int
    by: str  # in words, for the manual: what is counted


# one-click unsubscribe has none: a mail company posts for many people from one address, and its token cannot be guessed
LIMITS: dict[str, Limit] = {
    # pages and JSON doors
    "widget.open": Limit(30, 60, "address"),
    "widget.data": Limit(20, 60, "address"),
    "widget.download": Limit(10, 60, "address"),
    "widget.delete": Limit(10, 60, "address"),
    "widget.transcript": Limit(10, 60, "address"),
    "widget.link": Limit(60, 60, "address"),
    "chat.transcripts": Limit(5, 86400, "visitor"),
    "widget.survey": Limit(20, 60, "address"),
    "widget.prefill": Limit(60, 600, "address"),  # the windows of services beside the chat
    "widget.prefill_read": Limit(240, 60, "address"),  # a form that waits asks every three seconds
    "survey.link": Limit(20, 60, "address"),
    "socket.ticket": Limit(60, 60, "person"),
    "signup": Limit(20, 3600, "address"),
    "login": Limit(600, 60, "the whole site"),  # per person and address django-allauth counts: ACCOUNT_RATE_LIMITS
    "sign_in": Limit(60, 600, "address"),  # ways to a provider and back
    "team.import": Limit(60, 3600, "person"),
    "team.invite": Limit(120, 3600, "person"),
    "invitation": Limit(30, 60, "address"),
    "api": Limit(300, 60, "person in an account"),
    "api.public": Limit(120, 60, "address"),  # what everybody may read
    "api.wrong_key": Limit(20, 60, "address"),  # after these, no key is looked at from there
    "api.schema": Limit(30, 60, "address"),
    "text.preview": Limit(30, 60, "person, or address"),
    "keys": Limit(20, 3600, "person"),
    "access.recovery": Limit(5, 3600, "account"),
    "access.recovery_link": Limit(30, 60, "address"),
    "photo": Limit(60, 60, "person"),
    "widget.photo": Limit(240, 60, "address"),
    "member.photo": Limit(600, 60, "address"),
    "member": Limit(30, 600, "person"),  # the name and the age answer, blocks
    "export": Limit(10, 3600, "person"),
    "leave": Limit(10, 600, "person"),
    "erase": Limit(10, 600, "person"),
    "certificate": Limit(30, 60, "address"),
    "way_back": Limit(30, 60, "address"),
    "file": Limit(120, 600, "person"),
    "file_read": Limit(600, 60, "person"),
    "widget.file": Limit(30, 600, "visitor"),
    "widget.file_address": Limit(120, 600, "address"),
    "widget.file_links": Limit(240, 60, "address"),
    "widget.file_read": Limit(240, 60, "address"),
    "chat.files": Limit(1000, 3600, "account"),
    "reports": Limit(120, 60, "person"),
    "archive.search": Limit(120, 60, "person"),
    "privacy.data": Limit(120, 60, "person or address"),
    "privacy.prove": Limit(20, 3600, "address"),
    "privacy.prove_address": Limit(3, 3600, "e-mail address"),
    "privacy.code": Limit(30, 600, "address"),
    "privacy.copy": Limit(5, 3600, "person or address"),
    "analytics.measure": Limit(120, 60, "address"),
    "promises": Limit(120, 60, "address"),
    "privacy.cases": Limit(120, 60, "person or address"),
    "enforcement.staff": Limit(600, 60, "person"),
    "enforcement.person": Limit(60, 60, "person"),
    "privacy.child": Limit(10, 3600, "person or address"),
    "privacy.case_new": Limit(20, 3600, "person or address"),
    "privacy.case_address": Limit(5, 3600, "e-mail address of a privacy case"),
    "privacy.case_link": Limit(60, 600, "address"),
    "privacy.queue": Limit(600, 60, "person"),
    "promises.run": Limit(10, 3600, "person or address"),
    "policies.feed": Limit(60, 60, "address"),
    "metrics": Limit(60, 60, "address"),
    "chat.starts": Limit(10, 600, "visitor"),
    "facts.goals": Limit(60, 3600, "visitor"),
    "facts.sales": Limit(20, 3600, "visitor"),
    "visitor.invites": Limit(30, 60, "person"),
    "support.new": Limit(20, 3600, "person or address"),
    "support.address": Limit(20, 86400, "e-mail address of a request"),
    "support.reply": Limit(60, 3600, "person or address"),
    "support.lost": Limit(3, 3600, "e-mail address"),
    "support.lost_page": Limit(20, 3600, "address"),
    "support.open": Limit(60, 600, "address"),
    "support.search": Limit(120, 60, "person or address"),
    "support.file": Limit(240, 60, "person or address"),
    "support.desk": Limit(600, 60, "person"),
    "support.emergency": Limit(5, 3600, "person"),
    "forum.topics": Limit(10, 3600, "person"),  # new topics, on pages and by the API
    "forum.posts": Limit(30, 600, "person"),  # answers and edits
    "forum.first_posts": Limit(5, 86400, "member with fewer than three published posts"),
    "forum.network": Limit(40, 3600, "network"),  # posts of everybody behind one address
    "forum.report": Limit(30, 600, "person"),  # the form, also when something is missing in it
    "forum.reports": Limit(20, 86400, "person"),
    "forum.object": Limit(20, 3600, "person"),
    "forum.moderate": Limit(600, 3600, "person"),
    "forum.marks": Limit(120, 600, "person"),  # reactions, watches, accepted answers
    "forum.drafts": Limit(240, 600, "person"),
    "forum.search": Limit(60, 60, "person or address"),
    "forum.feeds": Limit(60, 60, "address"),
    "forum.stop": Limit(60, 60, "address"),
    # counted inside a socket by the socket itself, with these numbers
    "socket.frames": Limit(100, 10, "socket"),
    "chat.messages": Limit(20, 10, "person in a chat"),
}


class TooMany(Refused):
    """More than the table allows. `retry_after` is whole seconds until the next try is let in."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("rate", _("Too many tries in a short time. Wait a moment and try again."), status=429)
        self.retry_after = retry_after


def is_used_up(route: str, key: str) -> bool:
    """Whether the next use of `route` by `key` would be refused; counts nothing."""
    window = _window(route, network_key(key))
    end = cache.get(window)
    return end is not None and end > time.time() and cache.get(f"{window}:{end}", 0) >= LIMITS[route].count


def _window(route: str, key: str) -> str:
    """Where the cache keeps the end of this key's window; the count of that window stands beside it."""
    return f"limit:{hmac.new(settings.SECRET_KEY.encode(), f'{route}:{key}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def count_use(route: str, key: str) -> None:
    """Counts one use of `route` by `key` (an address, a person's id); the window begins with the first use.

    Raises TooMany over the limit, KeyError for a route that the table does not hold. The key is stored only as a
    keyed hash, until the window ends.
    """
    limit, now = LIMITS[route], int(time.time())
    window = _window(route, network_key(key))
    end: int | None = cache.get_or_set(window, now + limit.seconds, limit.seconds)
    if end is None or end <= now:  # the cache was emptied meanwhile, or its clock is late
        end = now + limit.seconds
        cache.set(window, end, limit.seconds)
    count = f"{window}:{end}"
    cache.add(count, 0, limit.seconds + 1)
    try:
        used = cache.incr(count)
    except ValueError:  # the window ended, or the cache was emptied, between the two lines
        cache.set(count, 1, limit.seconds + 1)
        used = 1
    if used > limit.count:
        raise TooMany(max(1, end - now))


def network_key(key: str) -> str:
    """An IPv6 address as its /64, which one customer has as a whole; any other key as it is."""
    address = parse_address(key) if key.count(":") > 1 else None
    return f"{address.exploded[:19]}::/64" if isinstance(address, ipaddress.IPv6Address) else key


def person_or_address(request: HttpRequest) -> str:
    """What a page counts by: the signed-in person, else the address."""
    user = getattr(request, "user", None)
    return f"user:{user.pk}" if user is not None and user.is_authenticated else client_address(request)


def limited(
    route: str, *, by: Callable[[HttpRequest], str] = client_address, methods: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """Decorator for a view: counts each request (of `methods`, when given) against the table's row `route`."""
    LIMITS[route]  # a name that is not in the table fails at import

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not methods or request.method in methods:
                count_use(route, by(request))
            return view(request, *args, **kwargs)

        return counted  # type: ignore[return-value]  # the wrapper has the view's own signature

    return decorate
