"""The places of this app in the sidebar, how a right is looked up, and where administrators begin."""

from django.utils.translation import gettext_lazy as _

from accounts.roles import can
from core.navigation import Home, NavItem, homes, registry

registry.register_rights(can)
registry.add(
    NavItem(key="access", label=_("Access"), icon="lock", url_name="accounts:access", order=75, action="access.edit",
            tab=False, settings=True),
    NavItem(key="keys", label=_("API keys"), icon="key", url_name="accounts:keys", order=80, action="keys.own",
            tab=False, settings=True),
)  # fmt: skip
homes.add(Home(key="admin", url_name="admin:index", order=10, is_for=lambda person: bool(person.is_superuser)))
