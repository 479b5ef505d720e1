"""The places of cases: the officers' queue, the account's queue of its visitors, and the link for everybody."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.staff import is_privacy_officer
from core.navigation import Home, NavItem, PublicPlace, homes, public_places, registry
from privacy.queries.cases import count_waiting

public_places.add(PublicPlace("cases", _("Your data, your rights"), "shield-check", "privacy:cases", 60))


def _count(officer: Any) -> int:
    return count_waiting()


registry.add(
    NavItem(
        key="privacy_cases", label=_("Privacy cases"), icon="shield-check", url_name="privacy:queue", order=35,
        count=_count, count_label=_("to answer"), is_for=is_privacy_officer, tab=False,
    ),
    NavItem(
        key="disclosures", label=_("Disclosures by law"), icon="receipt", url_name="privacy:ledger_disclosures",
        order=36, is_for=is_privacy_officer, tab=False,
    ),
    NavItem(
        key="erasures", label=_("Erasures and holds"), icon="trash", url_name="privacy:erasure_watch", order=37,
        is_for=is_privacy_officer, tab=False,
    ),
    NavItem(
        key="account_cases", label=_("Privacy cases"), icon="shield-check", url_name="privacy:account_queue", order=85,
        action="visitors.delete", tab=False, settings=True,
    ),
)  # fmt: skip
homes.add(Home("privacy", "privacy:queue", 20, is_privacy_officer))
