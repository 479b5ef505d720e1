"""The support centre's link for everybody, and the desk's place for agents."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.staff import is_shown_agent, is_support_agent
from core.navigation import Home, NavItem, PublicPlace, homes, public_places, registry
from support.queries import count_open

public_places.add(
    PublicPlace("support", _("Support"), "request", "support:home", 25, header=True, console=True),
    PublicPlace("support_new", _("Submit a request"), "request", "support:new", 26),
)


def _count(agent: Any) -> int:
    return count_open()


registry.add(
    NavItem(
        key="requests", label=_("Requests"), icon="request", url_name="support:desk", order=30, count=_count,
        count_label=_("open"), is_for=is_shown_agent,
    )
)  # fmt: skip
registry.add(
    NavItem(
        key="staff_access", label=_("Access by our staff"), icon="eye", url_name="support:access", order=78,
        action="staff_access.edit", tab=False, settings=True,
    )
)  # fmt: skip
homes.add(Home("support", "support:desk", 10, is_support_agent))
