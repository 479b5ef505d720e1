"""Runs probes and keeps their results; the last results are what the pages show (P1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from core.commit import current_commit
from core.promises import Outcome, Probe, ProbeKind, Result, registry, run_probe
from policies.actions import store_probe_days, store_probe_runs
from policies.models import Doubt, ProbeRun
from policies.queries import list_doubts, probe_runs

FRESH = timedelta(hours=1)  # a live probe runs every 15 minutes


@dataclass(frozen=True)
class Standing:
    """How a probe stands by its last stored result; a doubt about it counts more than its result."""

    probe: Probe
    outcome: Outcome
    run: ProbeRun | None
    doubt: Doubt | None = None


def prove(keys: Iterable[str] | None = None) -> list[Result]:
    """Runs these probes (all), stores each result that there is, and returns them in the order of their rows."""
    wanted = set(keys) if keys is not None else None
    probes = [one for one in registry if wanted is None or one.key in wanted]
    results = [run_probe(one) for one in sorted(probes, key=_by_row)]
    store_probe_runs(
        runs=[
            ProbeRun(
                key=result.probe.key,
                holds=result.outcome is not Outcome.BROKEN,
                figure=result.figure[:300],
                ran_at=result.ran_at,
                took_ms=result.took_ms,
                commit=result.commit,
            )
            for result in results
            if result.ran_at is not None
        ]
    )
    doubted = list_doubts()
    store_probe_days(
        results={
            result.probe.key: (Outcome.BROKEN if result.probe.key in doubted else result.outcome, result.figure)
            for result in results
        }
    )
    return results


def standings() -> dict[str, Standing]:
    """Every registered probe with its last stored result; late where that is missing, old or of another commit."""
    runs, doubted = probe_runs(), list_doubts()
    found = {}
    for one in registry:
        run, doubt = runs.get(one.key), doubted.get(one.key)
        found[one.key] = Standing(one, Outcome.BROKEN if doubt else _judge(one, run), run, doubt)
    return found


def _judge(one: Probe, run: ProbeRun | None) -> Outcome:
    if run is None:
        return Outcome.LATE
    if not run.holds:
        return Outcome.BROKEN
    if one.kind is ProbeKind.LIVE:
        return Outcome.LATE if run.ran_at < timezone.now() - FRESH else Outcome.KEPT
    return Outcome.KEPT if run.commit == current_commit() else Outcome.LATE


def _by_row(one: Probe) -> tuple[str, int, str]:
    first = one.rows[0] if one.rows else "Z0"
    return first[0].replace("P", "T"), int(first[1:] or 0), one.key
