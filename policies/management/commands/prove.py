"""`manage.py prove`: runs every probe, prints promise, evidence and result, and exits 1 when one is broken."""

import json
import logging
import textwrap
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.promises import Outcome, Result, registry
from policies.proving import prove

WIDTHS = (14, 26, 58, 6)


class Command(BaseCommand):
    help = "Runs the probes of all promises; exits 1 on a broken one (with --strict also on a late one)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("keys", nargs="*", metavar="KEY", help="probes to run; left out: all")
        parser.add_argument("--json", action="store_true", help="the results as JSON")
        parser.add_argument("--strict", action="store_true", help="a late result fails too")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = [key for key in options["keys"] if key not in registry]
        if unknown:
            raise CommandError(f"There is no probe {', '.join(unknown)}.")
        logging.disable(logging.WARNING)  # some probes ask for pages, and each would write a line between the results
        try:
            results = prove(options["keys"] or None)
        finally:
            logging.disable(logging.NOTSET)
        if options["json"]:
            self.stdout.write(json.dumps([as_json(result) for result in results], indent=1))
        else:
            self._table(results)
        bad = {Outcome.BROKEN, Outcome.LATE} if options["strict"] else {Outcome.BROKEN}
        found = [result.probe.key for result in results if result.outcome in bad]
        if found:
            raise CommandError(f"Not proved: {', '.join(found)}")

    def _table(self, results: list[Result]) -> None:
        styles = {Outcome.KEPT: self.style.SUCCESS, Outcome.LATE: self.style.WARNING, Outcome.BROKEN: self.style.ERROR}
        self._line(("PROMISE", "PROBE", "EVIDENCE", "RESULT"))
        for result in results:
            cells = (" ".join(result.probe.rows), result.probe.key, result.figure, result.outcome.value)
            self._line(cells, styles[result.outcome])
        counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
        self.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))

    def _line(self, cells: tuple[str, ...], style: Any = None) -> None:
        columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
        for number in range(max(map(len, columns))):
            parts = [
                (column[number] if number < len(column) else "").ljust(width)
                for column, width in zip(columns, WIDTHS, strict=True)
            ]
            if style and number == 0:
                parts[-1] = style(parts[-1].strip())
            self.stdout.write("  ".join(parts).rstrip())


def as_json(result: Result) -> dict[str, Any]:
    """One result for programs."""
    return {
        "probe": result.probe.key,
        "kind": result.probe.kind.value,
        "rows": list(result.probe.rows),
        "how": str(result.probe.how),
        "result": result.outcome.value,
        "figure": result.figure,
        "ran_at": result.ran_at.isoformat() if result.ran_at else None,
        "took_ms": result.took_ms,
        "commit": result.commit,
    }
