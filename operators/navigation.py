"""The places of this app in the sidebar and among the settings."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, registry

registry.add(
    NavItem(key="team", label=_("Team"), icon="team", url_name="operators:team", order=60, action="team.see",
            tab=False),
    NavItem(key="groups", label=_("Groups"), icon="team", url_name="operators:groups", order=72, action="routing.edit",
            tab=False, settings=True),
    NavItem(key="hours", label=_("Opening hours"), icon="clock", url_name="operators:hours", order=73,
            action="routing.edit", tab=False, settings=True),
)  # fmt: skip
