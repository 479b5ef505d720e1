"""The mutation list: every probe is broken on purpose, turns red, and is green again when that is undone.

A live probe is broken by the tests of this folder that say `turns_red("key")`; they are read here into one table. A
build probe is what its marked tests found: its mutations are a test that fails, none that ran, and other code.
"""

import ast
from pathlib import Path
from typing import Any

import pytest

from core.promises import Outcome, ProbeKind, registry, run_probe
from tests.promises.plugin import write

LIVE = sorted(one.key for one in registry if one.kind is ProbeKind.LIVE)
BUILD = sorted(one.key for one in registry if one.kind is ProbeKind.BUILD)


def read_mutations() -> dict[str, list[str]]:
    """Per key of a probe the tests that break it: "file::test". A skipped test is none."""
    table: dict[str, list[str]] = {}
    for file in sorted(set(Path(__file__).parent.glob("test_*.py")) - {Path(__file__)}):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not _is_skipped(node):
                for key in _broken_by(node):
                    table.setdefault(key, []).append(f"{file.name}::{node.name}")
    return table


def _is_skipped(test: ast.FunctionDef) -> bool:
    return any("skip" in ast.unparse(mark) or "xfail" in ast.unparse(mark) for mark in test.decorator_list)


def _broken_by(test: ast.FunctionDef) -> set[str]:
    """The keys in `with turns_red("key")`: the block of the statement is what breaks it."""
    calls = (item.context_expr for node in ast.walk(test) if isinstance(node, ast.With) for item in node.items)
    return {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "turns_red"
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def test_every_live_probe_has_a_mutation_and_every_mutation_a_probe():
    table = read_mutations()
    assert sorted(table) == LIVE


@pytest.mark.parametrize("key", BUILD)
def test_a_build_probe_turns_red_and_green_with_its_tests(
    key: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.BASE_DIR = tmp_path
    monkeypatch.setenv("COMMIT", "c1")
    found = []
    for nodes in ({}, {"a": True, "b": True}, {"a": True, "b": False}, {"a": True, "b": True}):
        if nodes:
            write({key: nodes}, {key: 0.1})
        found.append(run_probe(registry.find(key)).outcome)
    assert found == [Outcome.LATE, Outcome.KEPT, Outcome.BROKEN, Outcome.KEPT]
    monkeypatch.setenv("COMMIT", "c2")
    assert run_probe(registry.find(key)).outcome is Outcome.LATE


def test_a_mutation_that_changes_nothing_is_noticed(site: None, turns_red: Any):
    with pytest.raises(AssertionError, match="did not turn red"), turns_red("tls"):
        pass
