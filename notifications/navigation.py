"""The place of this app in the sidebar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, registry

registry.add(
    NavItem(
        key="preferences",
        label=_("Mail to you"),
        icon="bell",
        url_name="notifications:preferences",
        order=80,
        action="archive.read",
        tab=False,
    )
)
