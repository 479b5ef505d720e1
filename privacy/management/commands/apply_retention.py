"""`manage.py apply_retention`: deletes and empties what the data map says is over."""

from typing import Any

from django.core.management.base import BaseCommand

from privacy.actions.retention import apply_retention


class Command(BaseCommand):
    help = "Applies the times of the data map: deletes expired rows and empties expired fields."

    def handle(self, *args: Any, **options: Any) -> None:
        done = apply_retention()
        for name, count in done.items():
            self.stdout.write(f"{name}: {count}")
        if not done:
            self.stdout.write("Nothing is over its time.")
