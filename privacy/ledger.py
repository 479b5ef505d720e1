"""What the ledger of promises shows: every sentence in force that has a check, with its last result."""

import itertools
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.promises import Outcome, ProbeKind
from policies.coverage import list_promises
from policies.models import ProbeRun, Sentence, Version
from policies.proving import Standing, standings


@dataclass(frozen=True)
class Line:
    """One promise of the ledger."""

    sentence: Sentence
    standing: Standing
    link: str

    @property
    def outcome(self) -> Outcome:
        return self.standing.outcome

    @property
    def heading(self) -> str:
        """The section that it stands in; those of the terms say so."""
        if self.sentence.version.kind == Version.Kind.POLICY:
            return self.sentence.section
        return _("Terms: %(section)s") % {"section": self.sentence.section}


@dataclass(frozen=True)
class Ledger:
    """All promises of the policy and of the terms in force; `versions` are their numbers by kind of text."""

    versions: dict[str, int]
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
        """The promises by section, or those of one outcome only."""
        shown = [line for line in self.lines if only is None or line.outcome is only]
        return [(title, list(group)) for title, group in itertools.groupby(shown, key=lambda line: line.heading)]


def read_ledger() -> Ledger:
    """The ledger of the texts in force; empty before there is one (P1)."""
    found = standings()
    sentences = list_promises()
    versions = {one.version.kind: one.version.number for one in sentences}
    pages = {kind: reverse(f"policies:{kind}_version", args=[number]) for kind, number in versions.items()}
    lines = [Line(one, found[one.probe], f"{pages[one.version.kind]}#{one.ident}") for one in sentences]
    return Ledger(versions, lines)
