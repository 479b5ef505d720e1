"""What the ledger of promises shows: every sentence in force that has a check, with its last result."""

import itertools
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from core.promises import Outcome, ProbeKind
from policies.models import ProbeRun, Sentence, Version
from policies.proving import Standing, standings
from policies.queries import find_version_in_force, list_sentences


@dataclass(frozen=True)
class Line:
    """One promise of the ledger."""

    sentence: Sentence
    standing: Standing
    link: str

    @property
    def outcome(self) -> Outcome:
        return self.standing.outcome


@dataclass(frozen=True)
class Ledger:
    """All promises of the policy in force."""

    version: Version | None
    lines: list[Line]

    def count(self, outcome: Outcome) -> int:
        """How many promises stand like this."""
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def live_runs(self) -> list[ProbeRun]:
        """The last results of the live checks, each once."""
        runs = {line.standing.probe.key: line.standing for line in self.lines}
        return [one.run for one in runs.values() if one.run and one.probe.kind is ProbeKind.LIVE]

    @property
    def last_run(self) -> datetime | None:
        """The end of the last run of the live checks."""
        return max((run.ran_at for run in self.live_runs), default=None)

    @property
    def seconds(self) -> float:
        """How long the live checks took together."""
        return sum(run.took_ms for run in self.live_runs) / 1000

    def groups(self, only: Outcome | None = None) -> list[tuple[str, list[Line]]]:
        """The promises by section of the policy, or those of one outcome only."""
        shown = [line for line in self.lines if only is None or line.outcome is only]
        return [
            (title, list(group)) for title, group in itertools.groupby(shown, key=lambda line: line.sentence.section)
        ]


def read_ledger() -> Ledger:
    """The ledger of the policy in force; empty before there is one (P1)."""
    version = find_version_in_force(Version.Kind.POLICY)
    if version is None:
        return Ledger(None, [])
    found = standings()
    page = reverse("policies:policy_version", args=[version.number])
    lines = [
        Line(sentence, found[sentence.probe], f"{page}#{sentence.ident}")
        for sentence in list_sentences(version)
        if sentence.probe in found
    ]
    return Ledger(version, lines)
