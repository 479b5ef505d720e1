"""Each test is a witness: a key that it writes into a JSON field and that nobody declared fails it (P2)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models

from core.json_keys import find_undeclared
from core.personal_data import registry

_seen: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "strange_keys: the test plants a key of JSON that nobody declared")


def line_to_add(label: str, name: str, path: str) -> str:
    """The fault in words, with the line that declares the key."""
    room = f"{label.partition('.')[0]}/personal_data.py"
    return (
        f'{label}.{name} holds the key "{path}", which is not declared: add "{path}" to json["{name}"] of {label}'
        f" in {room}"
    )


@pytest.fixture(scope="session", autouse=True)
def _keys_are_seen_when_they_are_written() -> Iterator[None]:
    prepare = models.JSONField.get_db_prep_save

    def see(field: Any, value: Any, connection: Any) -> Any:
        label = field.model._meta.label
        if label in registry and field.name in registry.find(label).json and isinstance(value, dict | list | tuple):
            _seen.update(line_to_add(label, field.name, path) for path in find_undeclared(label, field.name, value))
        return prepare(field, value, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.JSONField, "get_db_prep_save", see)
        yield


@pytest.fixture(autouse=True)
def _no_key_is_undeclared(request: pytest.FixtureRequest) -> Iterator[None]:
    _seen.clear()
    yield
    faults = [] if "strange_keys" in request.keywords else sorted(_seen)
    assert not faults, "\n".join(faults)
