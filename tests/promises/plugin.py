"""Writes the results of the tests marked `promise(key)` into build/promises.json, for the ledger of promises."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "promise(key): a build probe; its result goes into build/promises.json")
    if not hasattr(config, "workerinput"):  # the controller collects for all workers
        config.pluginmanager.register(Ledger(), "promise-ledger")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("promise"):
            item.user_properties.extend(("promise", key) for key in mark.args)


class Ledger:
    """Counts passed and failed tests per promise in one run."""

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, bool]] = {}
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, key in report.user_properties:
            if name == "promise":
                passed = self.tests.setdefault(str(key), {})
                good = report.passed and not report.skipped
                passed[report.nodeid] = passed.get(report.nodeid, True) and good
                self.seconds[str(key)] = self.seconds.get(str(key), 0) + report.duration

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        yield
        if self.tests and not session.config.option.collectonly:
            write(self.tests, self.seconds)


def write(tests: dict[str, dict[str, bool]], seconds: dict[str, float]) -> None:
    """Merges this run into the file; keys that were not run keep their last result, with its commit."""
    from core.commit import current_commit
    from core.promises import build_file, read_build_results

    results = read_build_results()
    for key, nodes in tests.items():
        good = sum(nodes.values())
        results[key] = {
            "passed": good,
            "failed": len(nodes) - good,
            "ran_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "ms": round(seconds[key] * 1000),
            "commit": current_commit(),
        }
    file = build_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}")
    aside.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(aside, file)
