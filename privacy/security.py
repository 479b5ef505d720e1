"""The dated log of controls and the steps after a breach, read from security.toml (S77)."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent / "security.toml"
GOOD_FOR = timedelta(days=364)  # after the last look; RFC 9116 advises less than a year


@dataclass(frozen=True)
class Control:
    """One thing that we do, since when, and when it was last looked at. `probe` is the check that watches it."""

    title: str
    text: str
    since: date
    checked: date
    probe: str


@dataclass(frozen=True)
class Step:
    """One step of the procedure after a breach."""

    when: str
    text: str


@dataclass(frozen=True)
class SecurityLog:
    """Everything of the file; the newest look comes first."""

    controls: tuple[Control, ...]
    steps: tuple[Step, ...]

    @property
    def checked(self) -> date:
        """The day of the oldest look: before it nothing was left out."""
        return min(one.checked for one in self.controls)

    @property
    def expires_at(self) -> datetime:
        """Until when the page and security.txt count as fresh."""
        return datetime.combine(self.checked + GOOD_FOR, time(), UTC)


@cache
def read_log() -> SecurityLog:
    """The log as it was shipped with this code."""
    found = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    controls = sorted(
        (Control(**one) for one in found["control"]), key=lambda one: (one.checked, one.since), reverse=True
    )
    return SecurityLog(tuple(controls), tuple(Step(**one) for one in found["step"]))
