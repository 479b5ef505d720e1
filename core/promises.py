"""The registry of probes: each is a function that looks for evidence that a promise holds (P1)."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.commit import current_commit

LONGEST_MS = 2000  # a live probe that takes longer is late
READS = ("SELECT", "WITH", "EXPLAIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET", "SHOW")


class ProbeKind(StrEnum):
    """`live` looks at this installation, read-only, within 2 s; `build` is a test whose result is shipped."""

    LIVE = "live"
    BUILD = "build"


class Outcome(StrEnum):
    """What a probe says of its promise; `late`: there is no fresh result."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"


@dataclass(frozen=True)
class Evidence:
    """What a probe saw. `figure` is a short fact with a number ("6 fields asked, 0 undeclared")."""

    holds: bool
    figure: str


@dataclass(frozen=True)
class Probe:
    """One check. `key` is its name in `policies/texts/*.toml`; `how` says in one sentence what it looks at."""

    key: str
    rows: tuple[str, ...]
    how: Any
    kind: ProbeKind
    run: Callable[[], Evidence]


@dataclass(frozen=True)
class Result:
    """The outcome of one probe, when it was found and of which commit."""

    probe: Probe
    outcome: Outcome
    figure: str
    ran_at: datetime | None
    took_ms: int = 0
    commit: str = ""


class ProbeRegistry:
    """Every probe by key, filled from `promises.py` of each app."""

    def __init__(self) -> None:
        self._probes: dict[str, Probe] = {}

    def probe(
        self, key: str, *, rows: tuple[str, ...], how: Any
    ) -> Callable[[Callable[[], Evidence]], Callable[[], Evidence]]:
        """Decorator: registers the function as the live probe `key`. Raises ValueError when the key is taken."""

        def add(run: Callable[[], Evidence]) -> Callable[[], Evidence]:
            self._add(Probe(key, rows, how, ProbeKind.LIVE, run))
            return run

        return add

    def build(self, key: str, *, rows: tuple[str, ...], how: Any) -> None:
        """Registers a build probe: the tests marked `@pytest.mark.promise(key)`. Raises ValueError as `probe` does."""
        self._add(Probe(key, rows, how, ProbeKind.BUILD, lambda: _build_evidence(key)))

    def _add(self, new: Probe) -> None:
        if new.key in self._probes:
            raise ValueError(f"probe {new.key} is registered twice")
        self._probes[new.key] = new

    def find(self, key: str) -> Probe:
        """The probe of that key. Raises KeyError."""
        return self._probes[key]

    def __iter__(self) -> Iterator[Probe]:
        return iter(self._probes.values())

    def __contains__(self, key: str) -> bool:
        return key in self._probes


registry = ProbeRegistry()
probe = registry.probe
build = registry.build


# ---- Results of build probes: written by `make test`, shipped with the code -----------------------------
def build_file() -> Path:
    """Where `make test` writes the results of the build probes."""
    return Path(settings.BASE_DIR) / "build" / "promises.json"


def read_build_results() -> dict[str, dict[str, Any]]:
    """Per key: `passed`, `failed`, `ran_at` (ISO) and `commit`; empty where no tests were run."""
    try:
        results: dict[str, dict[str, Any]] = json.loads(build_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return results


def _build_evidence(key: str) -> Evidence:
    found = read_build_results().get(key, {"passed": 0, "failed": 0})
    passed, total = found["passed"], found["passed"] + found["failed"]
    figure = ngettext("%(passed)d of %(total)d test passed", "%(passed)d of %(total)d tests passed", total)
    return Evidence(bool(total) and passed == total, figure % {"passed": passed, "total": total})


# ---- Running ---------------------------------------------------------------------------------------------
class ProbeWrote(RuntimeError):
    """A probe tried to change the database."""


@contextmanager
def reading_only() -> Iterator[None]:
    """Inside it a statement that is not a read raises ProbeWrote."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip(" (\n").upper().startswith(READS):
            raise ProbeWrote(sql[:80])
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(refuse))
        yield


def run_probe(one: Probe) -> Result:
    """Runs one probe. A probe that raises is broken; one that takes over 2 s, or has no fresh tests, is late."""
    return _run_live(one) if one.kind is ProbeKind.LIVE else _read_build(one)


def _run_live(one: Probe) -> Result:
    began, now = time.perf_counter(), timezone.now()
    try:
        with reading_only():
            evidence = one.run()
    except Exception as error:  # a probe that cannot look has found nothing; the ledger says so
        evidence = Evidence(False, _("the check failed: %(error)s") % {"error": type(error).__name__})
    took = round((time.perf_counter() - began) * 1000)
    outcome = Outcome.KEPT if evidence.holds else Outcome.BROKEN
    if evidence.holds and took > LONGEST_MS:
        outcome = Outcome.LATE
    return Result(one, outcome, evidence.figure, now, took, current_commit())


def _read_build(one: Probe) -> Result:
    found = read_build_results().get(one.key)
    if found is None:
        return Result(one, Outcome.LATE, _("not run on this code yet"), None)
    evidence = one.run()
    outcome = Outcome.KEPT if evidence.holds else Outcome.BROKEN
    if evidence.holds and found["commit"] != current_commit():
        outcome = Outcome.LATE
    return Result(
        one, outcome, evidence.figure, datetime.fromisoformat(found["ran_at"]), int(found["ms"]), found["commit"]
    )
