"""The places of enforcement: the agents' cases and the officers' appeals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.staff import is_shown_agent, is_shown_officer
from core.navigation import NavItem, registry
from enforcement.queries import list_appeals


def _count_appeals(officer: Any) -> int:
    return len(list_appeals())


registry.add(
    NavItem(
        key="enforcement", label=_("Enforcement"), icon="ban", url_name="enforcement:cases", order=37,
        is_for=is_shown_agent, tab=False,
    ),
    NavItem(
        key="appeals", label=_("Appeals"), icon="quote", url_name="enforcement:appeals", order=38,
        count=_count_appeals, count_label=_("to decide"), is_for=is_shown_officer, tab=False,
    ),
)  # fmt: skip
