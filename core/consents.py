"""What people can say yes to, declared by each app in `outbound.py`; policies keeps the receipts of it (P16)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ConsentKind:
    """One thing to say yes to. `withdraw(subject)` ends it inside the transaction that marks the receipt withdrawn.

    `key` is the word of the receipt ("marketing"), `text` the sentence that is shown where one says yes.
    """

    key: str
    label: Any
    text: Any
    withdraw: Callable[[str], None] | None = None


class ConsentRegistry:
    """Every kind of consent by key."""

    def __init__(self) -> None:
        self._kinds: dict[str, ConsentKind] = {}

    def register(self, *kinds: ConsentKind) -> None:
        """Adds kinds. Raises ValueError when a key is taken."""
        for kind in kinds:
            if kind.key in self._kinds:
                raise ValueError(f"consent {kind.key} is declared twice")
            self._kinds[kind.key] = kind

    def find(self, key: str) -> ConsentKind | None:
        """The kind of that key, None for one that nobody declared."""
        return self._kinds.get(key)

    def __iter__(self) -> Iterator[ConsentKind]:
        return iter(self._kinds.values())


registry = ConsentRegistry()
