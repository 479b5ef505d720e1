"""The place of this app in the sidebar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, registry

registry.add(
    NavItem(key="team", label=_("Team"), icon="team", url_name="operators:team", order=60, action="team.see", tab=False)
)
