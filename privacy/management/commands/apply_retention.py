"""`manage.py apply_retention`: deletes and empties what the data map says is over."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from privacy.actions.retention import apply_retention
from privacy.queries.retention import count_due


class Command(BaseCommand):
    help = "Applies the times of the data map: deletes expired rows and empties expired fields."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what would go; nothing is changed")

    def handle(self, *args: Any, **options: Any) -> None:
        done = count_due() if options["dry_run"] else apply_retention()
        for name, count in done.items():
            self.stdout.write(f"{name}: {count}")
        if not done:
            self.stdout.write("Nothing is over its time.")
        elif options["dry_run"]:
            self.stdout.write("Nothing was changed. What hangs on these rows goes with them.")
