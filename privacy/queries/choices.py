"""The choices of a person that can be switched on and off: mails by account, and statistics on this browser (P16)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from core.consent import Choice as CookieChoice
from core.errors import not_found
from core.outbound import Group
from notifications.queries import MARKETING, list_choices
from policies.queries import Shown

STATISTICS = "statistics"
MAIL = "mail"


@dataclass(frozen=True)
class Switch:
    """One choice. `key` names it to the form ("statistics", "mail:<account>:news"), `of` says whose mail it is.

    `about` is the sentence that one says yes to; `note` says why it cannot be switched where `is_fixed`.
    """

    key: str
    label: Any
    of: str
    is_on: bool
    changed_on: date | None = None
    about: Any = ""
    is_fixed: bool = False
    note: Any = ""

    @property
    def since(self) -> str:
        """How long it has been so, in words."""
        if self.note:
            return str(self.note)
        if self.changed_on is None:
            return _("On") if self.is_on else _("Off until you switch it on")
        day = date_format(self.changed_on, "j F Y")
        return (_("On since %(day)s") if self.is_on else _("Off since %(day)s")) % {"day": day}


def list_switches(user: Any, cookies: CookieChoice) -> list[Switch]:
    """Every choice of whoever looks: their mails where they have a log-in, and what this browser may tell."""
    return [*(_mails(user) if user else ()), _statistics(cookies)]


def find_switch(user: Any, cookies: CookieChoice, key: str) -> Switch:
    """One of them. Refuses (`not_found`)."""
    for one in list_switches(user, cookies):
        if one.key == key:
            return one
    raise not_found()


def find_membership(user: Any, account: str) -> Membership:
    """Where this person gets the mails of an account. Refuses (`not_found`)."""
    found = Membership.objects.filter(user=user, account__public_id=UUID(account)).select_related("account").first()
    if found is None:
        raise not_found()
    return found


def list_said_besides(said: list[Shown], own: list[Shown], switches: list[Switch]) -> list[Shown]:
    """What was said yes to and no switch stands for. Of `own`, which have a page, only what can be taken back."""
    has_news = any(one.key.endswith(":news") for one in switches)
    switched = {MARKETING} if has_news else set()
    return [one for one in said if one not in own or (one.is_in_force and one.purpose not in switched)]


def _mails(user: Any) -> Iterator[Switch]:
    for membership in Membership.objects.filter(user=user).select_related("account").order_by("pk"):
        for one in list_choices(membership):
            yield Switch(
                key=f"{MAIL}:{membership.account.public_id}:{one.kind.key}",
                label=_("%(mail)s by e-mail") % {"mail": one.kind.label},
                of=membership.account.company,
                is_on=one.is_on,
                changed_on=one.changed_at.date() if one.changed_at else None,
                about=one.about,
            )


def _statistics(cookies: CookieChoice) -> Switch:
    refused = cookies.is_refused_by_browser
    return Switch(
        key=STATISTICS,
        label=gettext_lazy("Statistics on our site"),
        of=_("This browser"),
        is_on=cookies.allows(Group.STATISTICS),
        changed_on=cookies.chosen_on,
        is_fixed=refused,
        note=gettext_lazy("Off, because your browser asks not to be tracked") if refused else "",
    )
