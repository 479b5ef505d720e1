"""The places of enforcement: the agents' cases and the officers' appeals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.staff import is_privacy_officer, is_support_agent
from core.navigation import NavItem, registry
from enforcement.queries import list_appeals, list_cases


def _count_cases(agent: Any) -> int:
    return len(list_cases())


def _count_appeals(officer: Any) -> int:
    return len(list_appeals())


registry.add(
    NavItem(
        key="enforcement", label=_("Enforcement"), icon="ban", url_name="enforcement:cases", order=37,
        count=_count_cases, count_label=_("open"), is_for=is_support_agent, tab=False,
    ),
    NavItem(
        key="appeals", label=_("Appeals"), icon="quote", url_name="enforcement:appeals", order=38,
        count=_count_appeals, count_label=_("to decide"), is_for=is_privacy_officer, tab=False,
    ),
)  # fmt: skip
