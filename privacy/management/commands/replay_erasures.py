"""`manage.py replay_erasures`: after a restore, erases again whom this site had erased since the backup."""

from typing import Any

from django.core.management.base import BaseCommand

from privacy.actions.erasing import replay_erasures


class Command(BaseCommand):
    help = "Erases again the people and accounts whose hashes stand in VAR/erased. `restore` calls it."

    def handle(self, *args: Any, **options: Any) -> None:
        done = replay_erasures()
        self.stdout.write(f"Erased again: {done['people']} people, {done['accounts']} accounts.")
