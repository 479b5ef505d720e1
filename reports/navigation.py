"""The place of this app in the sidebar."""

from django.utils.translation import gettext_lazy as _

from core.navigation import NavItem, registry

registry.add(
    NavItem(
        key="reports", label=_("Reports"), icon="report", url_name="reports:report", order=50, action="reports.read"
    )
)
