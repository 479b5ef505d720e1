"""The place of this app among the settings."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, registry

registry.add(
    NavItem(
        key="surveys", label=_("Surveys"), icon="report", url_name="surveys:list", order=95, action="surveys.edit",
        tab=False, settings=True,
    )
)  # fmt: skip
