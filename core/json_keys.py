"""Which keys stand in a value of JSON, and which of them nobody declared (P2)."""

from collections.abc import Iterator
from typing import Any

from core.personal_data import registry

TABLE = "<table>"  # a key that is itself the name of a table or field of the data map


def list_paths(value: Any, inside: str = "") -> Iterator[str]:
    """Each key of a value of JSON with the keys around it: "questions", "questions/label". A list adds nothing."""
    if isinstance(value, dict):
        for key, held in value.items():
            path = inside + (TABLE if _is_of_the_map(key) else str(key))
            yield path
            yield from list_paths(held, f"{path}/")
    elif isinstance(value, list | tuple):
        for held in value:
            yield from list_paths(held, inside)


def find_undeclared(model: str, field: str, value: Any) -> set[str]:
    """The paths in a value of a field of "app.Model" that its declaration does not name; none where keys are free."""
    declared = registry.find(model).json[field]
    return set() if isinstance(declared, str) else set(list_paths(value)) - set(declared)


def _is_of_the_map(key: Any) -> bool:
    """Whether a key is the name of a declared table ("chat.Chat") or of a field of one ("chat.Chat.page_url")."""
    model = ".".join(str(key).split(".")[:2])
    return model in registry and registry.find(model).model == model
