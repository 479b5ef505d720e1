"""What the ledger of promises shows: every sentence in force that has a check, with its last result."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.promises import Outcome, ProbeKind
from policies.coverage import list_promises
from policies.models import ProbeRun, Sentence, Version
from policies.proving import Standing, standings

RUNS_EVERY = timedelta(minutes=15)  # at each quarter of an hour (livechat.ticks)
SHOWN = 4  # promises of a section that are open to the eye; what is not kept is always among them


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
class Group:
    """A section: what it shows at once, what is not kept first, and what stands behind a fold."""

    title: str
    shown: list[Line]
    folded: list[Line]


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

    @property
    def next_in(self) -> int | None:
        """Minutes until the live checks run again (1 to 15), None while they are late or never ran."""
        now = timezone.now()
        if self.last_run is None or now - self.last_run > 2 * RUNS_EVERY:
            return None
        every = RUNS_EVERY // timedelta(minutes=1)
        return every - now.minute % every

    def groups(self, only: Outcome | None = None) -> list[Group]:
        """The promises by section, or those of one outcome only."""
        wanted = [line for line in self.lines if only is None or line.outcome is only]
        return [_group(title, list(lines)) for title, lines in itertools.groupby(wanted, key=lambda line: line.heading)]


def _group(title: str, lines: list[Line]) -> Group:
    """One more than are shown is shown too: nobody unfolds for a single line."""
    bad = [line for line in lines if line.outcome is not Outcome.KEPT]
    kept = [line for line in lines if line.outcome is Outcome.KEPT]
    room = max(SHOWN - len(bad), 0)
    if len(kept) <= room + 1:
        room = len(kept)
    return Group(title, [*bad, *kept[:room]], kept[room:])


def read_ledger() -> Ledger:
    """The ledger of the texts in force; empty before there is one (P1)."""
    found = standings()
    sentences = list_promises()
    versions = {one.version.kind: one.version.number for one in sentences}
    pages = {kind: reverse(f"policies:{kind}_version", args=[number]) for kind, number in versions.items()}
    lines = [Line(one, found[one.probe], f"{pages[one.version.kind]}#{one.ident}") for one in sentences]
    return Ledger(versions, lines)
