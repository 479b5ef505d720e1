"""Each key of each JSON field is declared: the rows of the worlds and every row that a test writes say so (P2)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from accounts.scoping import scopes_disabled
from core.json_keys import TABLE, find_undeclared, list_paths
from core.personal_data import registry
from tests.fences.needle_world import make_rest
from tests.fences.world import World
from tests.json_witness import line_to_add


@pytest.fixture
def var(settings: Any, tmp_path: Any) -> None:
    settings.DEV, settings.VAR = True, tmp_path
    settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path / "media", tmp_path / "files"


@pytest.fixture
def world(
    alice: Any, bob: Any, carol: Any, eve: Any, sam: Any, ada: Any, nik: Any, pia: Any, acme: Any, cakes: Any,
    alice_member: Any, bob_member: Any, carol_member: Any, var: None,
) -> World:  # fmt: skip
    made = World(alice, bob, carol, eve, sam, ada, nik, pia, acme, cakes, alice_member, bob_member, carol_member)
    make_rest(made)
    return made


def json_fields() -> Iterator[tuple[Any, str]]:
    """Every JSON field of every table: (model, name)."""
    for model in apps.get_models():
        for column in model._meta.local_fields:
            if isinstance(column, models.JSONField):
                yield model, column.name


def faults_of_rows() -> list[str]:
    """A line for each key that stands in a row and that nobody declared."""
    found: set[str] = set()
    with scopes_disabled():
        for model, name in json_fields():
            label = model._meta.label
            for value in model._base_manager.values_list(name, flat=True):
                found |= {line_to_add(label, name, path) for path in find_undeclared(label, name, value)}
    return sorted(found)


def count_keys() -> dict[str, int]:
    """How many different keys the rows of each JSON field hold."""
    with scopes_disabled():
        return {
            f"{model._meta.label}.{name}": len(
                {path for value in model._base_manager.values_list(name, flat=True) for path in list_paths(value)}
            )
            for model, name in json_fields()
        }


def test_a_path_is_a_key_with_the_keys_around_it():
    value = {"a": [{"b": 1}, {"c": {"d": []}}], "chat.Chat": [1], "chat.Chat.page_url": 2, "chat.Nothing": 3}
    assert list(list_paths(value)) == ["a", "a/b", "a/c", "a/c/d", TABLE, TABLE, "chat.Nothing"]
    assert list(list_paths(["a", 1, None])) == []


@pytest.mark.django_db
def test_every_key_in_the_rows_of_the_fence_world_is_declared(world: World) -> None:
    assert not (faults := faults_of_rows()), "\n".join(faults)
    held = count_keys()
    assert held["audit.Entry.facts"] > 20 and held["outbox.Delivery.payload"] > 3, held
    assert held["chat.Message.file"] == 6, held


@pytest.mark.django_db
def test_every_key_in_the_rows_of_the_demo_is_declared(var: None) -> None:
    call_command("seed_demo", verbosity=0)
    assert not (faults := faults_of_rows()), "\n".join(faults)
    held = count_keys()
    assert held["chat.Widget.form"] > 5 and held["chat.Chat.answers"] == 2, held


@pytest.mark.django_db
def test_a_key_that_nobody_declared_is_found_with_the_line_to_add(world: World, monkeypatch: Any) -> None:
    file = registry.find("chat.Message").json["file"]
    monkeypatch.setitem(registry.find("chat.Message").json, "file", tuple(key for key in file if key != "name"))
    (fault,) = faults_of_rows()
    assert fault == (
        'chat.Message.file holds the key "name", which is not declared: add "name" to json["file"] of chat.Message'
        " in chat/personal_data.py"
    )
