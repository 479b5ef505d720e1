"""Who holds the office of the privacy officer: accounts knows the roles and says it here, a floor above (S8)."""

from collections.abc import Callable
from typing import Any

HoldsOffice = Callable[[Any], bool]
_holds: HoldsOffice | None = None


def register_office(holds: HoldsOffice) -> None:
    """Called once, by accounts."""
    global _holds
    _holds = holds


def holds_office(user: Any) -> bool:
    """Whether this person may answer privacy cases now; nobody may where nobody knows the roles."""
    return _holds is not None and _holds(user)
