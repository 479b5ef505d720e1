"""Foreign keys and imports point down the floors (ARCHITECTURE.md); import-linter sees no keys."""

import subprocess
import sys

from django.apps import apps
from django.conf import settings

from tests.architecture.code import APPS, FLOORS, ROOT, python_files, tree_of

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def floor_of(model: type) -> int | None:
    return FLOORS.get(model._meta.app_label)


def test_no_foreign_key_points_to_a_higher_floor():
    climbing = []
    for model in apps.get_models(include_auto_created=True):
        floor = floor_of(model)
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and not field.auto_created else None
            if floor is None or target is None or target._meta.label == settings.AUTH_USER_MODEL:
                continue
            if target._meta.app_label in FLOORS and floor_of(target) > floor:
                climbing.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert climbing == []


def test_neighbours_have_no_foreign_keys_to_each_other():
    across = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            target = field.related_model if field.is_relation else None
            if target is None or floor_of(model) is None or floor_of(target) is None:
                continue
            if floor_of(target) == floor_of(model) and target._meta.app_label != model._meta.app_label:
                across.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert across == []


def test_every_app_has_a_floor_and_every_own_folder_with_models_is_an_app():
    installed = {config.name for config in apps.get_app_configs() if (ROOT / config.name).is_dir()}
    assert installed <= set(FLOORS)
    assert set(APPS) == installed


def test_imports_keep_to_floors_and_rooms():
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_no_model_signals():
    banned = {"post_save", "pre_save", "m2m_changed", "post_delete", "pre_delete"}
    users = [
        f"{path}: {alias.name}"
        for path in python_files()
        for node in tree_of(path).body
        if hasattr(node, "names")
        for alias in node.names
        if alias.name in banned
    ]
    assert users == []
