"""The registries of places, filled from `navigation.py` of each app: sidebar, public links, where a log-in leads."""

from collections.abc import Callable, Iterator
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
    `is_for` makes it a place of our own staff: it is asked with the person who looks, and so is `count` then.
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
    is_for: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class PublicPlace:
    """A link that everybody sees in the footer under "Help", and with `header` in the header of public pages too.

    `console` shows it at the foot of the console's sidebar; without any such place a mail to support stands there.
    """

    key: str
    label: Any
    icon: str
    url_name: str
    order: int
    header: bool = False
    console: bool = False


@dataclass(frozen=True)
class Home:
    """Where a log-in leads whoever has no account to work in. `is_for` is asked with the person; the first fits."""

    key: str
    url_name: str
    order: int
    is_for: Callable[[Any], bool]


class PublicPlaces:
    """Every public link by key."""

    def __init__(self) -> None:
        self._items: dict[str, PublicPlace] = {}

    def add(self, *items: PublicPlace) -> None:
        """Adds links. Raises ValueError when a key is taken."""
        for item in items:
            if item.key in self._items:
                raise ValueError(f"public place {item.key} is registered twice")
            self._items[item.key] = item

    def __iter__(self) -> Iterator[PublicPlace]:
        return iter(sorted(self._items.values(), key=lambda item: (item.order, item.key)))


class Homes:
    """Every home by key."""

    def __init__(self) -> None:
        self._items: dict[str, Home] = {}

    def add(self, *items: Home) -> None:
        """Adds homes. Raises ValueError when a key is taken."""
        for item in items:
            if item.key in self._items:
                raise ValueError(f"home {item.key} is registered twice")
            self._items[item.key] = item

    def find_for(self, person: Any) -> str:
        """The name of the URL where this person goes after the log-in; "" when no home is theirs."""
        rows = sorted(self._items.values(), key=lambda item: (item.order, item.key))
        return next((item.url_name for item in rows if item.is_for(person)), "")


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

    def list_for(self, membership: Any, person: Any = None) -> list[NavItem]:
        """The places of the sidebar that this membership may see, in order; without rights those for everybody.

        Places of our own staff are there for `person` only.
        """
        places = (item for item in self._items.values() if item.aside and not item.settings)
        seen = (item for item in places if self._is_open(item, membership) and self._is_theirs(item, person))
        return sorted(seen, key=lambda item: (item.order, item.key))

    def list_settings_for(self, membership: Any) -> list[NavItem]:
        """The tabs of the settings that this membership may see, in order."""
        seen = (item for item in self._items.values() if item.settings and self._is_open(item, membership))
        return sorted(seen, key=lambda item: (item.order, item.key))

    def _is_open(self, item: NavItem, membership: Any) -> bool:
        if not item.action:
            return True
        return bool(membership) and self._can is not None and self._can(membership, item.action)

    def _is_theirs(self, item: NavItem, person: Any) -> bool:
        return item.is_for is None or person is not None and item.is_for(person)


registry = NavRegistry()
public_places = PublicPlaces()
homes = Homes()
