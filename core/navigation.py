"""The registry of the places in the console's sidebar, filled from `navigation.py` of each app."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# accounts tells how a right is looked up; core knows no roles
Rights = Callable[[Any, str], bool]


@dataclass(frozen=True)
class NavItem:
    """One place. `action` is the right that it needs ("" for everybody); `tab` puts it into the bar on phones.

    `count` answers how many things are there for this membership (0: no number); `count_label` says what they
    are ("waiting"), and `waits` marks them as people who wait. `settings`: it is a tab of the settings, behind
    the one place of that name in the sidebar; `aside=False` leaves it out of the sidebar too, without such a place.
    """

    key: str
    label: Any
    icon: str
    url_name: str
    order: int
    action: str = ""
    tab: bool = True
    count: Callable[[Any], int] | None = None
    count_label: Any = ""
    waits: bool = False
    settings: bool = False
    aside: bool = True


class NavRegistry:
    """Every place by key, and the one function that knows who may see it."""

    def __init__(self) -> None:
        self._items: dict[str, NavItem] = {}
        self._can: Rights | None = None

    def add(self, *items: NavItem) -> None:
        """Adds places. Raises ValueError when a key is taken."""
        for item in items:
            if item.key in self._items:
                raise ValueError(f"navigation item {item.key} is registered twice")
            self._items[item.key] = item

    def register_rights(self, can: Rights) -> None:
        """Called once, by accounts: `can(membership, action)`."""
        self._can = can

    def list_for(self, membership: Any) -> list[NavItem]:
        """The places of the sidebar that this membership may see, in order; without rights those for everybody."""
        places = (item for item in self._items.values() if item.aside and not item.settings)
        seen = (item for item in places if self._is_open(item, membership))
        return sorted(seen, key=lambda item: (item.order, item.key))

    def list_settings_for(self, membership: Any) -> list[NavItem]:
        """The tabs of the settings that this membership may see, in order."""
        seen = (item for item in self._items.values() if item.settings and self._is_open(item, membership))
        return sorted(seen, key=lambda item: (item.order, item.key))

    def _is_open(self, item: NavItem, membership: Any) -> bool:
        if not item.action:
            return True
        return bool(membership) and self._can is not None and self._can(membership, item.action)


registry = NavRegistry()
