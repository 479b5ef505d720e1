"""The place of this app among the settings."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, registry

registry.add(
    NavItem(key="goals", label=_("Goals and sales"), icon="target", url_name="facts:goals", order=80,
            action="goals.edit", tab=False, settings=True)
)  # fmt: skip
