"""What a browser may keep and tell: the person's choice of cookie groups, in one first-party cookie (S62, S66)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from core.outbound import Group, registry

COOKIE = "__Host-choices" if settings.SECURE else "choices"
ASKED_AGAIN = timedelta(days=182)
CHOOSABLE = (Group.COMFORT, Group.STATISTICS, Group.SOCIAL)
TRACKING = frozenset({Group.STATISTICS, Group.SOCIAL})  # what a signal of the browser refuses


@dataclass(frozen=True)
class Choice:
    """What a person chose and when; `chosen_on` is None before the first choice, and then only needed things are on.

    `is_refused_by_browser`: it sends Sec-GPC or DNT, which no choice of ours overrules.
    """

    allowed: frozenset[Group]
    chosen_on: date | None = None
    is_refused_by_browser: bool = False

    def allows(self, group: Group) -> bool:
        """Whether things of this group may be stored or sent."""
        return group is Group.NEEDED or (
            group in self.allowed and not (self.is_refused_by_browser and group in TRACKING)
        )

    @property
    def refuses_comfort(self) -> bool:
        """Whether the person said no to Comfort. Before any choice, picking a theme is a yes to keeping that theme."""
        return self.chosen_on is not None and not self.allows(Group.COMFORT)


def read_choice(request: HttpRequest) -> Choice:
    """The choice of this browser; a cookie that we did not write, or an old one, is no choice."""
    signals = (request.headers.get("Sec-GPC", ""), request.headers.get("DNT", ""))
    refused = "1" in signals
    words, _dot, day = request.COOKIES.get(COOKIE, "").partition(".")
    try:
        chosen_on = date.fromisoformat(day)
        groups = frozenset(Group(word) for word in words.split("-") if word != "none")
    except ValueError:
        return Choice(frozenset(), None, refused)
    today = timezone.now().date()
    if not today - ASKED_AGAIN <= chosen_on <= today or not groups <= set(CHOOSABLE):
        return Choice(frozenset(), None, refused)
    return Choice(groups, chosen_on, refused)


def keep_choice(response: HttpResponseBase, groups: Iterable[Group]) -> None:
    """Writes the choice into its cookie, and takes away the cookies of each group that was refused."""
    allowed = [group for group in CHOOSABLE if group in set(groups)]
    words = "-".join(allowed) or "none"
    response.set_cookie(
        COOKIE,
        f"{words}.{timezone.now().date().isoformat()}",
        max_age=ASKED_AGAIN,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    for cookie in registry.cookies.values():
        if cookie.where == "cookie" and cookie.group is not Group.NEEDED and cookie.group not in allowed:
            response.delete_cookie(cookie.name, samesite="Lax")
